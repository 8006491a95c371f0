"""Dispatcher: claims pushes and delivers them in batches, recording every attempt."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

import structlog

from gateway.concurrency.adaptive_limit import AdaptiveLimit
from gateway.concurrency.outages import Outages
from gateway.errors import GatewayError, Overloaded, PlatformFailure, StoreUnavailable
from gateway.outbox.delivery_spans import DeliverySpans
from gateway.outbox.delivery_wait import DeliveryWait
from gateway.outbox.message import OutboxMessage
from gateway.outbox.operation_backlog import OperationBacklog
from gateway.outbox.retry_policy import Between, RetryPolicy, not_now
from gateway.outbox.settler import Attempt, Settled, Settler
from gateway.ports import Delivers, DeliveryResult, DeliveryStatus, WireForm
from gateway.store.engine import ReaderPool, Transaction, reading_from
from gateway.store.outbox import START, ClaimedPush, Due, Lease, QueueKey, Settlement
from gateway.store.pushes import PushError
from gateway.store.store import Store
from gateway.tracing import Tracer
from schema.push import PushOperation

#: Seconds within which the result of an attempt is recorded.
_WRITING: Final = 5.0
#: Concurrent calls of one shop for its backlog, and as many for requests, which so never wait
#: behind it.
SENDS: Final = 32
#: Concurrent calls for the backlogs of all shops, while requests have much of the processor and
#: while they have little of it.
_LEAST_SENDS: Final = 12
_MOST_SENDS: Final = 256
#: How many pushes of a shop's backlog are claimed and not yet settled: where settling cannot keep
#: up, sending stops.
WINDOW: Final = 240
#: How many of them are claimed at once.
BATCH: Final = 80
#: A claim costs a transaction: it is made when this many more may be claimed.
_WORTH_A_CLAIM: Final = 40
#: Seconds between two looks at the outbox while pushes of a shop are being sent.
_POLL: Final = 1.0
#: Seconds until the scan goes on that found nothing among the pushes that it may look at at once.
_SCAN_AGAIN: Final = 0.02
#: Seconds after which a round ends although there is more.
_ROUND: Final = 5.0
#: Of pushes that were not accepted just now.
NO_WIRE_FORMS: Final[Mapping[int, WireForm]] = MappingProxyType({})
_OPERATIONS: Final = tuple(operation.name for operation in PushOperation)

_log = structlog.stdlib.get_logger(__name__)


class DispatchObserver(Protocol):
    """Observes every recorded attempt."""

    def pushed(self, shop: str, operation: str, state: str) -> None:
        """`state` is the PushState that the push was left in."""


@dataclass(slots=True)
class _Shop:
    """The deliveries of one shop that are under way."""

    deliveries: Delivers[OutboxMessage]
    backlogs: dict[str, OperationBacklog]
    #: Calls for requests, and calls for the backlog.
    live: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, SENDS))
    sends: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, SENDS))
    #: Set when there may be something to claim.
    due: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: "set[asyncio.Task[None]]" = field(default_factory=set)
    #: Pushes of the backlog that are claimed and not settled.
    unsettled: int = 0


class _Held(NamedTuple):
    """The lease of a push that is claimed and not settled."""

    until: float
    #: None: a request delivers it.
    backlog_of: str | None


@dataclass(slots=True)
class _Round:
    """Pushes that are delivered together, and those that follow them."""

    group: asyncio.TaskGroup
    shop: str
    wire_forms: Mapping[int, WireForm]
    live: bool
    #: Results that could not be recorded yet.
    failures: list[StoreUnavailable] = field(default_factory=list)


class Dispatcher:
    """One lease owner in one process.

    `deliveries` are those of the shops that take pushes, `now` the clock of the store, `between`
    the randomness. A delivery takes at most `longest` seconds. A claim lasts longer, and is renewed
    while its push is being sent or settled; once it expires, another replica takes the push over.
    """

    def __init__(  # noqa: PLR0913 - what a delivery needs, and whom it tells
        self,
        store: Store,
        deliveries: Mapping[str, Delivers[OutboxMessage]],
        now: Callable[[], float],
        between: Between,
        longest: float,
        observer: DispatchObserver | None = None,
        *,
        tracer: Tracer | None = None,
    ) -> None:
        self._store = store
        self._now = now
        self._observer = observer
        self._spans = DeliverySpans(tracer)
        self._outages = Outages(now)
        self._shops = {
            shop: _Shop(given, {name: OperationBacklog(between) for name in _OPERATIONS})
            for shop, given in deliveries.items()
        }
        #: Pushes that are being sent: if the process is killed now, their outcome is unknown.
        self._sending: set[int] = set()
        #: By id, what is claimed and not settled. Never claimed again by this process, even if
        #: the lease expires: it would be sent twice.
        self._held: dict[int, _Held] = {}
        # Nothing is sent so late in a claim that its calls might outlast the claim.
        self._margin = longest + _WRITING
        self.lease = 2 * self._margin
        self.owner = secrets.token_hex(8)
        #: The requests that wait for deliveries.
        self.waits = DeliveryWait()
        self._stopping = False
        # Requests come first where the processor is what is short.
        self._limit = AdaptiveLimit(least=_LEAST_SENDS, most=_MOST_SENDS)
        # What requests delivered waits for nothing of the backlog.
        self._live, self._backlog = (
            Settler(
                store,
                self.owner,
                bulk=bulk,
                lease=self.lease,
                retry_policy=RetryPolicy(between),
                held=self._held,
                on_settled=self._on_settled,
                on_unclaimed=self._start,
            )
            for bulk in (False, True)
        )

    @property
    def shops(self) -> Collection[str]:
        """The shops that take pushes."""
        return self._shops.keys()

    def wake(self, shop: str) -> None:
        """Signals that a push of this shop is due."""
        if shop in self._shops:
            self._shops[shop].due.set()

    async def woken(self, shop: str, seconds: float) -> None:
        """Returns once a push of the shop may be due, after at most `seconds`."""
        due = self._shops[shop].due
        try:
            async with asyncio.timeout(seconds):
                await due.wait()
        except TimeoutError:
            return
        finally:
            due.clear()

    async def claim(
        self, transaction: Transaction, lines: Collection[QueueKey]
    ) -> list[ClaimedPush]:
        """Claims the first push of each of these lines, unless another owner holds it.

        Pass them to `deliver` once the transaction is committed. Claimed in the transaction that
        queues them, they are sent by the process that queued them.
        """
        known = [line for line in lines if line.shop in self._shops]
        return await self._store.outbox.claim_lines(
            transaction, self.owner, known, lease=self.lease, but=self._held
        )

    async def deliver(
        self, claimed: Sequence[ClaimedPush], wire_forms: Mapping[int, WireForm] = NO_WIRE_FORMS
    ) -> None:
        """Delivers these, and the pushes queued after them as long as deliveries succeed.

        They wait for no push of the backlog. `wire_forms`, by push id, are those that were written
        when the pushes were accepted.

        Raises:
            StoreUnavailable: results could not be recorded yet; it is tried again.
        """
        self._spans.queued(claimed)
        by_shop: dict[str, list[ClaimedPush]] = {}
        for push in claimed:
            by_shop.setdefault(push.shop, []).append(push)
        failures: list[StoreUnavailable] = []
        async with asyncio.TaskGroup() as group:
            for shop, pushes in by_shop.items():
                round_ = _Round(group, shop, wire_forms, live=True, failures=failures)
                self._begin(round_, pushes)
        if failures:
            raise failures[0]

    async def deliver_due(self, shop: str) -> int:
        """Delivers a shop's due pushes, at most WINDOW at a time; returns how many it claimed.

        Returns when nothing is due and all is settled, or after some seconds: what is being sent
        then goes on.

        Raises:
            StoreUnavailable: the outbox cannot be read or written.
        """
        state, loop = self._shops[shop], asyncio.get_running_loop()
        begun, count = loop.time(), 0
        claimed: Sequence[ClaimedPush]
        while not self._stopping:
            claimed, more = (), False
            room = WINDOW - state.unsettled
            if room >= _WORTH_A_CLAIM:
                # What is settled while the outbox is read is looked at once more.
                state.due.clear()
                claimed, more = await self._claim_due(shop, min(room, BATCH))
            if claimed:
                count += len(claimed)
                self._start(shop, claimed)
            elif not state.unsettled and not more and not state.due.is_set():
                break
            if loop.time() - begun >= _ROUND:
                break
            if not claimed:
                await self.woken(shop, _SCAN_AGAIN if more else _POLL)
        return count

    async def renew(self) -> None:
        """Renews the leases that are half over.

        Raises:
            StoreUnavailable: the outbox cannot be written.
        """
        soon = self._now() + self.lease / 2
        ageing = [push_id for push_id, held in self._held.items() if held.until < soon]
        if not ageing:
            return
        async with self._store.transaction(bulk=True) as transaction:
            until = transaction.now + self.lease
            renewed = await self._store.outbox.renew(
                transaction, self.owner, ageing, lease=self.lease
            )
        for push_id in renewed & self._held.keys():
            self._held[push_id] = self._held[push_id]._replace(until=until)

    def stop(self) -> None:
        """Claims no more due pushes."""
        self._stopping = True
        for state in self._shops.values():
            state.due.set()

    async def close(self, seconds: float) -> None:
        """Waits for what is being sent for at most so many seconds; releases all other claims.

        Others need not wait then for the leases to expire.

        Raises:
            StoreUnavailable: the leases last until they expire.
        """
        self.stop()
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        tasks = {task for state in self._shops.values() for task in state.tasks}
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        left = max(_WRITING, until - loop.time())
        await asyncio.gather(self._live.drain(left), self._backlog.drain(left))
        if not self._held:
            return
        outbox, unsent = self._store.outbox, self._held.keys() - self._sending
        async with self._store.transaction() as transaction:
            await outbox.give_back(transaction, self.owner, unsent)
            await outbox.end_leases(transaction, self.owner, self._held.keys() - unsent)

    # --- claiming

    async def _claim_due(self, shop: str, room: int) -> tuple[list[ClaimedPush], bool]:
        """At most `room` due pushes, and whether more may be found behind them."""
        backlogs, outbox, now = self._shops[shop].backlogs, self._store.outbox, self._now()
        with reading_from(ReaderPool.DELIVERIES):
            due = await outbox.due_operations(shop, _OPERATIONS, now)
            chosen = {
                name: backlog
                for name, backlog in backlogs.items()
                if (name in due or backlog.until(now) is not None) and backlog.allowance(now, room)
            }
            share = -(-room // len(chosen)) if chosen else 0
            again = any(backlog.position != START for backlog in chosen.values())
            found: list[tuple[OperationBacklog, Due]] = []
            for name, backlog in chosen.items():
                scanned = await outbox.due(
                    shop,
                    name,
                    now,
                    limit=backlog.allowance(now, share),
                    until=backlog.until(now),
                    after=backlog.position,
                )
                found.append((backlog, scanned))
        # Operations take turns.
        turns = chain.from_iterable(zip_longest(*(scanned.ids for _, scanned in found)))
        ids = [push_id for push_id in turns if push_id is not None and push_id not in self._held]
        claimed: list[ClaimedPush] = []
        if ids:
            async with self._store.transaction(bulk=True) as transaction:
                leases = await outbox.lease(transaction, self.owner, ids[:room], lease=self.lease)
            claimed = await self._leased(leases)
        operations = {push.operation for push in claimed}
        for name, (backlog, scanned) in zip(chosen, found, strict=True):
            backlog.scanned(scanned, now, claimed=name in operations)
        return claimed, again or any(scanned.read_to is not None for _, scanned in found)

    async def _leased(self, leases: Sequence[Lease]) -> list[ClaimedPush]:
        try:
            with reading_from(ReaderPool.DELIVERIES):
                return await self._store.outbox.leased(leases)
        except StoreUnavailable:
            # Nothing was sent: a lease that expires would say that something may have been.
            async with self._store.transaction(bulk=True) as transaction:
                ids = [lease.push_id for lease in leases]
                await self._store.outbox.give_back(transaction, self.owner, ids)
            raise

    def _hold(self, pushes: Sequence[ClaimedPush], *, live: bool) -> None:
        for push in pushes:
            until = push.lease_until or 0.0
            self._held[push.id] = _Held(until, None if live else push.shop)
            if not live:
                self._shops[push.shop].unsettled += 1

    def _let_go(self, pushes: Sequence[ClaimedPush]) -> None:
        for push in pushes:
            held = self._held.pop(push.id, None)
            if held is None or held.backlog_of is None:
                continue
            state = self._shops[held.backlog_of]
            state.unsettled -= 1
            if state.unsettled in {0, WINDOW - _WORTH_A_CLAIM}:
                state.due.set()

    # --- sending

    def _start(self, shop: str, claimed: Sequence[ClaimedPush]) -> None:
        """Delivers these pushes of the backlog in the background."""
        state = self._shops[shop]
        # Before the task begins, so that none is claimed twice.
        self._hold(claimed, live=False)
        if self._stopping:
            return
        task = asyncio.create_task(
            self._deliver_backlog(shop, claimed), name=f"outbox_backlog/{shop}", context=Context()
        )
        state.tasks.add(task)
        task.add_done_callback(state.tasks.discard)

    async def _deliver_backlog(self, shop: str, claimed: Sequence[ClaimedPush]) -> None:
        # What cannot be recorded yet, the settler tries again.
        with reading_from(ReaderPool.DELIVERIES):
            async with asyncio.TaskGroup() as group:
                self._begin(_Round(group, shop, NO_WIRE_FORMS, live=False), claimed)

    def _begin(self, round_: _Round, claimed: Sequence[ClaimedPush]) -> None:
        self._hold([push for push in claimed if push.id not in self._held], live=round_.live)
        for batch in self._batches(round_.shop, claimed):
            round_.group.create_task(self._deliver_batch(round_, batch))

    def _batches(self, shop: str, claimed: Sequence[ClaimedPush]) -> list[list[ClaimedPush]]:
        deliveries = self._shops[shop].deliveries
        batches: dict[Hashable, list[list[ClaimedPush]]] = {}
        for push in claimed:
            if push.unreadable is not None:
                batches[push.id, "alone"] = [[push]]
                continue
            try:
                name, most = deliveries.batch(_message(push))
            except Exception:  # noqa: BLE001 - its delivery fails alike, and is told in the log
                batches[push.id, "alone"] = [[push]]
                continue
            full = batches.setdefault(name, [[]])
            if len(full[-1]) >= most:
                full.append([])
            full[-1].append(push)
        return [batch for full in batches.values() for batch in full]

    async def _deliver_batch(self, round_: _Round, batch: Sequence[ClaimedPush]) -> None:
        with self._spans.deliver(round_.shop, batch):
            await self._deliver_and_settle(round_, batch)

    async def _deliver_and_settle(self, round_: _Round, batch: Sequence[ClaimedPush]) -> None:
        try:
            attempts = await self._attempts(round_, batch)
        except BaseException:
            # At the end of the process the claim is released; else it lasts until it expires.
            if not self._stopping:
                self._let_go(batch)
            raise
        settler = self._live if round_.live else self._backlog
        try:
            with self._spans.settle():
                settled = await settler.settle(round_.shop, attempts)
        except StoreUnavailable as failure:
            round_.failures.append(failure)
            return
        if settled.behind:
            self._begin(round_, settled.behind)

    async def _attempts(self, round_: _Round, batch: Sequence[ClaimedPush]) -> list[Attempt]:
        if batch[0].unreadable is not None:
            error = PushError(
                endpoint="outbox", message=batch[0].unreadable.message, lost=batch[0].lost
            )
            return [Attempt(batch[0], Settlement(state="DEAD", error=error))]
        state = self._shops[round_.shop]
        backlog = state.backlogs.get(batch[0].operation)
        # A probe is alone; others of the backlog do not follow a call that shows an outage.
        probe = round_.live or (backlog is not None and backlog.is_open)
        async with self._slot(round_):
            last = min(self._held[push.id].until for push in batch) - self._margin
            if self._now() > last or (backlog is not None and backlog.is_open and not probe):
                return [Attempt(push, None) for push in batch]
            self._sending.update(push.id for push in batch)
            messages = [_message(push, round_.wire_forms.get(push.id)) for push in batch]
            results = await self._results(round_.shop, batch, messages)
        if backlog is not None and backlog.ended(list(results), self._now()):
            for other in state.backlogs.values():
                other.platform_answers()
            self.wake(round_.shop)
        return [Attempt(push, result) for push, result in zip(batch, results, strict=True)]

    @asynccontextmanager
    async def _slot(self, round_: _Round) -> AsyncIterator[None]:
        """One of the calls of a shop that are made at once."""
        state = self._shops[round_.shop]
        if round_.live:
            async with state.live:
                yield
        else:
            async with state.sends, self._limit.slot(round_.shop):
                yield

    async def _results(
        self, shop: str, batch: Sequence[ClaimedPush], messages: Sequence[OutboxMessage]
    ) -> Sequence[DeliveryResult]:
        try:
            return await self._shops[shop].deliveries.deliver(messages)
        except PlatformFailure as failure:
            return [DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failure)] * len(
                batch
            )
        except Overloaded as overload:
            return [not_now(shop, overload.message, overload.retry_after)] * len(batch)
        except GatewayError as error:
            return [not_now(shop, error.message)] * len(batch)
        except Exception:  # noqa: BLE001 - a bug of ours must not lose what was accepted
            _log.exception(
                "outbox.push.delivery_failed",
                message="A push could not be sent because of an error in the gateway.",
                shop=shop,
                pushes=[push.id for push in batch],
            )
            failed = not_now(shop, "the gateway failed to send it; see its log")
            return [replace(failed, lost=True)] * len(batch)

    # --- reporting

    def _on_settled(self, shop: str, attempts: Sequence[Attempt], settled: Settled) -> None:
        pushes = [attempt.push for attempt in attempts]
        self._sending.difference_update(push.id for push in pushes)
        self._let_go(pushes)
        self._report(pushes, settled.settlements)
        self._report_outage(shop, settled.settlements)

    def _report(
        self, batch: Sequence[ClaimedPush], settlements: Sequence[Settlement | None]
    ) -> None:
        self.waits.attempted([push.id for push in batch])
        for push, settlement in zip(batch, settlements, strict=True):
            if settlement is None:
                continue
            if self._observer is not None:
                self._observer.pushed(push.shop, push.operation, settlement.state)
            # What is retried is counted: an outage logs its begin and its end.
            if settlement.state in {"DELIVERED", "SUPERSEDED", "PENDING"}:
                continue
            _log.warning(
                "outbox.push.not_delivered",
                message="The push was not delivered; `state` says what follows.",
                push=push.id,
                shop=push.shop,
                operation=push.operation,
                state=settlement.state,
                attempt=push.attempt,
                error=settlement.error and settlement.error.message,
            )

    def _report_outage(self, shop: str, settlements: Sequence[Settlement | None]) -> None:
        recorded = [settlement for settlement in settlements if settlement is not None]
        retried = [settlement for settlement in recorded if settlement.state == "PENDING"]
        for settlement in retried:
            if self._outages.failed(shop):
                _log.warning(
                    "outbox.shop.failing",
                    message="Pushes of a shop cannot be delivered; they are retried.",
                    shop=shop,
                    error=settlement.error and settlement.error.message,
                )
        if retried or all(settlement.state != "DELIVERED" for settlement in recorded):
            return
        outage = self._outages.succeeded(shop)
        if outage is not None:
            _log.info(
                "outbox.shop.recovered",
                message="Pushes of a shop are delivered again.",
                shop=shop,
                failures=outage.failures,
                seconds=round(outage.seconds, 1),
            )


def _message(push: ClaimedPush, wire_form: WireForm | None = None) -> OutboxMessage:
    return OutboxMessage(
        operation=push.operation,
        payload=push.payload,
        personal=push.personal,
        lost=push.lost,
        wire_form=wire_form,
    )
