"""Dispatcher: claims pushes and delivers them in batches, recording every attempt."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Protocol

import structlog

from gateway.concurrency.outages import Outages
from gateway.errors import GatewayError, LedgerUnreadable, Overloaded, PlatformFailure
from gateway.outbox.delivery_wait import DeliveryWait
from gateway.outbox.message import OutboxMessage
from gateway.outbox.retry_policy import Between, RetryPolicy, not_now
from gateway.outbox.supersession import SUPERSEDED_BY
from gateway.ports import Delivers, DeliveryResult, DeliveryStatus, WireForm
from gateway.store.engine import Transaction
from gateway.store.outbox import ClaimedPush, QueueKey, Settlement
from gateway.store.pushes import PushError
from gateway.store.store import Store

#: Seconds within which the result of an attempt is recorded.
_WRITING: Final = 5.0
#: Concurrent batches of one shop.
_LANES: Final = 8
#: How many pushes are claimed at once.
BATCH: Final = 80
#: Of pushes that were not accepted just now.
NO_WIRE_FORMS: Final[Mapping[int, WireForm]] = MappingProxyType({})

_log = structlog.stdlib.get_logger(__name__)


class DispatchObserver(Protocol):
    """Observes every recorded attempt."""

    def pushed(self, shop: str, operation: str, state: str) -> None:
        """`state` is the PushState that the push was left in."""


class Dispatcher:
    """One lease owner in one process.

    `deliveries` are those of the shops that take pushes, `now` the clock of the store, `between`
    the randomness. A delivery takes at most `longest` seconds. A claim lasts longer; once it
    expires, another replica takes the push over.
    """

    def __init__(
        self,
        store: Store,
        deliveries: Mapping[str, Delivers[OutboxMessage]],
        now: Callable[[], float],
        between: Between,
        longest: float,
        observer: DispatchObserver | None = None,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._now = now
        self._observer = observer
        self._retry_policy = RetryPolicy(between)
        self._lanes = {shop: asyncio.Semaphore(_LANES) for shop in deliveries}
        self._due = {shop: asyncio.Event() for shop in deliveries}
        self._troubled: set[str] = set()
        self._outages = Outages(now)
        #: Pushes that are being sent: if the process is killed now, their outcome is unknown.
        self._sending: set[int] = set()
        # Nothing is sent so late in a claim that its calls might outlast the claim.
        self._margin = longest + _WRITING
        self._lease = 2 * self._margin
        self.owner = secrets.token_hex(8)
        #: The requests that wait for deliveries.
        self.waits = DeliveryWait()

    @property
    def shops(self) -> Collection[str]:
        """The shops that take pushes."""
        return self._deliveries.keys()

    def wake(self, shop: str) -> None:
        """Signals that a push of this shop is due."""
        if shop in self._due:
            self._due[shop].set()

    async def woken(self, shop: str, seconds: float) -> None:
        """Returns once a push of the shop may be due, after at most `seconds`."""
        due = self._due[shop]
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
        known = [line for line in lines if line.shop in self._deliveries]
        return await self._store.outbox.claim_lines(
            transaction, self.owner, known, lease=self._lease
        )

    async def deliver_due(self, shop: str) -> int:
        """Delivers one claim of a shop's due pushes; returns how many.

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

    async def deliver(
        self, claimed: Sequence[ClaimedPush], wire_forms: Mapping[int, WireForm] = NO_WIRE_FORMS
    ) -> None:
        """Delivers these, and the pushes queued after them as long as deliveries succeed.

        `wire_forms`, by push id, are those that were written when the pushes were accepted.
        """
        while claimed:
            begun = self._now()
            batches = list(self._batches([push for push in claimed if push.unreadable is None]))
            batches += [[push] for push in claimed if push.unreadable is not None]
            settlements = await asyncio.gather(
                *(self._deliver_batch(batch, begun, wire_forms) for batch in batches)
            )
            done = {
                push.line
                for batch, given in zip(batches, settlements, strict=True)
                for push, settlement in zip(batch, given, strict=True)
                if settlement is not None and settlement.state == "DELIVERED"
            }
            claimed = await self._next(done)

    async def release(self) -> None:
        """Releases all claims, so that others need not wait for the leases to expire."""
        async with self._store.transaction() as transaction:
            await self._store.outbox.release(transaction, self.owner, sent=self._sending)

    async def _next(self, lines: Collection[QueueKey]) -> list[ClaimedPush]:
        if not lines:
            return []
        async with self._store.transaction() as transaction:
            return await self.claim(transaction, lines)

    def _batches(self, claimed: Sequence[ClaimedPush]) -> list[list[ClaimedPush]]:
        batches: dict[Hashable, list[list[ClaimedPush]]] = {}
        for push in claimed:
            name, most = self._deliveries[push.shop].batch(_message(push))
            full = batches.setdefault((push.shop, name), [[]])
            if len(full[-1]) >= most:
                full.append([])
            full[-1].append(push)
        return [batch for full in batches.values() for batch in full]

    async def _deliver_batch(
        self, batch: Sequence[ClaimedPush], begun: float, wire_forms: Mapping[int, WireForm]
    ) -> Sequence[Settlement | None]:
        """The recorded settlement of each; None where the claim was lost."""
        shop = batch[0].shop
        if batch[0].unreadable is not None:
            return [await self._give_up(batch[0], batch[0].unreadable)]
        async with self._lanes[shop]:
            if self._now() - begun > self._lease - self._margin:
                await self._give_back(batch)
                return [None] * len(batch)
            sent = [push.id for push in batch]
            self._sending.update(sent)
            messages = [_message(push, wire_forms.get(push.id)) for push in batch]
            outcomes = await self._outcomes(shop, batch, messages)
            settlements = await self._settle(shop, batch, outcomes)
            self._sending.difference_update(sent)
            return settlements

    async def _give_back(self, batch: Sequence[ClaimedPush]) -> None:
        """Releases the claims of these; nothing of them was sent."""
        async with self._store.transaction() as transaction:
            await self._store.outbox.give_back(transaction, self.owner, [push.id for push in batch])

    async def _give_up(self, push: ClaimedPush, failure: LedgerUnreadable) -> Settlement | None:
        """Makes an unreadable push a dead letter; the others go on."""
        error = PushError(endpoint="outbox", message=failure.message, lost=push.lost)
        settlement = Settlement(state="DEAD", error=error)
        async with self._store.transaction() as transaction:
            written = await self._store.outbox.settle(transaction, self.owner, push, settlement)
        recorded = settlement if written else None
        self._report([push], [recorded])
        return recorded

    async def _outcomes(
        self, shop: str, batch: Sequence[ClaimedPush], messages: Sequence[OutboxMessage]
    ) -> Sequence[DeliveryResult]:
        try:
            return await self._deliveries[shop].deliver(messages)
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

    async def _settle(
        self, shop: str, batch: Sequence[ClaimedPush], outcomes: Sequence[DeliveryResult]
    ) -> Sequence[Settlement | None]:
        outbox = self._store.outbox
        settlements: list[Settlement | None] = []
        async with self._store.transaction() as transaction:
            for push, outcome in zip(batch, outcomes, strict=True):
                # An earlier lost answer stays lost until an attempt has a clear result.
                known = replace(outcome, lost=outcome.lost or push.lost)
                settlement = self._retry_policy.settlement(push, known, transaction.now)
                if settlement.state == "PENDING" and not known.lost:
                    later = SUPERSEDED_BY.get(push.operation, frozenset())
                    if later and await outbox.is_superseded(transaction, push, later):
                        settlement = Settlement(state="SUPERSEDED", error=settlement.error)
                written = await outbox.settle(transaction, self.owner, push, settlement)
                settlements.append(settlement if written else None)
            hastened = await self._hasten(transaction, shop, settlements)
        if hastened:
            self.wake(shop)
        self._report(batch, settlements)
        self._report_outage(shop, settlements)
        return settlements

    async def _hasten(
        self, transaction: Transaction, shop: str, settlements: Sequence[Settlement | None]
    ) -> int:
        """Once a platform that was down accepts a push, the others skip their backoff."""
        states = {settlement.state for settlement in settlements if settlement is not None}
        if "PENDING" in states:
            self._troubled.add(shop)
        elif "DELIVERED" in states and shop in self._troubled:
            self._troubled.discard(shop)
            return await self._store.outbox.hasten(transaction, shop)
        return 0

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
