"""Where orders stand, as the shopping list and the partner stores count it."""

from collections.abc import Mapping
from typing import Final

from schema.order_status import OrderStatus

#: What an import may tell (导入“已购订单”, `status`).
IMPORT_STATUS: Final[Mapping[int, OrderStatus]] = {
    3: OrderStatus.AWAITING_SHIPMENT,
    4: OrderStatus.SHIPPED,
    5: OrderStatus.REFUNDED,
    100: OrderStatus.COMPLETED,
}

#: What an update may tell (更新订单信息, `status`).
UPDATE_STATUS: Final[Mapping[int, OrderStatus]] = {
    4: OrderStatus.SHIPPED,
    5: OrderStatus.REFUNDED,
    12: OrderStatus.CLOSED,
    100: OrderStatus.COMPLETED,
}

#: The codes of both calls together.
ORDER_STATUS: Final[Mapping[int, OrderStatus]] = {**IMPORT_STATUS, **UPDATE_STATUS}

#: The store's OrderStatus, to which the page of partner orders points by name. 200 is an order
#: that was cancelled after all its items were refunded.
PARTNER_STATUS: Final[Mapping[str, OrderStatus]] = {
    "10": OrderStatus.AWAITING_PAYMENT,
    "20": OrderStatus.AWAITING_SHIPMENT,
    "21": OrderStatus.PARTIALLY_SHIPPED,
    "30": OrderStatus.SHIPPED,
    "100": OrderStatus.COMPLETED,
    "190": OrderStatus.CLOSED,
    "200": OrderStatus.REFUNDED,
    "250": OrderStatus.CLOSED,
}
