"""Accepts commands about orders: ledger, outbox, changes and receipt in one transaction."""

import dataclasses
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from msgspec import structs

from gateway.errors import GatewayError, StoreUnavailable
from gateway.ledger.seen_products import products_seen
from gateway.mutation_progress import begin_step, note_buyer
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.message import OrderPayload, written
from gateway.outbox.outcomes import OrderOutcome, OrderOutcomes, refusals
from gateway.outbox.supersession import SUPERSEDES
from gateway.ports import WireForm
from gateway.ports.writing.problems import InputRefused, Path
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from gateway.store.engine import Transaction
from gateway.store.mutation_receipts import write_receipt
from gateway.store.order_changes import NewOrderChange
from gateway.store.orders import StoredOrder
from gateway.store.outbox import ClaimedPush, QueueKey
from gateway.store.pushes import NewPush
from gateway.store.store import Store
from schema.errors import ErrorCode, UserError
from schema.key import Key

#: Attempts at a transaction that loses to a concurrent insert of the same new order.
_TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentState:
    """An order as the ledger has it, locked until the transaction ends."""

    #: None: there is none, or it was deleted.
    order: StoredOrder | None
    after_sales: Sequence[AfterSaleDocument] = ()
    #: The version of the row, which a deleted order has too; 0: there is no row.
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a command makes of an order."""

    #: A PushOperation; None: recorded, not sent.
    operation: str | None
    document: OrderDocument
    personal: OrderPersonal | None
    #: All of its after-sales from now on; None: unchanged.
    after_sales: Sequence[AfterSaleDocument] | None = None
    #: Platform ids of the after-sales that the push sends.
    named: tuple[str, ...] = ()
    #: What is changed: the order, or its after-sales in `named`.
    changes: Literal["Order", "AfterSale"] = "Order"
    #: Errors of parts of the input that are left out.
    refusals: Sequence[UserError] = ()
    #: The platform has the order already and is to replace it.
    replaces: bool = False
    #: Why the push is held until `release_held`; None: it is sent.
    held: str | None = None
    #: The order disappears from the ledger's reads.
    deletes: bool = False
    #: An OrderChangeCause.
    cause: str = "MUTATION"
    #: What the platform's rules were checked on, which the first delivery sends; None: the delivery
    #: writes it.
    wire_form: WireForm | None = None

    def without_wire_form(self) -> "Decision":
        """The decision without a wire form for the first delivery."""
        return dataclasses.replace(self, wire_form=None)

    def sent_as(self, form: WireForm) -> "Decision":
        """The decision with its platform's form, and with the status codes in the documents."""
        codes, after_sales = form.codes, self.after_sales
        if codes is None:
            return dataclasses.replace(self, wire_form=form)
        if after_sales is not None:
            after_sales = [
                structs.replace(one, platform_status=code)
                for one, code in zip(after_sales, codes.after_sales, strict=False)
            ]
        document = structs.replace(self.document, platform_status=codes.order)
        return dataclasses.replace(self, document=document, after_sales=after_sales, wire_form=form)


class Command(Protocol):
    """A change of one order: validated input as a plain value."""

    @property
    def shop(self) -> str:
        """The key of the order's shop."""

    @property
    def platform_id(self) -> str:
        """The order's platform id."""

    @property
    def at(self) -> Path:
        """The path in the input that it was read from."""

    def apply(self, state: CurrentState) -> Decision:
        """The new state of the order. Pure: a restarted transaction applies it again.

        Raises:
            GatewayError: the command is refused; InputRefused, for the caller to fix.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A command that was written; `push_id` is None where nothing is sent."""

    version: int
    push_id: int | None
    decision: Decision


IntakeResult = Accepted | GatewayError


class ConcurrentInsert(GatewayError):
    """Another transaction inserted the same new order."""


@dataclass(slots=True)
class _Written:
    """What one transaction has written so far."""

    results: list[IntakeResult] = field(default_factory=list)
    lines: list[QueueKey] = field(default_factory=list)
    changes: list[NewOrderChange] = field(default_factory=list)

    @property
    def accepted(self) -> list[Accepted]:
        """The commands that were written."""
        return [result for result in self.results if isinstance(result, Accepted)]


