"""Accepts commands about want-to-buy lists, products and the cart page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.errors import StoreUnavailable
from gateway.index.writer import IndexWriter
from gateway.mutation_progress import begin_step
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.message import OutboxMessage
from gateway.outbox.outcomes import RemovedLine, ShoppingListOutcome, refusals
from gateway.outbox.supersession import SUPERSEDES
from gateway.ports import WireForm
from gateway.store.engine import Transaction
from gateway.store.mutation_receipts import write_receipt
from gateway.store.object_changes import NewObjectChange
from gateway.store.outbox import QueueKey
from gateway.store.pushes import NewPush
from gateway.store.store import Store
from schema.errors import UserError
from schema.key import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoppingListPush:
    """One push; those of the same aggregate are sent in order."""

    aggregate: str
    message: OutboxMessage
    #: GraphQL type and platform id of what is pushed.
    subject: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a command did to the ledger."""

    #: The lines that it removed.
    removed: list[RemovedLine] = field(default_factory=list)
    #: For the feed; the caller appends them.
    changes: Sequence[NewObjectChange] = ()


class ShoppingListCommand(Protocol):
    """A change of shopping lists: validated input as a plain value."""

    @property
    def shop(self) -> str:
        """The key of the shop."""

    @property
    def names(self) -> Sequence[str]:
        """Ids in the ledger of what is changed; one for each push, or none."""

    def pushes(self) -> list[ShoppingListPush]:
        """The pushes that carry the change to the platform."""

    async def apply(self, store: Store, transaction: Transaction) -> Applied:
        """Writes the ledger."""


class ShoppingListIntake:
    """Writes commands to the ledger and the outbox, and delivers them at once where possible."""

    def __init__(
        self, store: Store, dispatcher: Dispatcher, index: IndexWriter | None = None
    ) -> None:
        """`index` is written in the same transactions; None: there is none."""
        self._index = index
        self._store = store
        self._dispatcher = dispatcher

    async def carry_out(
        self,
        command: ShoppingListCommand,
        pushes: Sequence[ShoppingListPush],
        forms: Sequence[WireForm],
        warnings: Sequence[UserError],
    ) -> ShoppingListOutcome:
        """Accepts a command with its pushes and their wire forms, then tries to deliver.

        `warnings` are kept in the outcome.

        What is accepted stays accepted, whatever happens to the delivery. The outcome is kept in
        the same transaction, as the answer to a repetition under the same idempotency key.

        Raises:
            StoreUnavailable: nothing was accepted.
            IdempotencyInProgress: nothing was accepted; another request does it.
        """
        shop = command.shop
        async with self._store.transaction() as transaction:
            # First: the numbers lock the shop's shopping list until the transaction ends.
            numbers = await self._store.counters.take(transaction, f"goods/{shop}", len(pushes))
            applied = await command.apply(self._store, transaction)
            await self._put_into_index(transaction, shop, pushes)
            push_ids = [
                await self._queue(transaction, shop, push, version)
                for push, version in zip(pushes, numbers, strict=True)
            ]
            outcome = ShoppingListOutcome(
                names=list(command.names),
                push_ids=push_ids,
                removed=applied.removed,
                warnings=refusals(warnings),
            )
            subjects = [Key(kind, shop, name) for kind, name in (one.subject for one in pushes)]
            await write_receipt(transaction, outcome, subjects)
            lines = [QueueKey(shop, push.aggregate) for push in pushes]
            claimed = await self._dispatcher.claim(transaction, lines)
            # Last: others wait for the cursor from here to the commit.
            await self._store.object_changes.append(transaction, applied.changes)
        begin_step()
        try:
            await self._dispatcher.deliver(claimed, dict(zip(push_ids, forms, strict=True)))
        except StoreUnavailable:
            # The pushes are kept; the dispatch loop goes on once the store is back.
            return outcome
        return outcome

    async def _put_into_index(
        self, transaction: Transaction, shop: str, pushes: Sequence[ShoppingListPush]
    ) -> None:
        names = [name for kind, name in (one.subject for one in pushes) if kind == "Product"]
        if self._index is not None and names:
            stored = await self._store.products.get_many(shop, names, within=transaction)
            await self._index.put_stored_products(transaction, stored.values())

    async def _queue(
        self, transaction: Transaction, shop: str, push: ShoppingListPush, version: int
    ) -> int:
        kind, name = push.subject
        new = NewPush(
            shop=shop,
            operation=push.message.operation,
            aggregate=push.aggregate,
            version=version,
            payload=push.message.payload,
            personal=push.message.personal,
            subject_kind=kind,
            subject_id=name,
        )
        push_id = await self._store.pushes.add(transaction, new)
        if superseded := SUPERSEDES.get(push.message.operation):
            await self._store.outbox.supersede(
                transaction, QueueKey(shop, push.aggregate), push_id, superseded
            )
        return push_id
