"""Rules for shipping and closing an order (manual 6.4, 6.5)."""

from dataclasses import dataclass
from typing import Final

from gateway.platforms.wechat_store.mapping.carriers import CARRIERS
from gateway.ports.writing.problems import InputRefused, Problems
from schema.errors import ErrorCode
from schema.inputs.order import OrderShipInput
from schema.order import Order
from schema.order_status import OrderStatus
from schema.shipment import Carrier

_CARRIERS: Final = {carrier.code: carrier for carrier in CARRIERS}
#: Final statuses, and those that the platform decides. The manual names no status in which an
#: order cannot be closed; the code of an order awaiting payment is undocumented.
_NOT_CLOSABLE: Final = frozenset(
    {OrderStatus.CLOSED, OrderStatus.COMPLETED, OrderStatus.IN_DISPUTE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is shipped: one parcel, whose carrier has a code if the platform lists it."""

    carrier: Carrier | None
    tracking_number: str


def parcel_from_input(given: OrderShipInput) -> Parcel | None:
    """The parcel described by the input; None if the order needs no delivery.

    Raises:
        InputRefused: a rule is broken.
    """
    problems = Problems()
    if given.needs_delivery is False:
        _check_nothing_is_sent(given, problems)
        problems.stop()
        return None
    carrier = _carrier(given, problems)
    tracking_number = (given.tracking_number or "").strip()
    if not tracking_number:
        message = "A waybill number is needed, unless `needsDelivery` is false."
        problems.add(message, "trackingNumber")
    problems.stop()
    return Parcel(carrier=carrier, tracking_number=tracking_number)


def check_shippable(order: Order) -> None:
    """Refuses an order that does not await shipment.

    Raises:
        InputRefused: CONFLICT.
    """
    if order.status is not OrderStatus.AWAITING_SHIPMENT:
        raise InputRefused.of(
            ErrorCode.CONFLICT,
            f"The order is {_state(order)}: only one that is AWAITING_SHIPMENT can be shipped.",
            "id",
        )


def check_closable(order: Order) -> None:
    """Refuses an order that is final or in dispute.

    Raises:
        InputRefused: CONFLICT.
    """
    if order.status in _NOT_CLOSABLE:
        message = f"The order is {_state(order)}: it cannot be closed."
        raise InputRefused.of(ErrorCode.CONFLICT, message, "id")


def _check_nothing_is_sent(given: OrderShipInput, problems: Problems) -> None:
    for name, value in (
        ("carrier", given.carrier),
        ("otherCarrier", given.other_carrier),
        ("trackingNumber", given.tracking_number),
    ):
        if value:
            problems.add("Leave this out where `needsDelivery` is false.", name)


def _carrier(given: OrderShipInput, problems: Problems) -> Carrier | None:
    other = (given.other_carrier or "").strip()
    if given.carrier and other:
        problems.add("Give `carrier` or `otherCarrier`, not both.", "otherCarrier")
        return None
    if given.carrier:
        known = _CARRIERS.get(given.carrier)
        if known is None:
            problems.add(
                "The platform has no carrier of this code: see `carriers`, or name it in"
                " `otherCarrier`.",
                "carrier",
            )
        return known
    if not other:
        message = "Give `carrier`, `otherCarrier`, or `needsDelivery: false`."
        problems.add(message, "carrier")
        return None
    if other in _CARRIERS:
        problems.add("The platform knows this carrier: give it as `carrier`.", "otherCarrier")
    return Carrier(name=other)


def _state(order: Order) -> str:
    code = order.platform_status
    return order.status.name if code is None else f"{order.status.name} (code {code})"
