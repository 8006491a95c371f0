"""Settler: records the results of deliveries in groups, one transaction for many."""

import asyncio
from collections import deque
from collections.abc import Callable, Container, Iterable, Sequence
from contextvars import Context
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import structlog

from gateway.errors import StoreUnavailable
from gateway.outbox.retry_policy import RetryPolicy
from gateway.outbox.supersession import SUPERSEDED_BY
from gateway.personal_patterns import hide_personal
from gateway.ports import DeliveryResult, DeliveryStatus
from gateway.store.engine import Transaction
from gateway.store.object_changes import NewObjectChange
from gateway.store.outbox import ClaimedPush, Settlement
from gateway.store.push_exchanges import NewExchange, PushExchange
from gateway.store.store import Store

#: Seconds from the beginning of one group to the next: writers of requests have their turn between.
_PACE: Final = 0.02
#: How much is settled in one transaction, so that it is short: a delivery is one statement with
#: others, what failed has statements of its own.
_GROUP: Final = 80
_COST_OF_FAILURE: Final = 5
#: Seconds until a group that could not be written is tried again.
_AGAIN_AFTER: Final = 0.5
#: The states in which a push needs nobody.
_GOES_ON: Final = frozenset({"PENDING", "DELIVERED", "SUPERSEDED"})

_log = structlog.stdlib.get_logger(__name__)


