"""Maps the Weixin Store's status codes."""

from typing import Final

from schema.order_status import OrderStatus

#: `order.status` (reference, section 3.2). 17, paid and to be redeemed on site, has no status of
#: the schema's: it is UNKNOWN, as is a code that is missing here.
ORDER_STATUS: Final = {
    10: OrderStatus.AWAITING_PAYMENT,
    12: OrderStatus.AWAITING_CONFIRMATION,  # a gift that is not accepted yet
    13: OrderStatus.AWAITING_CONFIRMATION,  # a group that is not complete
    20: OrderStatus.AWAITING_SHIPMENT,
    21: OrderStatus.PARTIALLY_SHIPPED,
    30: OrderStatus.SHIPPED,
    100: OrderStatus.COMPLETED,
    190: OrderStatus.CLOSED,  # oversold, cancelled by the shop; from one source (C)
    200: OrderStatus.REFUNDED,
    250: OrderStatus.CLOSED,
}


def order_status(code: int | None) -> OrderStatus:
    """The status of an order by the platform's code."""
    return OrderStatus.UNKNOWN if code is None else ORDER_STATUS.get(code, OrderStatus.UNKNOWN)
