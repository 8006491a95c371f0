"""Reads how an order is shipped: its parcels, each with a carrier named by code, key or name."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.ports.carriers import chosen, named
from gateway.ports.writing.problems import Path, Problems
from schema.errors import ErrorCode
from schema.inputs.order import OrderShipInput, ParcelInput, ParcelItemInput
from schema.order_item import OrderItem
from schema.shipment import Carrier, ShipmentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One parcel; a carrier that the platform does not list has no code.

    `at` is the path of its fields in the input; `items` is empty where none are given.
    """

    carrier: Carrier
    tracking_number: str
    items: Sequence[ParcelItemInput] = ()
    at: Path = ()


@dataclass(frozen=True, slots=True)
class HeldLine:
    """What a parcel holds of a line of the order."""

    line: OrderItem
    quantity: int


def held_lines(
    parcels: Sequence[Parcel], lines: Sequence[tuple[OrderItem, int]], problems: Problems
) -> list[list[HeldLine]]:
    """What the input says that each parcel holds; empty where it does not say.

    Args:
        parcels: those of the input.
        lines: those of the order, with the units that the parcels can hold.
        problems: collects what is not in the order, and what there is not enough of.
    """
    of_line = {str(line.id()): (line, units) for line, units in lines}
    left = {id_: units for id_, (_, units) in of_line.items()}
    held: list[list[HeldLine]] = []
    for parcel in parcels:
        inside: list[HeldLine] = []
        for place, one in enumerate(parcel.items):
            path: Path = (*parcel.at, "items", str(place))
            id_ = str(one.item_id)
            if id_ not in of_line:
                message = "The order has no such line: give the `id` of one of its items."
                problems.add(message, *path, "itemId", code=ErrorCode.NOT_FOUND)
                continue
            line, units = of_line[id_]
            if not 1 <= one.quantity <= left[id_]:
                message = f"The order has {units} of it: the parcels hold 1 to so many."
                problems.add(message, *path, "quantity")
            left[id_] -= one.quantity
            inside.append(HeldLine(line, one.quantity))
        held.append(inside)
    return held


def read_parcels(
    given: OrderShipInput, carriers: Sequence[Carrier], problems: Problems
) -> list[Parcel]:
    """The parcels that an order is shipped in, none where nothing is delivered.

    Args:
        given: the input.
        carriers: those that the platform has codes for.
        problems: collects what is invalid.
    """
    if given.kind not in (None, ShipmentKind.CARRIER):
        problems.add(
            "This platform knows parcels of carriers only: leave `kind` out, and give"
            " `needsDelivery: false` if nothing is delivered.",
            "kind",
            code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
        )
    if given.needs_delivery is False:
        _check_nothing_is_sent(given, problems)
        return []
    if given.parcels is None:
        return [_parcel(given, carriers, problems, ())]
    for name, value in _of_one_parcel(given):
        if value:
            problems.add("Leave this out where `parcels` is given.", name)
    if not given.parcels:
        problems.add("Give at least one parcel.", "parcels")
    return [
        _parcel(parcel, carriers, problems, ("parcels", str(place)))
        for place, parcel in enumerate(given.parcels)
    ]


def _of_one_parcel(given: OrderShipInput) -> tuple[tuple[str, str | None], ...]:
    return (
        ("carrier", given.carrier),
        ("otherCarrier", given.other_carrier),
        ("trackingNumber", given.tracking_number),
    )


def _check_nothing_is_sent(given: OrderShipInput, problems: Problems) -> None:
    for name, value in (*_of_one_parcel(given), ("parcels", given.parcels)):
        if value:
            problems.add("Leave this out where `needsDelivery` is false.", name)


def _parcel(
    given: OrderShipInput | ParcelInput, carriers: Sequence[Carrier], problems: Problems, at: Path
) -> Parcel:
    carrier = read_carrier(given.carrier, given.other_carrier, carriers, problems.below(*at))
    number = (given.tracking_number or "").strip()
    if not number:
        message = "A tracking number is needed, unless `needsDelivery` is false."
        problems.add(message, *at, "trackingNumber")
    items = (given.items or ()) if isinstance(given, ParcelInput) else ()
    return Parcel(carrier=carrier, tracking_number=number, items=items, at=at)


def read_carrier(
    text: str | None, other: str | None, carriers: Sequence[Carrier], problems: Problems
) -> Carrier:
    """The carrier of a parcel, from its code or key in `carrier`, or its name in `otherCarrier`."""
    name = (other or "").strip()
    if text and name:
        problems.add("Give `carrier` or `otherCarrier`, not both.", "otherCarrier")
    elif text:
        known = chosen(text.strip(), carriers)
        if known is not None or not carriers:
            # A platform without a table takes any code: it is shown, and sent to nobody.
            return known or Carrier(code=text.strip())
        problems.add(
            "There is no carrier of this code or key: see `carriers`, or name it in"
            " `otherCarrier`.",
            "carrier",
        )
    elif not name:
        problems.add("Give `carrier`, `otherCarrier`, or `needsDelivery: false`.", "carrier")
    elif chosen(name, carriers) is not None:
        problems.add("This is a carrier's code or key: give it as `carrier`.", "otherCarrier")
    return named(name)
