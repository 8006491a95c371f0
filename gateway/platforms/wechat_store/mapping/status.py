"""Maps the WeChat Store's status codes of orders and products."""

from typing import Final

from gateway.platforms.wechat_store.mapping.scalars import whole
from gateway.platforms.wechat_store.wire.order import Order
from gateway.platforms.wechat_store.wire.product import Product
from schema.order_status import OrderStatus
from schema.product_status import ProductStatus

#: The platform's code for orders in dispute.
IN_DISPUTE: Final = 8

#: Manual 6.3. Its own sample has an undocumented 6: codes missing here are UNKNOWN.
ORDER_STATUS: Final = {
    2: OrderStatus.AWAITING_SHIPMENT,
    3: OrderStatus.SHIPPED,
    5: OrderStatus.COMPLETED,
    IN_DISPUTE: OrderStatus.IN_DISPUTE,
}

#: Manual 1.5. A product without stock stays ON_SHELF: this platform has no SOLD_OUT.
PRODUCT_STATUS: Final = {1: ProductStatus.ON_SHELF, 2: ProductStatus.OFF_SHELF}


def order_status_from_wire(raw: Order) -> OrderStatus:
    """The order's status."""
    return ORDER_STATUS.get(whole(raw.order_status) or 0, OrderStatus.UNKNOWN)


def product_status_from_wire(raw: Product) -> ProductStatus | None:
    """The product's status; None if the response lacks it, as in manual 1.4."""
    status = whole(raw.status)
    return None if status is None else PRODUCT_STATUS.get(status, ProductStatus.UNKNOWN)