class Attempt(NamedTuple):
    """A claimed push, and what came of it."""

    push: ClaimedPush
    #: The platform's result; a settlement that is decided already; None: nothing was sent, and the
    #: claim is given back.
    result: DeliveryResult | Settlement | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A batch whose results are recorded."""

    #: Of each push; None where nothing was sent, or where the claim was lost.
    settlements: Sequence[Settlement | None]
    #: The next push of the line of each delivered one, claimed.
    behind: Sequence[ClaimedPush] = ()


@dataclass(slots=True, eq=False)
class _Waiting:
    shop: str
    batch: Sequence[Attempt]
    answer: "asyncio.Future[Settled]" = field(default_factory=asyncio.Future)

    @property
    def cost(self) -> int:
        return sum(
            1 if attempt.result is None or _is_delivered(attempt.result) else _COST_OF_FAILURE
            for attempt in self.batch
        )


class Settler:
    """Records what one owner of leases delivered; batches of all shops take turns.

    What cannot be written is kept and tried again until it is: only a claim that was lost, or the
    end of the process, ends it.

    Args:
        store: the ledger.
        owner: who holds the leases.
        bulk: whether writers of requests go first.
        lease: seconds for which the pushes that follow are claimed.
        retry_policy: what follows an attempt.
        held: the pushes that this owner holds, which are not claimed again.
        on_settled: called with each batch once it is recorded, or given up.
        on_unclaimed: called with claimed pushes that nobody waits for.
    """

    def __init__(  # noqa: PLR0913 - what a transaction needs, and whom it tells
        self,
        store: Store,
        owner: str,
        *,
        bulk: bool,
        lease: float,
        retry_policy: RetryPolicy,
        held: Container[int],
        on_settled: Callable[[str, Sequence[Attempt], Settled], None],
        on_unclaimed: Callable[[str, Sequence[ClaimedPush]], None],
    ) -> None:
        self._store = store
        self._owner = owner
        self._bulk = bulk
        self._lease = lease
        self._retry_policy = retry_policy
        self._held = held
        self._on_settled = on_settled
        self._on_unclaimed = on_unclaimed
        #: By shop, in the order of their turns.
        self._waiting: dict[str, deque[_Waiting]] = {}
        self._task: asyncio.Task[None] | None = None

    async def settle(self, shop: str, batch: Sequence[Attempt]) -> Settled:
        """Returns once the results of a batch are recorded.

        Raises:
            StoreUnavailable: they could not be recorded yet; it is tried again without the caller.
        """
        waiting = _Waiting(shop, batch)
        self._waiting.setdefault(shop, deque()).append(waiting)
        if self._task is None or self._task.done():
            # What it writes belongs to many callers: it has the context of none.
            self._task = asyncio.create_task(self._run(), name="outbox_settler", context=Context())
        return await waiting.answer

    async def drain(self, seconds: float) -> None:
        """Records what waits, for at most so many seconds, and ends."""
        if self._task is None:
            return
        await asyncio.wait([self._task], timeout=seconds)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while group := self._group():
            begun = loop.time()
            try:
                settled = await self._write(group)
            except StoreUnavailable as failure:
                self._put_back(group, failure)
                await asyncio.sleep(_AGAIN_AFTER)
                continue
            except Exception:  # noqa: BLE001 - one batch must not keep the others from being settled
                await self._one_by_one(group)
                continue
            self._tell(zip(group, settled, strict=True))
            if self._waiting:
                await asyncio.sleep(max(0.0, begun + _PACE - loop.time()))

    def _group(self) -> list[_Waiting]:
        """The next batches, one of each shop in turn."""
        group: list[_Waiting] = []
        cost = 0
        while self._waiting and cost < _GROUP:
            shop = next(iter(self._waiting))
            queue = self._waiting.pop(shop)
            group.append(queue.popleft())
            cost += group[-1].cost
            if queue:
                self._waiting[shop] = queue
        return group

    def _put_back(self, group: Iterable[_Waiting], failure: StoreUnavailable) -> None:
        for waiting in reversed(list(group)):
            if not waiting.answer.done():
                waiting.answer.set_exception(failure)
            self._waiting.setdefault(waiting.shop, deque()).appendleft(waiting)

    async def _one_by_one(self, group: Sequence[_Waiting]) -> None:
        """Settles each batch alone; one that fails once more keeps its lease until that expires."""
        for waiting in group:
            try:
                (settled,) = await self._write([waiting])
            except StoreUnavailable as failure:
                self._put_back([waiting], failure)
                continue
            except Exception:  # noqa: BLE001 - logged; the others are not to blame
                _log.exception(
                    "outbox.push.not_settled",
                    message="The result of pushes could not be recorded: an error in the gateway.",
                    shop=waiting.shop,
                    pushes=[attempt.push.id for attempt in waiting.batch],
                )
                settled = Settled([None] * len(waiting.batch))
            self._tell([(waiting, settled)])

    def _tell(self, settled: Iterable[tuple[_Waiting, Settled]]) -> None:
        for waiting, done in settled:
            self._on_settled(waiting.shop, waiting.batch, done)
            if not waiting.answer.done():
                waiting.answer.set_result(done)
            elif done.behind:
                self._on_unclaimed(waiting.shop, done.behind)

    async def _write(self, group: Sequence[_Waiting]) -> list[Settled]:
        async with self._store.transaction(bulk=self._bulk) as transaction:
            attempts = [attempt for waiting in group for attempt in waiting.batch]
            recorded = await self._record(transaction, attempts)
            lines = [
                attempt.push.line for attempt in attempts if attempt.push.id in recorded.delivered
            ]
            claimed = await self._store.outbox.claim_lines(
                transaction, self._owner, lines, lease=self._lease, but=self._held
            )
            failed = [_failure(one, recorded.settlements.get(one.push.id)) for one in attempts]
            changes = [change for change in failed if change is not None]
            # Last: others wait for the cursor from here to the commit.
            await self._store.object_changes.append(transaction, changes)
        behind = {push.line: push for push in claimed}
        return [
            Settled(
                [recorded.settlements.get(attempt.push.id) for attempt in waiting.batch],
                [
                    behind[attempt.push.line]
                    for attempt in waiting.batch
                    if attempt.push.line in behind
                ],
            )
            for waiting in group
        ]

    async def _record(self, transaction: Transaction, attempts: Sequence[Attempt]) -> "_Recorded":
        outbox, owner = self._store.outbox, self._owner
        unsent = [attempt.push.id for attempt in attempts if attempt.result is None]
        if unsent:
            await outbox.give_back(transaction, owner, unsent)
        delivered = [attempt.push for attempt in attempts if _is_delivered(attempt.result)]
        done = await outbox.settle_delivered(transaction, owner, delivered)
        settlements = {
            push.id: Settlement(
                state="DELIVERED", error=push.last_error, delivered_at=transaction.now
            )
            for push in delivered
            if push.id in done
        }
        for push, result in attempts:
            if result is None or _is_delivered(result):
                continue
            settlement = await self._settlement(transaction, push, result)
            if await outbox.settle(transaction, owner, push, settlement):
                settlements[push.id] = settlement
        recorded = [attempt for attempt in attempts if attempt.push.id in settlements]
        calls = [call for attempt in recorded if (call := _call(attempt)) is not None]
        await self._store.push_exchanges.put_many(transaction, calls)
        return _Recorded(done, settlements)

    async def _settlement(
        self, transaction: Transaction, push: ClaimedPush, result: DeliveryResult | Settlement
    ) -> Settlement:
        if isinstance(result, Settlement):
            return result
        # An earlier lost answer stays lost until an attempt has a clear result.
        known = replace(result, lost=result.lost or push.lost)
        settlement = self._retry_policy.settlement(push, known, transaction.now)
        if settlement.state == "PENDING" and not known.lost:
            later = SUPERSEDED_BY.get(push.operation, frozenset())
            if later and await self._store.outbox.is_superseded(transaction, push, later):
                return Settlement(state="SUPERSEDED", error=settlement.error)
        return settlement


class _Recorded(NamedTuple):
    """Ids of pushes that were delivered, and the settlements by id of all whose claim was kept."""

    delivered: set[int]
    settlements: dict[int, Settlement]


def _failure(attempt: Attempt, settlement: Settlement | None) -> NewObjectChange | None:
    """The change of a push that needs a person; None: it was delivered, or goes on by itself."""
    if settlement is None or settlement.state in _GOES_ON:
        return None
    push = attempt.push
    return NewObjectChange(
        kind="Push",
        shop=push.shop,
        platform_id=str(push.id),
        order_id=push.order_id,
        status=settlement.state,
        previous_status="PENDING",
        cause="DELIVERY",
    )


def _call(attempt: Attempt) -> NewExchange | None:
    """What was sent and answered, to be kept; None: nothing was sent."""
    push, result = attempt
    if not isinstance(result, DeliveryResult) or result.request is None:
        return None
    response = result.response
    if push.personal is None and response is not None:
        # Erasure finds a call by the buyer of its push: of one without, it holds no person's data.
        text = response.decode(errors="replace")
        response = response if hide_personal(text) == text else None
    return NewExchange(push.id, push.shop, PushExchange(result.request, response))


def _is_delivered(result: DeliveryResult | Settlement | None) -> bool:
    return isinstance(result, DeliveryResult) and result.result_status is DeliveryStatus.DELIVERED
