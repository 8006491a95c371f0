"""Accepts what is to become of orders: ledger, outbox and changes in one transaction."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from gateway.errors import GatewayError, StoreUnavailable
from gateway.ledger.seen_products import products_seen
from gateway.mutation_progress import begin_step
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.message import OrderPayload, written
from gateway.outbox.supersession import SUPERSEDES
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from gateway.store.engine import Transaction
from gateway.store.mutation_receipts import write_receipt
from gateway.store.order_changes import NewOrderChange
from gateway.store.orders import StoredOrder
from gateway.store.outbox import ClaimedPush, QueueKey
from gateway.store.pushes import NewPush
from gateway.store.store import Store

#: How often a transaction is begun anew because others brought the same new order in.
_TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentState:
    """What the ledger has of an order; it stays so until the transaction ends."""

    #: None where there is none, or it was deleted.
    order: StoredOrder | None
    after_sales: Sequence[AfterSaleDocument] = ()
    #: The row's version, a deleted order's too; 0 where there is no row.
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of an order."""

    #: A PushOperation; None: it is recorded and not sent.
    operation: str | None
    document: OrderDocument
    personal: OrderPersonal | None
    #: All it has from now on; None: those it had.
    after_sales: Sequence[AfterSaleDocument] | None = None
    #: The ids of those that the push is about.
    named: tuple[str, ...] = ()
    #: What the push is about, where it is not the order: GraphQL type and platform's id.
    subject: tuple[str, str] | None = None
    #: The platform has the order already, and is to take this one instead.
    replaces: bool = False
    #: Why it is not sent yet: it waits until somebody lets it go (`letting_go`).
    waits: str | None = None
    #: The order disappears from the ledger's reads.
    deletes: bool = False
    #: An OrderChangeCause.
    cause: str = "MUTATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something about one order; `decide` is given what is known and may raise GatewayError."""

    shop: str
    platform_id: str
    decide: Callable[[CurrentState], Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A command that was written down; `push_id` is None where nothing is to be sent."""

    version: int
    push_id: int | None


IntakeResult = Accepted | GatewayError


class ConcurrentInsert(GatewayError):
    """Somebody else brought in the same new order meanwhile."""


@dataclass(slots=True)
class _Written:
    """What one transaction leaves to do at its end."""

    answers: list[IntakeResult] = field(default_factory=list)
    lines: list[QueueKey] = field(default_factory=list)
    changes: list[NewOrderChange] = field(default_factory=list)


class OrderIntake:
    """Writes commands down and delivers them at once, as far as that is possible."""

    def __init__(
        self, store: Store, dispatcher: Dispatcher, on_change: Callable[[], Awaitable[None]]
    ) -> None:
        """`on_change` is called after a commit that left changes of orders."""
        self._store = store
        self._dispatcher = dispatcher
        self._on_change = on_change

    async def carry_out(
        self,
        commands: Sequence[Command],
        receipt: Callable[[Sequence[IntakeResult]], msgspec.Struct],
    ) -> list[IntakeResult]:
        """Accepts the commands together, then tries to deliver; each has its own answer.

        No two may be about the same order. What is accepted stays accepted, whatever happens
        to the delivery. `receipt` makes of the answers what a repetition under the same
        idempotency key is told; it is kept in the same transaction.

        Raises:
            StoreUnavailable: nothing was accepted.
            IdempotencyInProgress: nothing was accepted; another request does it.
        """
        answers, claimed = await self._accepted(commands, receipt)
        if any(isinstance(answer, Accepted) for answer in answers):
            begin_step()
        await self._on_change()
        try:
            await self._dispatcher.deliver(claimed)
        except StoreUnavailable:
            # It is kept; once the store is back, the worker goes on.
            return answers
        return answers

    async def accept(
        self, transaction: Transaction, commands: Sequence[Command]
    ) -> list[IntakeResult]:
        """Writes the commands down in the caller's transaction; the worker delivers them."""
        report = await self._write(transaction, commands)
        await self._store.order_changes.append(transaction, report.changes)
        return report.answers

    async def _accepted(
        self,
        commands: Sequence[Command],
        receipt: Callable[[Sequence[IntakeResult]], msgspec.Struct],
    ) -> tuple[list[IntakeResult], list[ClaimedPush]]:
        for left in reversed(range(_TRIES)):
            try:
                async with self._store.transaction() as transaction:
                    report = await self._write(transaction, commands)
                    if any(isinstance(answer, Accepted) for answer in report.answers):
                        await write_receipt(transaction, receipt(report.answers))
                    claimed = await self._dispatcher.claim(transaction, report.lines)
                    # Last: others wait for the cursor from here to the commit.
                    await self._store.order_changes.append(transaction, report.changes)
            except ConcurrentInsert:
                if not left:
                    raise
            else:
                return report.answers, claimed
        raise AssertionError("the last try returns or raises")

    async def _write(self, transaction: Transaction, commands: Sequence[Command]) -> _Written:
        report = _Written()
        known = await self._lock(transaction, commands)
        for command in commands:
            found = known[command.shop, command.platform_id]
            try:
                decision = command.decide(found)
            except GatewayError as refusal:
                report.answers.append(refusal)
                continue
            report.answers.append(await self._put(transaction, command, found, decision, report))
        return report

    async def _lock(
        self, transaction: Transaction, commands: Sequence[Command]
    ) -> Mapping[tuple[str, str], CurrentState]:
        ids: defaultdict[str, list[str]] = defaultdict(list)
        for command in commands:
            ids[command.shop].append(command.platform_id)
        known = {}
        for shop in sorted(ids):
            orders = await self._store.orders.lock_many(transaction, shop, ids[shop])
            subs = await self._store.after_sales.of_orders(shop, ids[shop], within=transaction)
            for name in ids[shop]:
                order = orders.get(name)
                known[shop, name] = CurrentState(
                    order=None if order is None or order.deleted else order,
                    after_sales=[one.document for one in subs.get(name, ())],
                    version=0 if order is None else order.version,
                )
        return known

    async def _put(
        self,
        transaction: Transaction,
        command: Command,
        known: CurrentState,
        decision: Decision,
        report: _Written,
    ) -> Accepted:
        version = await self._put_order(transaction, command, known, decision)
        push_id = None
        if decision.operation is not None:
            push_id = await self._queue(transaction, command, known, decision, version)
            if decision.waits is None:
                report.lines.append(QueueKey(command.shop, _aggregate(command)))
        report.changes.append(_change(command, known, decision))
        return Accepted(version=version, push_id=push_id)

    async def _put_order(
        self, transaction: Transaction, command: Command, known: CurrentState, decision: Decision
    ) -> int:
        store = self._store
        if decision.deletes:
            hidden = await store.orders.delete(transaction, command.shop, command.platform_id)
            assert hidden is not None  # noqa: S101 - it was locked, and not deleted
            return hidden
        version = await store.orders.put(
            transaction, command.shop, decision.document, decision.personal
        )
        if version != known.version + 1:
            # Rows that are there were locked: another one brought the same new order in.
            raise ConcurrentInsert("The order came in from elsewhere at the same time.")
        if decision.after_sales is not None:
            await store.after_sales.delete_of_order(transaction, command.shop, command.platform_id)
            await store.after_sales.put_many(transaction, command.shop, decision.after_sales)
        seen = products_seen([decision.document])
        await store.products.put_many(transaction, command.shop, seen)
        return version

    async def _queue(
        self,
        transaction: Transaction,
        command: Command,
        known: CurrentState,
        decision: Decision,
        version: int,
    ) -> int:
        assert decision.operation is not None  # noqa: S101 - asked before
        after_sales = known.after_sales if decision.after_sales is None else decision.after_sales
        payload = OrderPayload(
            order=decision.document,
            after_sales=tuple(after_sales),
            named=decision.named,
            replaces=decision.replaces,
        )
        kind, name = decision.subject or ("Order", command.platform_id)
        push = NewPush(
            shop=command.shop,
            operation=decision.operation,
            aggregate=_aggregate(command),
            version=version,
            payload=written(payload),
            personal=decision.personal,
            subject_kind=kind,
            subject_id=name,
            order_id=command.platform_id,
        )
        push_id = await self._store.pushes.add(transaction, push)
        if covered := SUPERSEDES.get(decision.operation):
            line = QueueKey(command.shop, _aggregate(command))
            await self._store.outbox.supersede(transaction, line, push_id, covered)
        if decision.waits is not None:
            await self._store.outbox.hold(transaction, push_id, decision.waits)
        return push_id


def _aggregate(command: Command) -> str:
    return f"order/{command.platform_id}"


def _change(command: Command, known: CurrentState, decision: Decision) -> NewOrderChange:
    before = known.order.document.status if known.order else None
    return NewOrderChange(
        shop=command.shop,
        platform_id=command.platform_id,
        status=None if decision.deletes else decision.document.status,
        previous_status=before,
        cause="DELETED" if decision.deletes else decision.cause,
        open_id=decision.personal.open_id if decision.personal else None,
        created_at=decision.document.created_at,
    )