class OrderIntake:
    """Writes commands to the ledger and the outbox, and delivers them at once where possible."""

    def __init__(
        self, store: Store, dispatcher: Dispatcher, on_change: Callable[[], Awaitable[None]]
    ) -> None:
        """`on_change` is called after a commit that left changes of orders."""
        self._store = store
        self._dispatcher = dispatcher
        self._on_change = on_change

    async def carry_out(self, entries: Sequence[Command | OrderOutcome]) -> OrderOutcomes:
        """Accepts the commands together, then tries to deliver; the outcomes are in entry order.

        An OrderOutcome among the entries was refused while the input was read, and stays as it is.
        No two commands may be about the same order. What is accepted stays accepted, whatever
        happens to the delivery. The outcomes are kept in the same transaction, as the answer to a
        repetition under the same idempotency key.

        Raises:
            StoreUnavailable: nothing was accepted.
            IdempotencyInProgress: nothing was accepted; another request does it.
            GatewayError: nothing was accepted, for a reason that the caller cannot fix.
        """
        commands = [entry for entry in entries if not isinstance(entry, OrderOutcome)]
        if not commands:
            return _in_order(entries, [])
        try:
            outcomes, report, claimed = await self._accepted(entries, commands)
        except ConcurrentInsert as conflict:
            return _in_order(entries, [_conflict(command, conflict) for command in commands])
        if report.accepted:
            begin_step()
        await self._on_change()
        try:
            await self._dispatcher.deliver(claimed, wire_forms(*report.accepted))
        except StoreUnavailable:
            # The pushes are kept; the dispatch loop goes on once the store is back.
            return outcomes
        return outcomes

    async def accept(
        self, transaction: Transaction, commands: Sequence[Command]
    ) -> list[IntakeResult]:
        """Writes the commands in the caller's transaction; the dispatch loop delivers them."""
        report = await self._write(transaction, commands)
        await self._store.order_changes.append(transaction, report.changes)
        return report.results

    async def _accepted(
        self, entries: Sequence[Command | OrderOutcome], commands: Sequence[Command]
    ) -> tuple[OrderOutcomes, _Written, list[ClaimedPush]]:
        for left in reversed(range(_TRIES)):
            try:
                async with self._store.transaction() as transaction:
                    report = await self._write(transaction, commands)
                    pairs = zip(commands, report.results, strict=True)
                    outcomes = _in_order(entries, [_outcome(*pair) for pair in pairs])
                    if report.accepted:
                        keys = [key for outcome in outcomes.orders for key in outcome.keys]
                        await write_receipt(transaction, outcomes, keys)
                    claimed = await self._dispatcher.claim(transaction, report.lines)
                    # Last: others wait for the cursor from here to the commit.
                    await self._store.order_changes.append(transaction, report.changes)
            except ConcurrentInsert:
                if not left:
                    raise
            else:
                return outcomes, report, claimed
        raise AssertionError("the last try returns or raises")

    async def _write(self, transaction: Transaction, commands: Sequence[Command]) -> _Written:
        report = _Written()
        states = await self._lock(transaction, commands)
        for command in commands:
            state = states[command.shop, command.platform_id]
            try:
                decision = command.apply(state)
            except GatewayError as refusal:
                report.results.append(refusal)
                continue
            report.results.append(await self._put(transaction, command, state, decision, report))
        return report

    async def _lock(
        self, transaction: Transaction, commands: Sequence[Command]
    ) -> Mapping[tuple[str, str], CurrentState]:
        ids: defaultdict[str, list[str]] = defaultdict(list)
        for command in commands:
            ids[command.shop].append(command.platform_id)
        states = {}
        for shop in sorted(ids):
            orders = await self._store.orders.lock_many(transaction, shop, ids[shop])
            subs = await self._store.after_sales.of_orders(shop, ids[shop], within=transaction)
            for name in ids[shop]:
                order = orders.get(name)
                states[shop, name] = CurrentState(
                    order=None if order is None or order.deleted else order,
                    after_sales=[one.document for one in subs.get(name, ())],
                    version=0 if order is None else order.version,
                )
        return states

    async def _put(
        self,
        transaction: Transaction,
        command: Command,
        state: CurrentState,
        decision: Decision,
        report: _Written,
    ) -> Accepted:
        before = state.order.found if state.order is not None else None
        for personal in (before, decision.personal):
            if isinstance(personal, OrderPersonal):
                note_buyer(command.shop, personal.buyer_id)
        version = await self._put_order(transaction, command, state, decision)
        push_id = None
        if decision.operation is not None:
            push_id = await self._queue(transaction, command, state, decision, version)
            if decision.held is None:
                report.lines.append(QueueKey(command.shop, _aggregate(command)))
        report.changes.append(_change(command, state, decision))
        return Accepted(version=version, push_id=push_id, decision=decision)

    async def _put_order(
        self, transaction: Transaction, command: Command, state: CurrentState, decision: Decision
    ) -> int:
        store = self._store
        if decision.deletes:
            hidden = await store.orders.delete(transaction, command.shop, command.platform_id)
            assert hidden is not None  # noqa: S101 - it is locked and not deleted
            return hidden
        version = await store.orders.put(
            transaction, command.shop, decision.document, decision.personal
        )
        if version != state.version + 1:
            # Existing rows are locked: another transaction inserted the same new order.
            raise ConcurrentInsert("Another request imported the same order at the same time.")
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
        state: CurrentState,
        decision: Decision,
        version: int,
    ) -> int:
        assert decision.operation is not None  # noqa: S101 - the caller checks
        after_sales = state.after_sales if decision.after_sales is None else decision.after_sales
        payload = OrderPayload(
            order=decision.document,
            after_sales=tuple(after_sales),
            named=decision.named,
            replaces=decision.replaces,
        )
        one_after_sale = decision.changes == "AfterSale" and len(decision.named) == 1
        kind = "AfterSale" if one_after_sale else "Order"
        push = NewPush(
            shop=command.shop,
            operation=decision.operation,
            aggregate=_aggregate(command),
            version=version,
            payload=written(payload),
            personal=decision.personal,
            subject_kind=kind,
            subject_id=decision.named[0] if one_after_sale else command.platform_id,
            order_id=command.platform_id,
        )
        push_id = await self._store.pushes.add(transaction, push)
        if covered := SUPERSEDES.get(decision.operation):
            line = QueueKey(command.shop, _aggregate(command))
            await self._store.outbox.supersede(transaction, line, push_id, covered)
        if decision.held is not None:
            await self._store.outbox.hold(transaction, push_id, decision.held)
        return push_id


