"""Rules for shipping and closing an order (manual 6.4, 6.5)."""

from typing import Final

from gateway.platforms.wechat_store.mapping.carriers import CARRIERS
from gateway.ports.writing.parcels import Parcel, read_parcels
from gateway.ports.writing.problems import InputRefused, Problems
from schema.errors import ErrorCode
from schema.inputs.order import OrderShipInput
from schema.order import Order
from schema.order_status import OrderStatus

#: Final statuses, and those that the platform decides. The manual names no status in which an
#: order cannot be closed; the code of an order awaiting payment is undocumented.
_NOT_CLOSABLE: Final = frozenset(
    {OrderStatus.CLOSED, OrderStatus.COMPLETED, OrderStatus.IN_DISPUTE}
)


def parcel_from_input(given: OrderShipInput) -> Parcel | None:
    """The parcel described by the input; None if the order needs no delivery.

    Raises:
        InputRefused: a rule is broken.
    """
    problems = Problems()
    parcels = read_parcels(given, CARRIERS, problems)
    if len(parcels) > 1:
        message = "This platform takes one parcel for an order."
        problems.add(message, "parcels", code=ErrorCode.UNSUPPORTED_BY_PLATFORM)
    for parcel in parcels:
        if parcel.items:
            message = "This platform is not told what a parcel holds: leave it out."
            path = (*parcel.at, "items")
            problems.add(message, *path, code=ErrorCode.UNSUPPORTED_BY_PLATFORM)
    problems.stop()
    return parcels[0] if parcels else None


def check_shippable(order: Order, *, correct: bool) -> None:
    """Refuses an order whose status the manual explains, and which is not to be shipped.

    In any other status the platform decides. `correct`: the order is SHIPPED, and its parcel is
    replaced.

    Raises:
        InputRefused: CONFLICT.
    """
    expected = OrderStatus.SHIPPED if correct else OrderStatus.AWAITING_SHIPMENT
    if order.status in (expected, OrderStatus.UNKNOWN):
        return
    if correct:
        advice = "only one that is SHIPPED can be corrected"
    elif order.status is OrderStatus.SHIPPED:
        advice = "pass `correct: true` to replace its parcel"
    else:
        advice = "only one that is AWAITING_SHIPMENT can be shipped"
    field = "correct" if correct else "id"
    message = f"The order is {_state(order)}: {advice}."
    raise InputRefused.of(ErrorCode.CONFLICT, message, field)


def check_closable(order: Order) -> None:
    """Refuses an order that is final or in dispute.

    Raises:
        InputRefused: CONFLICT.
    """
    if order.status in _NOT_CLOSABLE:
        message = f"The order is {_state(order)}: it cannot be closed."
        raise InputRefused.of(ErrorCode.CONFLICT, message, "id")


def _state(order: Order) -> str:
    code = order.platform_status
    return order.status.name if code is None else f"{order.status.name} (code {code})"
