"""Accepts commands about orders: ledger, outbox, changes and receipt in one transaction."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from gateway.concurrency.bulkhead import Bulkhead
from gateway.errors import GatewayError, Overloaded, StoreUnavailable
from gateway.index.writer import IndexWriter, WrittenOrder
from gateway.ledger.seen_products import products_seen
from gateway.ledger.shipments import with_shipment_numbers
from gateway.ledger.sku_codes import products_without_code, sku_codes, with_sku_codes
from gateway.mutation_progress import begin_step, note_buyer
from gateway.outbox.changes import after_sale_changes, order_change
from gateway.outbox.command import Accepted, Command, CurrentState, Decision, IntakeResult
from gateway.outbox.delivery_wait import AwaitedPushes
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.message import OrderPayload, written
from gateway.outbox.outcomes import OrderOutcome, OrderOutcomes, refusals
from gateway.outbox.supersession import SUPERSEDES
from gateway.ports import WireForm
from gateway.ports.writing.problems import InputRefused
from gateway.store.documents import OrderPersonal
from gateway.store.engine import Transaction
from gateway.store.mirrors import StoppedMirror
from gateway.store.mutation_receipts import write_receipt
from gateway.store.outbox import ClaimedPush, QueueKey
from gateway.store.pushes import NewPush
from gateway.store.store import Store
from schema.errors import ErrorCode, UserError
from schema.key import Key

#: Attempts at a transaction that loses to a concurrent insert of the same new order.
_TRIES: Final = 3
#: Entries of one transaction: callers that write wait for so many.
BATCH: Final = 50
#: Large inputs that are accepted at once, how many more may wait, and seconds until a retry.
_LARGE_AT_ONCE: Final = 2
_LARGE_WAITING: Final = 16
_LARGE_RETRY_AFTER: Final = 5.0
#: Seconds that a caller without a deadline waits.
_LONGEST_WAIT: Final = 60.0

#: Writes, in the transaction that accepts a batch, what came of its entries.
RecordOutcomes = Callable[[Transaction, OrderOutcomes], Awaitable[None]]


class ConcurrentInsert(GatewayError):
    """Another transaction inserted the same new order."""


@dataclass(frozen=True, slots=True)
class _Change:
    """A command that is carried out in the running transaction."""

    command: Command
    state: CurrentState
    decision: Decision

    @property
    def is_of_copy(self) -> bool:
        """Whether the order is one that a mirror makes or made."""
        before = self.state.order
        return self.decision.cause == "MIRROR" or bool(before and before.original_shop)

    @property
    def key(self) -> tuple[str, str]:
        """The order's shop and platform id."""
        return self.command.shop, self.command.platform_id

    @property
    def line(self) -> QueueKey:
        """The line of the push that is answered with."""
        aggregate = _aggregate(self.command, self.decision.operation)
        return QueueKey(self.command.shop, aggregate)


@dataclass(slots=True)
class _Written:
    """What one transaction has written."""

    results: Sequence[IntakeResult]
    changes: Sequence[_Change]

    @property
    def accepted(self) -> list[Accepted]:
        """The commands that were written."""
        return [result for result in self.results if isinstance(result, Accepted)]

    def lines(self) -> list[QueueKey]:
        """The lines of pushes that the answer waits for."""
        return [one.line for one in self.changes if one.decision.is_awaited]

    def awaited(self) -> list[int]:
        """The pushes that the answer waits for."""
        return [
            one.push_id
            for one in self.accepted
            if one.push_id is not None and one.decision.is_awaited
        ]


_Within = Callable[[Transaction, OrderOutcomes, _Written], Awaitable[None]]


