"""Delivers claimed pushes: in lots as their platforms take them, each attempt written down."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

import structlog

from gateway.errors import GatewayError, LedgerUnreadable, Overloaded, PlatformFailure
from gateway.outbox.covering import COVERED_BY
from gateway.outbox.parcel import Parcel
from gateway.outbox.verdicts import Between, Judge, not_now
from gateway.ports import Delivers, Fate, Outcome
from gateway.store.engine import Transaction
from gateway.store.outbox import ClaimedPush, Line, Verdict
from gateway.store.pushes import PushError
from gateway.store.store import Store

#: Seconds that what an attempt came to may take to be written down.
_WRITING: Final = 5.0
#: Lots of one shop under way at once.
_LANES: Final = 8
#: How many pushes are claimed at once.
BATCH: Final = 80

_log = structlog.stdlib.get_logger(__name__)


class Observer(Protocol):
    """Is told of each attempt that was written down."""

    def pushed(self, shop: str, operation: str, state: str) -> None:
        """`state` is the PushState that the push was left in."""


class Courier:
    """One owner of leases in one process.

    `deliveries` are the shops that take pushes, `now` the clock of the store, `between` a chance.
    A delivery takes `longest` seconds at most. A claim lasts some time longer: whoever dies
    meanwhile is taken over after it.
    """

    def __init__(
        self,
        store: Store,
        deliveries: Mapping[str, Delivers[Parcel]],
        now: Callable[[], float],
        between: Between,
        longest: float,
        observer: Observer | None = None,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._now = now
        self._observer = observer
        self._judge = Judge(between)
        self._lanes = {shop: asyncio.Semaphore(_LANES) for shop in deliveries}
        self._due = {shop: asyncio.Event() for shop in deliveries}
        self._troubled: set[str] = set()
        #: Pushes that are being sent: killed meanwhile, nobody knows whether they were.
        self._sending: set[int] = set()
        # Nothing is sent so close to the end of a claim that its calls might outlast it.
        self._margin = longest + _WRITING
        self._lease = 2 * self._margin
        self.owner = secrets.token_hex(8)

    @property
    def shops(self) -> Collection[str]:
        """The shops that take pushes."""
        return self._deliveries.keys()

    def wake(self, shop: str) -> None:
        """Something of this shop is due that nobody is about to deliver."""
        if shop in self._due:
            self._due[shop].set()

    async def woken(self, shop: str, seconds: float) -> None:
        """Return once something of the shop may be due, after `seconds` at the latest."""
        due = self._due[shop]
        try:
            async with asyncio.timeout(seconds):
                await due.wait()
        except TimeoutError:
            return
        finally:
            due.clear()

    async def claim(self, transaction: Transaction, lines: Collection[Line]) -> list[ClaimedPush]:
        """The first pushes of these lines, where nobody else holds them.

        Claimed in the transaction that queued them, they are sent by who queued them. Give them
        to `deliver` once it is committed.
        """
        known = [line for line in lines if line.shop in self._deliveries]
        return await self._store.outbox.claim_lines(
            transaction, self.owner, known, lease=self._lease
        )

    async def deliver_due(self, shop: str) -> int:
        """Delivers what is due in a shop now, a batch of it; gives how many pushes that were.

        Raises:
            StoreUnavailable: the outbox cannot be read or written.
        """
        if not await self._store.outbox.is_due(shop, self._now()):
            return 0
        async with self._store.transaction() as transaction:
            claimed = await self._store.outbox.claim_due(
                transaction, self.owner, shop, lease=self._lease, limit=BATCH
            )
        await self.deliver(claimed)
        return len(claimed)

    async def deliver(self, claimed: Sequence[ClaimedPush]) -> None:
        """Delivers these, and what stands behind them in their lines as long as all goes well."""
        while claimed:
            begun = self._now()
            lots = list(self._lots([push for push in claimed if push.unreadable is None]))
            lots += [[push] for push in claimed if push.unreadable is not None]
            verdicts = await asyncio.gather(*(self._deliver_lot(lot, begun) for lot in lots))
            done = {
                push.line
                for lot, given in zip(lots, verdicts, strict=True)
                for push, verdict in zip(lot, given, strict=True)
                if verdict is not None and verdict.state == "DELIVERED"
            }
            claimed = await self._next(done)

    async def release(self) -> None:
        """Gives back what is still claimed, so that others need not wait for the leases' end."""
        async with self._store.transaction() as transaction:
            await self._store.outbox.release(transaction, self.owner, sent=self._sending)

    async def _next(self, lines: Collection[Line]) -> list[ClaimedPush]:
        if not lines:
            return []
        async with self._store.transaction() as transaction:
            return await self.claim(transaction, lines)

    def _lots(self, claimed: Sequence[ClaimedPush]) -> list[list[ClaimedPush]]:
        lots: dict[Hashable, list[list[ClaimedPush]]] = {}
        for push in claimed:
            name, most = self._deliveries[push.shop].lot(_parcel(push))
            full = lots.setdefault((push.shop, name), [[]])
            if len(full[-1]) >= most:
                full.append([])
            full[-1].append(push)
        return [lot for full in lots.values() for lot in full]

    async def _deliver_lot(
        self, lot: Sequence[ClaimedPush], begun: float
    ) -> Sequence[Verdict | None]:
        """What was written down of each; None where that was another one's to do."""
        shop = lot[0].shop
        if lot[0].unreadable is not None:
            return [await self._give_up(lot[0], lot[0].unreadable)]
        async with self._lanes[shop]:
            if self._now() - begun > self._lease - self._margin:
                await self._give_back(lot)
                return [None] * len(lot)
            sent = [push.id for push in lot]
            self._sending.update(sent)
            outcomes = await self._outcomes(shop, lot)
            verdicts = await self._settle(shop, lot, outcomes)
            self._sending.difference_update(sent)
            return verdicts

    async def _give_back(self, lot: Sequence[ClaimedPush]) -> None:
        """Claims nothing of these any more; nothing of them was sent."""
        async with self._store.transaction() as transaction:
            await self._store.outbox.give_back(transaction, self.owner, [push.id for push in lot])

    async def _give_up(self, push: ClaimedPush, failure: LedgerUnreadable) -> Verdict | None:
        """Nothing can be sent of it any more; the others go on."""
        error = PushError(endpoint="outbox", message=failure.message, lost=push.lost)
        verdict = Verdict(state="DEAD", error=error)
        async with self._store.transaction() as transaction:
            written = await self._store.outbox.settle(transaction, self.owner, push, verdict)
        told = verdict if written else None
        self._tell([push], [told])
        return told

    async def _outcomes(self, shop: str, lot: Sequence[ClaimedPush]) -> Sequence[Outcome]:
        try:
            return await self._deliveries[shop].deliver([_parcel(push) for push in lot])
        except PlatformFailure as failure:
            return [Outcome(fate=Fate.AGAIN, failure=failure)] * len(lot)
        except Overloaded as overload:
            return [not_now(shop, overload.message, overload.retry_after)] * len(lot)
        except GatewayError as error:
            return [not_now(shop, error.message)] * len(lot)
        except Exception:  # noqa: BLE001 - a mistake of ours must not lose what was accepted
            _log.exception("a push could not be sent", shop=shop, pushes=[one.id for one in lot])
            failed = not_now(shop, "the gateway failed to send it; its log says why")
            return [replace(failed, lost=True)] * len(lot)

    async def _settle(
        self, shop: str, lot: Sequence[ClaimedPush], outcomes: Sequence[Outcome]
    ) -> Sequence[Verdict | None]:
        outbox = self._store.outbox
        verdicts: list[Verdict | None] = []
        async with self._store.transaction() as transaction:
            for push, outcome in zip(lot, outcomes, strict=True):
                # What was lost before stays so, until an attempt comes to a clear end.
                known = replace(outcome, lost=outcome.lost or push.lost)
                verdict = self._judge.verdict(push, known, transaction.now)
                if verdict.state == "PENDING" and not known.lost:
                    later = COVERED_BY.get(push.operation, frozenset())
                    if later and await outbox.is_covered(transaction, push, later):
                        verdict = Verdict(state="SUPERSEDED", error=verdict.error)
                written = await outbox.settle(transaction, self.owner, push, verdict)
                verdicts.append(verdict if written else None)
            hastened = await self._hasten(transaction, shop, verdicts)
        if hastened:
            self.wake(shop)
        self._tell(lot, verdicts)
        return verdicts

    async def _hasten(
        self, transaction: Transaction, shop: str, verdicts: Sequence[Verdict | None]
    ) -> int:
        """Once a platform that was down takes something again, nothing waits for its pause."""
        states = {verdict.state for verdict in verdicts if verdict is not None}
        if "PENDING" in states:
            self._troubled.add(shop)
        elif "DELIVERED" in states and shop in self._troubled:
            self._troubled.discard(shop)
            return await self._store.outbox.hasten(transaction, shop)
        return 0

    def _tell(self, lot: Sequence[ClaimedPush], verdicts: Sequence[Verdict | None]) -> None:
        for push, verdict in zip(lot, verdicts, strict=True):
            if verdict is None:
                continue
            if self._observer is not None:
                self._observer.pushed(push.shop, push.operation, verdict.state)
            if verdict.state in {"DELIVERED", "SUPERSEDED"}:
                continue
            _log.warning(
                "push not delivered",
                push=push.id,
                shop=push.shop,
                operation=push.operation,
                state=verdict.state,
                attempt=push.attempt,
                error=verdict.error and verdict.error.message,
            )


def _parcel(push: ClaimedPush) -> Parcel:
    return Parcel(
        operation=push.operation,
        payload=push.payload,
        personal=push.personal,
        lost=push.lost,
    )
