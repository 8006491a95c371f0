"""Event processor: reads what an event is about from its platform, and records what changed."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

import structlog

from gateway.concurrency.clock import DAY
from gateway.concurrency.outages import Outages
from gateway.errors import (
    GatewayError,
    LedgerUnreadable,
    Overloaded,
    PlatformFailure,
    PlatformRejected,
)
from gateway.inbox.change_detection import ChangeDetector, ObservedOrder
from gateway.inbox.dead_letters import DeadLetterQueue
from gateway.index.writer import IndexWriter, ReadAfterSale, ReadOrder, ReadProduct
from gateway.ledger.payments import PaidOrder
from gateway.ports import Adapter, PaymentName, ReadOptions
from gateway.store.engine import Transaction
from gateway.store.inbox import ClaimedEvent
from gateway.store.indexed_products import DraftRefusal
from gateway.store.object_changes import NewObjectChange
from gateway.store.order_changes import NewOrderChange
from gateway.store.partner_orders import PartnerOrder
from gateway.store.store import Store
from gateway.tracing import SpanKind, traced
from schema.after_sale import AfterSale
from schema.order import Order
from schema.order_change import OrderChangeCause
from schema.order_status import OrderStatus
from schema.product import Product

#: Seconds that a claim lasts; then another replica takes over from one that died.
LEASE: Final = 60.0
#: Events processed concurrently.
BATCH: Final = 20
#: Seconds after which more events are started while a platform is slow.
_PACE: Final = 1.0
#: Seconds that events in progress have to end.
_GRACE: Final = 5.0
#: Seconds after which an event that could not be confirmed becomes a dead letter.
MAX_AGE: Final = DAY
#: Attempts to read an order that the platform does not know (yet).
_LOOKS: Final = 5
_LONGEST_WAIT: Final = 300.0
_NOT_THERE: Final = "the platform does not know the order"
_CAUSE: Final = OrderChangeCause.PLATFORM_EVENT.value
_READING: Final = ReadOptions(fresh=True, strict=True)

#: Records a payment of a shop; raises StoreUnavailable.
RecordsPayment = Callable[[str, PaidOrder], Awaitable[None]]

_log = structlog.stdlib.get_logger(__name__)


class EventObserver(Protocol):
    """Counts attempts to confirm events."""

    def event_attempted(self, shop: str, outcome: str) -> None:
        """An attempt ended: "processed", "postponed" or "given_up"."""


class _Found(NamedTuple):
    """What an event is about, as it was read; `after_sale` is that of an event about one."""

    order: Order
    after_sale: AfterSale | None = None


def _found(order: Order | None, after_sale: AfterSale | None = None) -> _Found | None:
    return None if order is None else _Found(order, after_sale)


class EventProcessor:
    """One owner of leases in one process.

    `changed` is awaited once changes are committed; `between(low, high)` is a random number.
    `record_payment` joins a payment, as it was read, with the ledger.
    """

    def __init__(  # noqa: PLR0913 - each can be replaced in tests
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        dead_letters: DeadLetterQueue,
        changed: Callable[[], Awaitable[None]],
        now: Callable[[], float],
        between: Callable[[float, float], float],
        *,
        observer: EventObserver,
        index: IndexWriter | None = None,
        record_payment: RecordsPayment | None = None,
    ) -> None:
        self._store = store
        self._adapters = adapters
        self._dead_letters = dead_letters
        self._changed = changed
        self._now = now
        self._between = between
        self._observer = observer
        self._index = index
        self._record_payment = record_payment
        self._outages = Outages(now)
        self._change_detector = ChangeDetector(store)
        self._owner = secrets.token_hex(8)
        self._under_way: set[asyncio.Task[None]] = set()

    async def idle(self) -> None:
        """Wait until no event is being processed."""
        if self._under_way:
            await asyncio.wait(set(self._under_way))

    async def work(self) -> int:
        """Start the due events; returns how many.

        Most are done by then: one whose platform is slow continues alongside the next ones.
        """
        free = BATCH - len(self._under_way)
        if free <= 0 or not await self._store.inbox.is_due(self._now()):
            return 0
        async with self._store.transaction() as transaction:
            claimed = await self._store.inbox.claim(
                transaction, self._owner, lease=LEASE, limit=free
            )
        attempts = {asyncio.create_task(self._attempt(event)) for event in claimed}
        self._under_way |= attempts
        for attempt in attempts:
            attempt.add_done_callback(self._under_way.discard)
        if attempts:
            await asyncio.wait(attempts, timeout=_PACE)
        return len(claimed)

    async def release(self) -> None:
        """Let events in progress end, and release the others."""
        if self._under_way:
            _, late = await asyncio.wait(set(self._under_way), timeout=_GRACE)
            for attempt in late:
                attempt.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        async with self._store.transaction() as transaction:
            await self._store.inbox.release(transaction, self._owner)

    async def _attempt(self, event: ClaimedEvent) -> None:
        attributes = {
            "messaging.system": "gateway_inbox",
            "messaging.destination.name": "inbox",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "gateway.shop": event.shop,
            "gateway.event.kind": event.kind,
        }
        with traced("process inbox", SpanKind.CONSUMER, attributes):
            await self._processed(event)

    async def _processed(self, event: ClaimedEvent) -> None:
        if isinstance(event.found, LedgerUnreadable):
            await self._give_up(event, event.found.message)
            return
        try:
            async with asyncio.timeout(LEASE / 2):
                await self._make_sure(event)
        except (PlatformFailure, Overloaded, TimeoutError) as failure:
            if isinstance(failure, PlatformRejected) and not event.trusted:
                # A platform reports this for an unknown order of a partner: hints may be forged.
                await self._not_there(event)
            else:
                await self._put_off(event, type(failure).__name__)
        except GatewayError as failure:
            _log.warning(
                "inbox.event.attempt_failed",
                message="The event was not processed; it is retried when its lease expires.",
                shop=event.shop,
                failure=type(failure).__name__,
            )
        except Exception:  # noqa: BLE001 - one event must not keep the others from being done
            _log.exception(
                "inbox.event.processing_failed",
                message="An event was not processed because of an error in the gateway.",
                shop=event.shop,
                kind=event.kind,
            )
            await self._put_off(event, "internal")
        else:
            self._report_recovery(event.shop)

    async def _make_sure(self, event: ClaimedEvent) -> None:
        if event.body.product_id is not None:
            await self._make_sure_of_product(event, event.body.product_id)
        elif event.body.payment is not None:
            await self._make_sure_of_payment(event, PaymentName(*event.body.payment))
        else:
            await self._make_sure_of_order(event)

    async def _make_sure_of_product(self, event: ClaimedEvent, product_id: str) -> None:
        adapter = self._adapters.get(event.shop)
        if adapter is None or adapter.products is None or not adapter.traits.reconciled:
            await self._not_there(event)
            return
        read_at = self._now()
        product = (await adapter.products.get_many([product_id], _READING)).get(product_id)
        async with self._store.transaction() as transaction:
            changes = await self._index_product(
                transaction, event.shop, product_id, product, read_at
            )
            await self._keep_refusal(transaction, event, product_id)
            # Also one that the platform does not know: it was deleted, or comes with a comparison.
            settled = await self._store.inbox.done(transaction, self._owner, event)
            await self._store.object_changes.append(transaction, changes)
        if settled:
            self._observer.event_attempted(event.shop, "processed")

    async def _make_sure_of_payment(self, event: ClaimedEvent, name: PaymentName) -> None:
        adapter = self._adapters.get(event.shop)
        if adapter is None or adapter.payments is None or self._record_payment is None:
            await self._not_there(event)
            return
        paid = await adapter.payments.get(name)
        if paid is None:
            # The platform may know it minutes after it was paid.
            await self._not_there(event)
            return
        # Before the event is done: a repetition records nothing twice.
        await self._record_payment(event.shop, paid)
        async with self._store.transaction() as transaction:
            settled = await self._store.inbox.done(transaction, self._owner, event)
        if settled:
            self._observer.event_attempted(event.shop, "processed")

    async def _keep_refusal(
        self, transaction: Transaction, event: ClaimedEvent, product_id: str
    ) -> None:
        """Keep why a draft was refused: reads do not tell it, and a hint may be forged."""
        reason = event.body.draft_refusal
        if self._index is not None and event.trusted and reason is not None:
            await self._store.indexed_products.set_draft_refusal(
                transaction, event.shop, product_id, DraftRefusal(reason, event.event_at)
            )

    async def _index_product(
        self,
        transaction: Transaction,
        shop: str,
        product_id: str,
        product: Product | None,
        read_at: float,
    ) -> list[NewObjectChange]:
        """Index a product as it was read; returns its change if its status is another."""
        if self._index is None:
            return []
        indexed = await self._store.indexed_products.statuses(transaction, shop, [product_id])
        previous = indexed.get(product_id)
        if product is None:
            await self._index.remove_products(transaction, shop, [product_id])
            status = None
        else:
            await self._index.put_read_products(transaction, [ReadProduct(product, read_at)])
            known = product.known_status
            status = previous if known is None else known.name
        if status == previous:
            return []
        return [
            NewObjectChange(
                kind="Product",
                shop=shop,
                platform_id=product_id,
                status=status,
                previous_status=previous,
                cause=_CAUSE,
            )
        ]

    async def _make_sure_of_order(self, event: ClaimedEvent) -> None:
        if event.trusted and event.body.partner_app_id is not None:
            # It exists, even if it cannot be read now.
            async with self._store.transaction() as transaction:
                await self._announce(transaction, event)
        read_at = self._now()
        found = await self._read(event)
        if found is None:
            await self._not_there(event)
            return
        order, after_sale = found
        paid_at = _paid_at(event, order)
        order = _paid(order, paid_at)
        observed = ObservedOrder(event.shop, order, read_at, event.body.partner_app_id, paid_at)
        async with self._store.transaction() as transaction:
            changes = await self._change_detector.changes(transaction, observed, _CAUSE)
            if changes is None:
                # Another replica's clock may be ahead: not at once, or this would loop.
                await self._store.inbox.put_off(transaction, self._owner, event, self._pause(event))
                return
            if event.body.partner_app_id is not None:
                await self._announce(transaction, event)
            if self._index is not None:
                if event.body.partner_app_id is not None and order.created_at is None:
                    order.created_at = datetime.fromtimestamp(_announced_at(event), UTC)
                await self._index.put_read_orders(transaction, [ReadOrder(order, read_at)])
            of_after_sale = await self._index_after_sale(transaction, after_sale, read_at)
            await self._finish(transaction, event, changes)
            await self._store.object_changes.append(transaction, of_after_sale)
        if changes:
            await self._changed()

    async def _index_after_sale(
        self, transaction: Transaction, after_sale: AfterSale | None, read_at: float
    ) -> list[NewObjectChange]:
        """Index an after-sale as it was read; returns its change if its status is another."""
        if self._index is None or after_sale is None:
            return []
        key, status = after_sale.key, after_sale.status.name
        indexed = self._store.indexed_after_sales
        previous = await indexed.status(transaction, key.shop, key.platform_id, key.part)
        await self._index.put_read_after_sales(transaction, [ReadAfterSale(after_sale, read_at)])
        if status == previous:
            return []
        return [
            NewObjectChange(
                kind="AfterSale",
                shop=key.shop,
                platform_id=key.part,
                order_id=key.platform_id,
                status=status,
                previous_status=previous,
                cause=_CAUSE,
            )
        ]

    async def _read(self, event: ClaimedEvent) -> _Found | None:
        adapter, body = self._adapters.get(event.shop), event.body
        if adapter is None or body.order_id is None:
            return None
        if body.partner_app_id is not None:
            if adapter.partner_orders is None:
                return None
            return _found(
                await adapter.partner_orders.get(body.partner_app_id, body.order_id, _READING)
            )
        if adapter.orders is None or not adapter.traits.reconciled:
            # The ledger's own copy of an order does not confirm a platform's event about it.
            return None
        after_sale = None
        if body.after_sale_id is not None and adapter.after_sales is not None:
            after_sale = await adapter.after_sales.get(body.order_id, body.after_sale_id, _READING)
            if after_sale is None:
                return None
        orders = await adapter.orders.get_many([body.order_id], _READING)
        return _found(orders.get(body.order_id), after_sale)

    async def _announce(self, transaction: Transaction, event: ClaimedEvent) -> None:
        partner, order_id = event.body.partner_app_id, event.body.order_id
        if partner is not None and order_id is not None:
            order = PartnerOrder(event.shop, partner, order_id, _announced_at(event))
            await self._store.partner_orders.announce(transaction, order)

    async def _finish(
        self, transaction: Transaction, event: ClaimedEvent, changes: list[NewOrderChange]
    ) -> None:
        settled = await self._store.inbox.done(transaction, self._owner, event)
        # Also if the lease was lost: the next owner of the event finds the status recorded.
        await self._store.order_changes.append(transaction, changes)
        if settled:
            self._observer.event_attempted(event.shop, "processed")

    async def _not_there(self, event: ClaimedEvent) -> None:
        if event.attempt < _LOOKS:
            await self._put_off(event, _NOT_THERE)
        else:
            await self._give_up(event, _NOT_THERE)

    async def _give_up(self, event: ClaimedEvent, reason: str) -> None:
        self._observer.event_attempted(event.shop, "given_up")
        try:
            await self._dead_letters.give_up(self._owner, event, reason)
        except GatewayError as failure:
            _log.warning(
                "inbox.event.give_up_failed",
                message="An event was not given up; it is retried when its lease expires.",
                shop=event.shop,
                failure=type(failure).__name__,
            )

    async def _put_off(self, event: ClaimedEvent, reason: str) -> None:
        if self._now() - event.written_at > MAX_AGE:
            await self._give_up(event, reason)
            return
        try:
            async with self._store.transaction() as transaction:
                await self._store.inbox.put_off(transaction, self._owner, event, self._pause(event))
        except GatewayError as failure:
            reason = type(failure).__name__
        self._observer.event_attempted(event.shop, "postponed")
        if reason != _NOT_THERE and self._outages.failed(event.shop):
            _log.warning(
                "inbox.event.postponed",
                message="Events of a shop cannot be confirmed; they are retried.",
                shop=event.shop,
                reason=reason,
            )

    def _report_recovery(self, shop: str) -> None:
        outage = self._outages.succeeded(shop)
        if outage is not None:
            _log.info(
                "inbox.event.recovered",
                message="Events of a shop are confirmed again.",
                shop=shop,
                failures=outage.failures,
                seconds=round(outage.seconds, 1),
            )

    def _pause(self, event: ClaimedEvent) -> float:
        return self._between(0.5, 1.0) * min(2.0**event.attempt, _LONGEST_WAIT)


def _paid_at(event: ClaimedEvent, order: Order) -> int | None:
    """When the order was paid, if this is the event of its payment; a hint's time may be forged."""
    paid = order.status is OrderStatus.AWAITING_SHIPMENT
    if event.trusted and paid and event.body.status == order.platform_status:
        return event.event_at
    return None


def _paid(order: Order, paid_at: int | None) -> Order:
    """The order with the time of payment; one that is known already stays."""
    if paid_at is None or order.paid_at is not None:
        return order
    paid = copy(order)
    paid.paid_at = datetime.fromtimestamp(paid_at, UTC)
    return paid


def _announced_at(event: ClaimedEvent) -> int:
    """The time in place of the order's own, in unix seconds."""
    # A hint's own time may be forged: it would set the order's position in the lists.
    return event.event_at if event.trusted else int(event.written_at)