class OrderIntake:
    """Writes commands to the ledger and the outbox, and delivers them at once where possible."""

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        on_change: Callable[[], Awaitable[None]],
        index: IndexWriter | None = None,
    ) -> None:
        """`on_change` is called after a commit that left changes of orders.

        `index` is written in the same transactions; None: there is none.
        """
        self._store = store
        self._dispatcher = dispatcher
        self._on_change = on_change
        self._index = index
        self._large = Bulkhead(_LARGE_AT_ONCE, queue=_LARGE_WAITING)

    async def carry_out(
        self,
        entries: Sequence[Command | OrderOutcome],
        *,
        time_limit: float | None = None,
        before: OrderOutcomes | None = None,
    ) -> OrderOutcomes:
        """Accepts the commands, then waits for their delivery; the outcomes are in entry order.

        An OrderOutcome among the entries was refused while the input was read, and stays as it is.
        No two commands may be about the same order. What is accepted stays accepted, whatever
        happens to the delivery, which goes on without the caller after `time_limit` seconds; None:
        it is waited for to its end.

        Up to BATCH entries are accepted together. More are accepted in transactions of so many, and
        delivered by the dispatch loop: other callers go between. The outcomes are kept in the same
        transactions, as the answer to a repetition under the same idempotency key; `before` are
        those of an earlier run that was interrupted, whose entries are skipped.

        Raises:
            StoreUnavailable: nothing was accepted, or only the first entries, as the message says.
            IdempotencyInProgress: another request does it.
            Overloaded: nothing was accepted: too many large inputs are being accepted.
            GatewayError: like StoreUnavailable, for a reason that the caller cannot fix.
        """
        if len(entries) <= BATCH and before is None:
            return await self._at_once(entries, time_limit)
        done = [] if before is None else list(before.orders)
        until = _until(time_limit)
        with self._dispatcher.waits.awaiting() as awaited:
            async with self._turn(until):
                await self._in_batches(entries, done, awaited)
            if awaited.push_ids:
                # The dispatch loop goes on once the store is back.
                with suppress(StoreUnavailable):
                    await awaited.wait(_left(until), self._store.pushes.unattempted)
        return OrderOutcomes(done)

    async def never_arrived(self, shop: str, platform_ids: Collection[str]) -> set[str]:
        """Of which orders the platform refused every push: there is nothing to overwrite.

        Raises:
            StoreUnavailable: the outbox cannot be read.
        """
        return await self._store.pushes.all_refused(shop, platform_ids)

    async def accept(
        self, transaction: Transaction, commands: Sequence[Command]
    ) -> list[IntakeResult]:
        """Writes the commands in the caller's transaction; the dispatch loop delivers them."""
        report = await self._write(transaction, commands)
        await self._append_changes(transaction, report)
        return list(report.results)

    async def accept_batch(
        self, entries: Sequence[Command | OrderOutcome], record: RecordOutcomes
    ) -> OrderOutcomes:
        """Accepts at most BATCH entries in one transaction of bulk work; nothing waits for it.

        The outcomes are in entry order; `record` writes them in the same transaction. The dispatch
        loop delivers what was accepted.

        Raises:
            StoreUnavailable: nothing was accepted.
            GatewayError: nothing was accepted, for a reason that the caller cannot fix.
        """

        async def within(transaction: Transaction, outcomes: OrderOutcomes, _: _Written) -> None:
            await record(transaction, outcomes)

        outcomes, report = await self._accepted(entries, within, bulk=True)
        await self._tell(report, report.changes)
        return outcomes

    async def _at_once(
        self, entries: Sequence[Command | OrderOutcome], time_limit: float | None
    ) -> OrderOutcomes:
        """Accepts the entries in one transaction, and delivers them by this request."""
        if all(isinstance(entry, OrderOutcome) for entry in entries):
            return _in_order(entries, [])
        claimed: list[ClaimedPush] = []
        until = None if time_limit is None else _until(time_limit)

        async def within(
            transaction: Transaction, outcomes: OrderOutcomes, report: _Written
        ) -> None:
            claimed.clear()
            if report.accepted:
                await write_receipt(transaction, outcomes, _keys(outcomes.orders))
            claimed.extend(await self._dispatcher.claim(transaction, report.lines()))

        outcomes, report = await self._accepted(entries, within)
        if report.accepted:
            begin_step()
        left = [
            one
            for one in report.changes
            if one.decision.deliver_later or one.decision.followed_by is not None
        ]
        await self._tell(report, left)
        delivery = self._dispatcher.deliver(claimed, wire_forms(*report.accepted))
        # The pushes are kept; the dispatch loop goes on once the store is back.
        with suppress(StoreUnavailable):
            await self._dispatcher.waits.within(None if until is None else _left(until), delivery)
        return outcomes

    async def _in_batches(
        self,
        entries: Sequence[Command | OrderOutcome],
        done: list[OrderOutcome],
        awaited: AwaitedPushes,
    ) -> None:
        """Accepts what `done` lacks, and adds its outcomes."""
        while len(done) < len(entries):
            batch = entries[len(done) : len(done) + BATCH]
            whole = len(done) + len(batch) == len(entries)

            async def within(
                transaction: Transaction,
                outcomes: OrderOutcomes,
                report: _Written,
                *,
                whole: bool = whole,
            ) -> None:
                # Before the commit: from then on they may be delivered.
                awaited.add(report.awaited())
                if report.accepted:
                    receipt = OrderOutcomes([*done, *outcomes.orders], partial=not whole)
                    await write_receipt(transaction, receipt, _keys(outcomes.orders))

            try:
                outcomes, report = await self._accepted(batch, within, bulk=True)
            except GatewayError as failure:
                raise _after(failure, len(done), len(entries)) from failure
            if report.accepted:
                begin_step()
            done.extend(outcomes.orders)
            await self._tell(report, report.changes)

    @asynccontextmanager
    async def _turn(self, until: float) -> AsyncIterator[None]:
        """A block that accepts a large input."""
        try:
            await self._large.wait(_left(until))
        except (TimeoutError, Overloaded) as refusal:
            message = "Too many large inputs are being accepted: send it again later"
            raise Overloaded(message, retry_after=_LARGE_RETRY_AFTER) from refusal
        try:
            yield
        finally:
            self._large.give()

    async def _tell(self, report: _Written, left: Collection[_Change]) -> None:
        """Tells followers of the orders, and the dispatch loop of what is left to it."""
        if not report.changes:
            return
        for shop in {one.command.shop for one in left if one.decision.operations}:
            self._dispatcher.wake(shop)
        await self._on_change()

    async def _accepted(
        self, entries: Sequence[Command | OrderOutcome], within: _Within, *, bulk: bool = False
    ) -> tuple[OrderOutcomes, _Written]:
        """Accepts the entries in one transaction, which `within` adds to."""
        commands = [entry for entry in entries if not isinstance(entry, OrderOutcome)]
        for left in reversed(range(_TRIES)):
            try:
                async with self._store.transaction(bulk=bulk) as transaction:
                    report = await self._write(transaction, commands)
                    pairs = zip(commands, report.results, strict=True)
                    outcomes = _in_order(entries, [_outcome(*pair) for pair in pairs])
                    await within(transaction, outcomes, report)
                    # Last: others wait for the cursor from here to the commit.
                    await self._append_changes(transaction, report)
            except ConcurrentInsert as conflict:
                if left:
                    continue
                refused = [_conflict(command, conflict) for command in commands]
                return _in_order(entries, refused), _Written([], [])
            return outcomes, report
        raise AssertionError("the last try returns or raises")

    async def _append_changes(self, transaction: Transaction, report: _Written) -> None:
        written = [(one.command, one.state, one.decision) for one in report.changes]
        orders = [order_change(*one) for one in written]
        after_sales = [change for one in written for change in after_sale_changes(*one)]
        await self._store.order_changes.append(transaction, orders)
        await self._store.object_changes.append(transaction, after_sales)

    async def _write(self, transaction: Transaction, commands: Sequence[Command]) -> _Written:
        """Carries out the commands, with a few statements for all of a shop."""
        results: list[IntakeResult | _Change] = []
        states = await self._lock(transaction, commands)
        for command in commands:
            state = states[command.shop, command.platform_id]
            try:
                results.append(_Change(command, state, _numbered(command.apply(state), state)))
            except GatewayError as refusal:
                results.append(refusal)
        changes = [one for one in results if isinstance(one, _Change)]
        written: dict[tuple[str, str], Accepted] = {}
        for shop in sorted({one.command.shop for one in changes}):
            of_shop = [one for one in changes if one.command.shop == shop]
            written |= await self._write_shop(transaction, shop, of_shop)
        return _Written(
            [written[one.key] if isinstance(one, _Change) else one for one in results], changes
        )

    async def _lock(
        self, transaction: Transaction, commands: Sequence[Command]
    ) -> Mapping[tuple[str, str], CurrentState]:
        ids: defaultdict[str, list[str]] = defaultdict(list)
        for command in commands:
            ids[command.shop].append(command.platform_id)
        states = {}
        for shop in sorted(ids):
            orders = await self._store.orders.lock_many(transaction, shop, ids[shop])
            # An order that there is not has none.
            subs = await self._store.after_sales.of_orders(shop, list(orders), within=transaction)
            for name in ids[shop]:
                order = orders.get(name)
                states[shop, name] = CurrentState(
                    order=None if order is None or order.deleted else order,
                    after_sales=[one.document for one in subs.get(name, ())],
                    version=0 if order is None else order.version,
                )
        return states

    async def _write_shop(
        self, transaction: Transaction, shop: str, changes: Sequence[_Change]
    ) -> dict[tuple[str, str], Accepted]:
        """Writes orders of one shop, and what is to be sent of them."""
        for one in changes:
            before = one.state.order.found if one.state.order is not None else None
            for personal in (before, one.decision.personal):
                if isinstance(personal, OrderPersonal):
                    note_buyer(shop, personal.buyer_id)
        changes = await self._with_codes(transaction, shop, changes)
        versions = await self._put(transaction, shop, changes)
        await self._end_mirrors(transaction, shop, changes)
        await self._put_into_index(transaction, shop, changes)
        push_ids = await self._queue(transaction, shop, changes, versions)
        return {
            one.key: Accepted(
                version=versions[one.command.platform_id],
                push_id=push_ids.get(one.key),
                decision=one.decision,
            )
            for one in changes
        }

    async def _with_codes(
        self, transaction: Transaction, shop: str, changes: Sequence[_Change]
    ) -> Sequence[_Change]:
        """The changes, whose lines without a code of their own have the one of their SKU."""
        ids = products_without_code(one.decision.document for one in changes)
        products = await self._store.products.get_many(shop, ids, within=transaction)
        if not (codes := sku_codes(products.values())):
            return changes
        return [
            replace(
                one,
                decision=replace(
                    one.decision, document=with_sku_codes(one.decision.document, codes)
                ),
            )
            for one in changes
        ]

    async def _put(
        self, transaction: Transaction, shop: str, changes: Sequence[_Change]
    ) -> dict[str, int]:
        """The new versions of the orders, by platform id."""
        store, versions = self._store, dict[str, int]()
        for one in changes:
            if one.decision.deletes:
                name = one.command.platform_id
                hidden = await store.orders.delete(transaction, shop, name)
                assert hidden is not None  # noqa: S101 - it is locked and not deleted
                versions[name] = hidden
        gone = [one.command.platform_id for one in changes if one.decision.deletes]
        await store.metadata_items.delete(transaction, "Order", shop, gone)
        kept = [one for one in changes if not one.decision.deletes]
        put = await store.orders.put_versioned(
            transaction, shop, [(one.decision.document, one.decision.personal) for one in kept]
        )
        for one in kept:
            version = put[one.decision.document.platform_id]
            versions[one.command.platform_id] = version
            if version != one.state.version + 1:
                # Existing rows are locked: another transaction inserted the same new order.
                raise ConcurrentInsert("Another request imported the same order at the same time.")
        given = [one for one in kept if one.decision.after_sales is not None]
        known = [one.command.platform_id for one in given if one.state.version]
        await store.after_sales.delete_of_orders(transaction, shop, known)
        subs = [sub for one in given for sub in one.decision.after_sales or ()]
        await store.after_sales.put_many(transaction, shop, subs)
        # The goods of copies are those of another shop.
        own = (one.decision.document for one in kept if not one.is_of_copy)
        seen = products_seen(own)
        await store.products.put_many(transaction, shop, seen)
        return versions

    async def _end_mirrors(
        self, transaction: Transaction, shop: str, changes: Sequence[_Change]
    ) -> None:
        """Ends the mirrors of deleted copies, which would bring them back."""
        gone = [
            one
            for one in changes
            if one.decision.deletes or one.decision.operation == "ORDER_DELETE"
        ]
        for stopped in StoppedMirror:
            deleted = stopped is StoppedMirror.DELETED
            ids = [one.command.platform_id for one in gone if one.decision.deletes is deleted]
            if ids:
                await self._store.mirrors.stop(transaction, shop, ids, stopped)

    async def _put_into_index(
        self, transaction: Transaction, shop: str, changes: Sequence[_Change]
    ) -> None:
        if self._index is None:
            return
        gone = [one.command.platform_id for one in changes if one.decision.deletes]
        await self._index.remove_orders(transaction, shop, gone)
        written = []
        for one in changes:
            if not one.decision.deletes:
                given, known = one.decision.after_sales, one.state.after_sales
                written.append(
                    WrittenOrder(
                        one.decision.document,
                        one.decision.personal,
                        known if given is None else given,
                        transaction.now,
                        is_new=not one.state.version,
                    )
                )
        await self._index.put_written_orders(transaction, shop, written, coded=True)

    async def _queue(
        self,
        transaction: Transaction,
        shop: str,
        changes: Sequence[_Change],
        versions: Mapping[str, int],
    ) -> dict[tuple[str, str], int]:
        """Queues what is to be sent; the pushes that are answered with, by their orders."""
        sent: defaultdict[str, list[_Change]] = defaultdict(list)
        for one in changes:
            for operation in one.decision.operations:
                sent[operation].append(one)
        push_ids: dict[tuple[str, str], int] = {}
        for operation, of_operation in sent.items():
            if superseded := SUPERSEDES.get(operation):
                lines = [_aggregate(one.command, operation) for one in of_operation]
                await self._store.outbox.supersede_lines(transaction, shop, lines, superseded)
            pushes = [
                _push(one, operation, versions[one.command.platform_id]) for one in of_operation
            ]
            ids = await self._store.pushes.add_many(transaction, pushes)
            for one, push_id in zip(of_operation, ids, strict=True):
                if operation == one.decision.operation:
                    push_ids[one.key] = push_id
                if one.decision.held is not None:
                    await self._store.outbox.hold(transaction, push_id, one.decision.held)
        return push_ids


