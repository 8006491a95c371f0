"""Maps the Weixin Store's status codes."""

from collections.abc import Mapping
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


#: The statuses that orders of this platform can have.
POSSIBLE: Final = frozenset({*ORDER_STATUS.values(), OrderStatus.UNKNOWN})

#: What a list is asked for by status. 20 also lists what is partly shipped, which is dropped on
#: reading; an order that is paid may still be told as 10. A status without codes cannot be asked
#: for: 190 is not known to be taken as a filter.
_FILTERS: Final[Mapping[OrderStatus, tuple[int, ...]]] = {
    OrderStatus.AWAITING_PAYMENT: (10,),
    OrderStatus.AWAITING_CONFIRMATION: (12, 13),
    OrderStatus.AWAITING_SHIPMENT: (10, 20),
    OrderStatus.PARTIALLY_SHIPPED: (21,),
    OrderStatus.SHIPPED: (30,),
    OrderStatus.COMPLETED: (100,),
    OrderStatus.REFUNDED: (200,),
}
#: From this many codes on, one list of all statuses is cheaper than one list each.
_TOO_MANY: Final = 4


def filter_codes(statuses: frozenset[OrderStatus] | None) -> tuple[int | None, ...]:
    """The codes whose lists together have all orders of these statuses; (None,): a list of all."""
    if statuses is None:
        return (None,)
    codes: set[int] = set()
    for status in statuses & POSSIBLE:
        if status not in _FILTERS:
            return (None,)
        codes.update(_FILTERS[status])
    return (None,) if len(codes) >= _TOO_MANY else tuple(sorted(codes))