def wire_forms(*accepted: Accepted) -> dict[int, WireForm]:
    """By push id, what the platform's rules were checked on."""
    return {
        one.push_id: form
        for one in accepted
        if one.push_id is not None and (form := one.decision.wire_form) is not None
    }


def _in_order(
    entries: Sequence[Command | OrderOutcome], of_commands: Sequence[OrderOutcome]
) -> OrderOutcomes:
    """The outcomes of all entries; `of_commands` are those of the commands among them."""
    rest = iter(of_commands)
    return OrderOutcomes(
        [entry if isinstance(entry, OrderOutcome) else next(rest) for entry in entries]
    )


def _outcome(command: Command, result: IntakeResult) -> OrderOutcome:
    if isinstance(result, InputRefused):
        return OrderOutcome.refused(command.at, result.errors)
    if isinstance(result, GatewayError):
        raise result
    return OrderOutcome(
        at=command.at,
        keys=_changed_keys(command, result.decision),
        push_id=result.push_id,
        refusals=refusals(result.decision.refusals),
    )


def _changed_keys(command: Command, decision: Decision) -> list[Key]:
    shop, order_id = command.shop, command.platform_id
    if decision.changes == "AfterSale":
        return [Key("AfterSale", shop, order_id, name) for name in decision.named]
    return [Key("Order", shop, order_id)]


def _conflict(command: Command, conflict: ConcurrentInsert) -> OrderOutcome:
    field = list(command.at) or None
    error = UserError(code=ErrorCode.CONFLICT, message=conflict.message, field=field)
    return OrderOutcome.refused(command.at, [error])


def _aggregate(command: Command) -> str:
    return f"order/{command.platform_id}"


def _change(command: Command, state: CurrentState, decision: Decision) -> NewOrderChange:
    before = state.order.document.status if state.order else None
    return NewOrderChange(
        shop=command.shop,
        platform_id=command.platform_id,
        status=None if decision.deletes else decision.document.status,
        previous_status=before,
        cause="DELETED" if decision.deletes else decision.cause,
        open_id=decision.personal.open_id if decision.personal else None,
        created_at=decision.document.created_at,
    )
