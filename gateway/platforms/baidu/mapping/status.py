"""Where orders and after-sales stand, as the order centre counts it."""

from collections.abc import Mapping
from typing import Final

from schema.after_sale import AfterSaleKind, AfterSaleStatus
from schema.order_details import BaiduOrderKind
from schema.order_status import OrderStatus

#: CateID.
KIND: Final[Mapping[int, BaiduOrderKind]] = {1: BaiduOrderKind.PHYSICAL, 2: BaiduOrderKind.VIRTUAL}

_EITHER: Final[Mapping[int, OrderStatus]] = {
    1: OrderStatus.AWAITING_PAYMENT,
    100: OrderStatus.CLOSED,
    200: OrderStatus.COMPLETED,
    300: OrderStatus.HIDDEN,
}

#: Data.Status, whose meaning hangs on the kind.
ORDER_STATUS: Final[Mapping[BaiduOrderKind, Mapping[int, OrderStatus]]] = {
    BaiduOrderKind.PHYSICAL: {
        **_EITHER,
        5: OrderStatus.AWAITING_SHIPMENT,
        6: OrderStatus.SHIPPED,
    },
    BaiduOrderKind.VIRTUAL: {
        **_EITHER,
        2: OrderStatus.AWAITING_CONFIRMATION,
        3: OrderStatus.PROCESSING,
        4: OrderStatus.CONFIRMED,
    },
}

#: SubsOrder.Status and SubStatus.
AFTER_SALE_STATUS: Final[Mapping[int, AfterSaleStatus]] = {
    400: AfterSaleStatus.APPLYING,
    401: AfterSaleStatus.PROCESSING,
    402: AfterSaleStatus.REFUNDED,
    403: AfterSaleStatus.EXCHANGED,
    404: AfterSaleStatus.CLOSED,
    407: AfterSaleStatus.REJECTED,
}

#: OrderType.
AFTER_SALE_KIND: Final[Mapping[int, AfterSaleKind]] = {
    1: AfterSaleKind.REFUND_ONLY,
    2: AfterSaleKind.EXCHANGE,
    3: AfterSaleKind.RETURN_AND_REFUND,
}
