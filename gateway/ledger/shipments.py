"""Numbers of an order's parcels, which their ids are made of: a corrected parcel keeps its own."""

from collections.abc import Callable, Hashable, Iterable
from itertools import count
from typing import Final

from msgspec.structs import replace

from gateway.store.documents import OrderDocument, Shipment

#: By what a parcel is found again, the most certain first; in the end by its place alone.
_TRAITS: Final[tuple[Callable[[Shipment], Hashable], ...]] = (
    lambda parcel: parcel.tracking_number or object(),
    lambda parcel: parcel.items or object(),
    lambda _: None,
)


def shipment_numbers(parcels: Iterable[Shipment]) -> list[int]:
    """The number of each parcel of an order; its place, from 1, if it has no other."""
    return [
        place if parcel.number is None else parcel.number
        for place, parcel in enumerate(parcels, start=1)
    ]


def with_shipment_numbers(document: OrderDocument, before: OrderDocument | None) -> OrderDocument:
    """The order, whose parcels keep the numbers that they had in `before`.

    A parcel is the one of the same tracking number, else of the same items, else the next that is
    left: then it was corrected. Any other takes a number that none of both has.
    """
    former = () if before is None else before.shipments
    if not former or not document.shipments:
        return document
    left = dict(zip(shipment_numbers(former), former, strict=True))
    highest = max(left)
    found: dict[int, int] = {}
    for trait in _TRAITS:
        for place, parcel in enumerate(document.shipments):
            if place not in found:
                sought = trait(parcel)
                number = next((n for n, one in left.items() if trait(one) == sought), None)
                if number is not None:
                    found[place] = number
                    del left[number]
    new = count(highest + 1)
    numbers = [found.get(place) or next(new) for place in range(len(document.shipments))]
    shipments = (
        replace(parcel, number=None if number == place else number)
        for place, (parcel, number) in enumerate(
            zip(document.shipments, numbers, strict=True), start=1
        )
    )
    return replace(document, shipments=tuple(shipments))
