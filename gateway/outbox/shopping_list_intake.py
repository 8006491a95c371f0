"""Accepts what is to become of want-to-buy lists, products and the cart page."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from gateway.errors import StoreUnavailable
from gateway.mutation_progress import begin_step
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.message import OutboxMessage
from gateway.outbox.supersession import SUPERSEDES
from gateway.store.engine import Transaction
from gateway.store.mutation_receipts import write_receipt
from gateway.store.outbox import QueueKey
from gateway.store.pushes import NewPush
from gateway.store.store import Store

T = TypeVar("T")
R = TypeVar("R", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoppingListCommand:
    """One thing to tell the platform; what is told of the same aggregate follows in order."""

    aggregate: str
    message: OutboxMessage
    #: GraphQL type and platform id of what is pushed.
    subject: tuple[str, str]


class ShoppingListIntake:
    """Writes commands down and delivers them at once, as far as that is possible."""

    def __init__(self, store: Store, dispatcher: Dispatcher) -> None:
        self._store = store
        self._dispatcher = dispatcher

    async def carry_out(
        self,
        shop: str,
        keep: Callable[[Transaction], Awaitable[T]],
        commands: Sequence[ShoppingListCommand],
        receipt: Callable[[T, list[int]], R],
    ) -> R:
        """The receipt, made of what `keep` gave and of the pushes' ids, in the commands' order.

        `keep` writes the ledger in the same transaction, and the receipt is kept in it for
        whoever repeats this under the same idempotency key. What is accepted stays accepted,
        whatever happens to the delivery.

        Raises:
            StoreUnavailable: nothing was accepted.
            IdempotencyInProgress: nothing was accepted; another request does it.
        """
        async with self._store.transaction() as transaction:
            # First: the numbers keep others from the shop's goods until the transaction ends.
            numbers = await self._store.counting.take(transaction, f"goods/{shop}", len(commands))
            kept = await keep(transaction)
            ids = [
                await self._queue(transaction, shop, command, version)
                for command, version in zip(commands, numbers, strict=True)
            ]
            done = receipt(kept, ids)
            await write_receipt(transaction, done)
            lines = [QueueKey(shop, command.aggregate) for command in commands]
            claimed = await self._dispatcher.claim(transaction, lines)
        begin_step()
        try:
            await self._dispatcher.deliver(claimed)
        except StoreUnavailable:
            # It is kept; once the store is back, the worker goes on.
            return done
        return done

    async def _queue(
        self, transaction: Transaction, shop: str, command: ShoppingListCommand, version: int
    ) -> int:
        kind, name = command.subject
        push = NewPush(
            shop=shop,
            operation=command.message.operation,
            aggregate=command.aggregate,
            version=version,
            payload=command.message.payload,
            personal=command.message.personal,
            subject_kind=kind,
            subject_id=name,
        )
        push_id = await self._store.pushes.add(transaction, push)
        if covered := SUPERSEDES.get(command.message.operation):
            await self._store.outbox.supersede(
                transaction, QueueKey(shop, command.aggregate), push_id, covered
            )
        return push_id
