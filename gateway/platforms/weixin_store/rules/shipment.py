"""Rules for shipping an order, and for the correction of its parcels (reference, section 3.5)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.ports.writing.parcels import HeldLine, Parcel, held_lines, read_parcels
from gateway.ports.writing.problems import InputRefused, Problems
from schema.errors import ErrorCode
from schema.inputs.order import OrderShipInput
from schema.order import Order
from schema.order_item import OrderItem
from schema.order_status import OrderStatus
from schema.shipment import Carrier, ShipmentKind

#: Statuses in which nothing is shipped. In any other one the platform decides: its status lags.
_NOT_SHIPPABLE: Final = frozenset(
    {
        OrderStatus.AWAITING_PAYMENT,
        OrderStatus.AWAITING_CONFIRMATION,
        OrderStatus.COMPLETED,
        OrderStatus.CLOSED,
        OrderStatus.REFUNDED,
    }
)


def parcels_from_input(given: OrderShipInput, carriers: Sequence[Carrier]) -> list[Parcel]:
    """The parcels that the input describes, none where nothing is sent.

    VIRTUAL is the same as `needsDelivery: false`; the platform has no other kinds.

    Raises:
        InputRefused: a rule is broken.
    """
    problems = Problems()
    if given.kind is ShipmentKind.VIRTUAL:
        given = replace(given, kind=None, needs_delivery=False)
    parcels = read_parcels(given, carriers, problems)
    problems.stop()
    return parcels


def check_shippable(order: Order, *, correct: bool) -> None:
    """Refuses an order that is not paid, is over, or has nothing to correct.

    Raises:
        InputRefused: CONFLICT.
    """
    if correct and order.status is not OrderStatus.SHIPPED:
        message = f"The order is {order.status.name}: only a SHIPPED order can be corrected."
        raise InputRefused.of(ErrorCode.CONFLICT, message, "correct")
    if order.status in _NOT_SHIPPABLE:
        message = f"The order is {order.status.name}: it cannot be shipped."
        raise InputRefused.of(ErrorCode.CONFLICT, message, "id")


def check_virtual(deliver_method: int | None) -> None:
    """Refuses to send nothing for an order that a carrier delivers (`deliver_method` 0).

    Raises:
        InputRefused: UNSUPPORTED_BY_PLATFORM.
    """
    if deliver_method == 0:
        message = "The order is delivered by a carrier: the platform wants its parcels."
        raise InputRefused.of(ErrorCode.UNSUPPORTED_BY_PLATFORM, message, "needsDelivery")


def units_left(order: Order, *, correct: bool) -> list[tuple[OrderItem, int]]:
    """Each line with the units that are still to be shipped.

    Refunded units are not sent. A correction replaces what was shipped. Parcels name goods and no
    line, so that the first lines of the same goods count as shipped first.
    """
    shipped: Counter[tuple[str, str]] = Counter()
    for parcel in () if correct else order.shipments:
        for item in parcel.items or ():
            goods = item.platform_product_id, item.platform_sku_id or ""
            shipped[goods] += item.quantity or 0
    left = []
    for line in order.items:
        goods = line.platform_product_id, line.platform_sku_id or ""
        units = max(0, line.quantity - (line.quantity_refunded or 0))
        gone = min(units, shipped[goods])
        shipped[goods] -= gone
        left.append((line, units - gone))
    return left


def contents_of(
    parcels: Sequence[Parcel], left: Sequence[tuple[OrderItem, int]]
) -> list[list[HeldLine]]:
    """What each parcel holds; a single one holds all that is left unless the input says.

    Raises:
        InputRefused: an unknown line, too many units, a parcel without contents among several, or
            nothing that is left to ship (CONFLICT).
    """
    problems = Problems()
    if len(parcels) == 1 and not parcels[0].items:
        whole = [HeldLine(line, units) for line, units in left if units]
        if not whole:
            message = "All of the order is shipped or refunded already."
            raise InputRefused.of(ErrorCode.CONFLICT, message, "id")
        return [whole]
    held = held_lines(parcels, left, problems)
    for parcel in parcels:
        if not parcel.items:
            message = "The platform is told what each of several parcels holds."
            problems.add(message, *parcel.at, "items")
    problems.stop()
    return held


def is_shipped_so(order: Order, parcels: Sequence[Parcel]) -> bool:
    """Whether the order has all of these parcels already, by carrier and number."""
    known = {
        (one.carrier.code if one.carrier is not None else None, one.tracking_number)
        for one in order.shipments
    }
    numbers = {number for _, number in known}
    return bool(parcels) and all(
        (one.carrier.code, one.tracking_number) in known
        # A carrier without a code is told as another one.
        or (one.carrier.code is None and one.tracking_number in numbers)
        for one in parcels
    )
