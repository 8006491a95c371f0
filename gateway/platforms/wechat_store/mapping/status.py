"""Maps the WeChat Store's status codes of orders and products."""

from typing import Final

from gateway.platforms.wechat_store.wire.order import Order
from gateway.platforms.wechat_store.wire.product import Product
from gateway.wechat.scalars import whole
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

#: Manual 1.5. The platform has no SOLD_OUT: that follows from the stock.
PRODUCT_STATUS: Final = {1: ProductStatus.ON_SHELF, 2: ProductStatus.OFF_SHELF}


def order_status_from_wire(raw: Order) -> OrderStatus:
    """The order's status."""
    return ORDER_STATUS.get(whole(raw.order_status) or 0, OrderStatus.UNKNOWN)


def product_status_from_wire(raw: Product) -> ProductStatus | None:
    """The product's status; None if the response lacks it, as in manual 1.4."""
    status = whole(raw.status)
    if status is None:
        return None
    return status_by_stock(PRODUCT_STATUS.get(status, ProductStatus.UNKNOWN), raw)


def status_by_stock(listed: ProductStatus, raw: Product) -> ProductStatus:
    """SOLD_OUT instead of ON_SHELF where no SKU has a unit left."""
    sold_out = listed is ProductStatus.ON_SHELF and is_sold_out(raw)
    return ProductStatus.SOLD_OUT if sold_out else listed


def is_sold_out(raw: Product) -> bool:
    """Whether the product has SKUs, and the stock of each is reported as 0."""
    stocks = [whole(sku.quantity) for sku in raw.sku_list or ()]
    return bool(stocks) and not any(stock is None or stock > 0 for stock in stocks)
