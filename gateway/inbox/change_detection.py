"""Change detection: compares each read of an order with the previous one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.ledger.order_times import overlay_id
from gateway.store.documents import Shipment, ShipmentItem
from gateway.store.engine import Transaction
from gateway.store.order_changes import NewOrderChange
from gateway.store.order_overlays import Look
from gateway.store.store import Store
from schema import shipment as public
from schema.order import Order
from schema.order_status import OrderStatus

#: The statuses that an order enters with a parcel.
_SENT: Final = frozenset({OrderStatus.SHIPPED, OrderStatus.PARTIALLY_SHIPPED})


@dataclass(frozen=True, slots=True)
class ObservedOrder:
    """An order as read; `read_at` is when the request was sent, in unix seconds."""

    shop: str
    order: Order
    read_at: float
    partner_app_id: str | None = None
    #: When it was paid by the platform's event, in unix seconds; None: the event does not say.
    paid_at: int | None = None

    @property
    def place(self) -> str:
        """What the ledger calls the order."""
        return overlay_id(self.order)


class ChangeDetector:
    """Turns reads into changes: one for each new status.

    An event or a mutation also announces a status that was only recorded silently.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def changes(
        self, transaction: Transaction, observed: ObservedOrder, cause: str, look: Look = Look.NEWS
    ) -> list[NewOrderChange] | None:
        """Record the order; returns the changes, None if a later read is recorded.

        They must be appended in the same transaction: nothing finds them a second time.
        """
        order, paid_at = observed.order, observed.paid_at
        sight = await self._store.order_overlays.see(
            transaction, observed.shop, observed.place, order.status.value, observed.read_at, look
        )
        if not sight.newer:
            return None
        if paid_at is not None:
            await self._store.order_overlays.pay(
                transaction, observed.shop, observed.place, paid_at
            )
        if not sight.changed:
            return []
        buyer = order.buyer_data
        return [
            NewOrderChange(
                shop=observed.shop,
                platform_id=order.platform_id,
                partner_app_id=observed.partner_app_id,
                status=order.status.value,
                previous_status=sight.status,
                cause=cause,
                open_id=None if buyer is None else buyer.open_id,
                created_at=_seconds(order.created_at),
                platform_status=order.platform_status,
                paid_at=paid_at,
                shipment=_parcel(order),
            )
        ]


def _parcel(order: Order) -> Shipment | None:
    """The parcel that the order's status tells of: its last one, once it is shipped."""
    if order.status not in _SENT or not order.shipments:
        return None
    sent: public.Shipment = order.shipments[-1]
    return Shipment(
        number=sent.number,
        carrier_code=sent.carrier.code if sent.carrier else None,
        carrier_name=sent.carrier.name if sent.carrier else None,
        tracking_number=sent.tracking_number,
        shipped_at=_seconds(sent.shipped_at),
        items=tuple(
            ShipmentItem(
                platform_product_id=item.platform_product_id,
                platform_sku_id=item.platform_sku_id,
                quantity=item.quantity,
            )
            for item in sent.items or ()
        ),
    )


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