def wire_forms(*accepted: Accepted) -> dict[int, WireForm]:
    """By push id, what the platform's rules were checked on."""
    return {
        one.push_id: form
        for one in accepted
        if one.push_id is not None and (form := one.decision.wire_form) is not None
    }


def _until(time_limit: float | None) -> float:
    """When a caller waits no longer, on the loop's clock."""
    return asyncio.get_running_loop().time() + (_LONGEST_WAIT if time_limit is None else time_limit)


def _left(until: float) -> float:
    """Seconds until then."""
    return max(0.0, until - asyncio.get_running_loop().time())


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
        warnings=refusals(result.decision.warnings),
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


def _numbered(decision: Decision, state: CurrentState) -> Decision:
    """The decision, in which a corrected parcel keeps the number that its id is made of."""
    before = state.order.document if state.order else None
    return replace(decision, document=with_shipment_numbers(decision.document, before))


def _aggregate(command: Command, operation: str | None) -> str:
    """The line of an order's pushes; reports of its shipping go to another system, in their own."""
    line = "shipping" if operation == "SHIPPING_UPLOAD" else "order"
    return f"{line}/{command.platform_id}"


def _push(change: _Change, operation: str, version: int) -> NewPush:
    command, decision = change.command, change.decision
    after_sales = change.state.after_sales if decision.after_sales is None else decision.after_sales
    payload = OrderPayload(
        order=decision.document,
        after_sales=tuple(after_sales),
        named=decision.named,
        replaces=decision.replaces,
    )
    one_after_sale = decision.changes == "AfterSale" and len(decision.named) == 1
    return NewPush(
        shop=command.shop,
        operation=operation,
        aggregate=_aggregate(command, operation),
        version=version,
        payload=written(payload),
        personal=decision.personal,
        subject_kind="AfterSale" if one_after_sale else "Order",
        subject_id=decision.named[0] if one_after_sale else command.platform_id,
        order_id=command.platform_id,
    )


def _keys(outcomes: Sequence[OrderOutcome]) -> list[Key]:
    return [key for outcome in outcomes for key in outcome.keys]


def _after(failure: GatewayError, done: int, of: int) -> GatewayError:
    """The failure of a later part of an input, whose message says how much was accepted."""
    if done:
        failure.message += (
            f"; the first {done} of {of} entries were dealt with: send it again with the same"
            " Idempotency-Key, or the rest of it"
        )
    return failure
