"""Numbers of parcels: what is corrected keeps its own, what is new takes another."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from gateway.ledger.shipments import shipment_numbers, with_shipment_numbers
from gateway.store.documents import OrderDocument, Shipment, ShipmentItem
from tests.ledger.test_order_mapping import BARE

SHIRT = (ShipmentItem(platform_product_id="p1"),)
SOCKS = (ShipmentItem(platform_product_id="p2"),)


def parcel(
    tracking_number: str | None, items: tuple[ShipmentItem, ...] = (), number: int | None = None
) -> Shipment:
    return Shipment(tracking_number=tracking_number, items=items, number=number)


def order(*parcels: Shipment) -> OrderDocument:
    return replace(BARE, shipments=parcels)


def numbers(before: Sequence[Shipment], after: Sequence[Shipment]) -> list[int]:
    numbered = with_shipment_numbers(order(*after), order(*before))
    assert [one.tracking_number for one in numbered.shipments] == [
        one.tracking_number for one in after
    ]
    return shipment_numbers(numbered.shipments)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(["A"], ["A"], [1], id="unchanged"),
        pytest.param(["A"], ["B"], [1], id="corrected"),
        pytest.param(["A", "B"], ["A", "C"], [1, 2], id="second-corrected"),
        pytest.param(["A", "B"], ["B", "A"], [2, 1], id="moved"),
        pytest.param(["A"], ["B", "A"], [2, 1], id="one-more-in-front"),
        pytest.param(["A", "B"], ["B"], [2], id="first-taken-away"),
        pytest.param([None, "B"], ["A", "B"], [1, 2], id="number-told-later"),
        pytest.param(["A"], ["A", "A"], [1, 2], id="the-same-number-twice"),
    ],
)
def test_a_parcel_keeps_its_number(
    before: list[str | None], after: list[str | None], expected: list[int]
) -> None:
    assert numbers(list(map(parcel, before)), list(map(parcel, after))) == expected


def test_a_correction_is_found_by_the_items() -> None:
    before = [parcel("A", SHIRT), parcel("B", SOCKS)]

    assert numbers(before, [parcel("C", SOCKS)]) == [2]


def test_numbers_last_over_several_changes() -> None:
    first = with_shipment_numbers(order(parcel("B")), order(parcel("A"), parcel("B")))
    second = with_shipment_numbers(order(parcel("B"), parcel("C")), first)
    third = with_shipment_numbers(order(parcel("D"), parcel("C")), second)

    assert shipment_numbers(second.shipments) == [2, 3]
    assert shipment_numbers(third.shipments) == [2, 3]


def test_a_new_order_s_parcels_are_numbered_by_their_places() -> None:
    given = order(parcel("A"), parcel("B"))

    assert with_shipment_numbers(given, None) is given
    assert with_shipment_numbers(given, order()) is given
    assert shipment_numbers(given.shipments) == [1, 2]
