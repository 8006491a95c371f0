"""Times of orders that their platform does not report, and that the gateway knows."""

from collections.abc import Sequence
from copy import copy
from typing import Final

import structlog

from gateway.cache_control import note, unwatched
from gateway.errors import StoreUnavailable
from gateway.ledger.mapping.parts import moment
from gateway.store.engine import Transaction
from gateway.store.order_overlays import OrderTimes
from gateway.store.store import Store
from schema.order import Order
from schema.shipment import Shipment

_log: Final = structlog.get_logger("gateway.ledger")


class KnownOrderTimes:
    """Of the orders of one shop that the platform keeps."""

    def __init__(self, store: Store, shop: str) -> None:
        self._store = store
        self._shop = shop

    async def added(
        self, orders: Sequence[Order], *, within: Transaction | None = None
    ) -> list[Order]:
        """The orders, each with the times that are known of it; also what `within` has written.

        Without the ledger, the platform's answers are shown as they are, and are not to be cached
        by clients. The times hold as long as the answers that they complete.
        """
        try:
            ids = [overlay_id(order) for order in orders]
            with unwatched():
                known = await self._store.order_overlays.times(self._shop, ids, within=within)
        except StoreUnavailable:
            if within is not None:
                raise
            note(0.0)
            return list(orders)
        return [_timed(order, known.get(overlay_id(order))) for order in orders]

    async def note_shipped(self, order: str) -> None:
        """Records that the platform has accepted the order's parcel, now.

        That is done already: if the ledger cannot be written, the time is not known.
        """
        try:
            async with self._store.transaction() as transaction:
                await self._store.order_overlays.ship(transaction, self._shop, order)
        except StoreUnavailable:
            _log.warning(
                "orders.shipping.time_not_stored",
                message="The ledger did not store when an order was shipped.",
                shop=self._shop,
                order=order,
            )


def overlay_id(order: Order) -> str:
    """What the ledger calls an order; one of a partner store by the store's app id too."""
    return f"{order.key.part}/{order.platform_id}" if order.key.part else order.platform_id


def _timed(order: Order, times: OrderTimes | None) -> Order:
    """A copy of the order with the times; those that the platform reports stay."""
    if times is None:
        return order
    timed = copy(order)
    timed.paid_at = order.paid_at or moment(times.paid_at)
    changed_at = moment(times.changed_at)
    if changed_at is not None and (order.updated_at is None or order.updated_at < changed_at):
        timed.updated_at = changed_at
    if times.shipped_at is not None:
        timed.shipments = [_shipped(parcel, times.shipped_at) for parcel in order.shipments]
    return timed


def _shipped(parcel: Shipment, at: int) -> Shipment:
    if parcel.shipped_at is not None:
        return parcel
    shipped = copy(parcel)
    shipped.shipped_at = moment(at)
    return shipped
