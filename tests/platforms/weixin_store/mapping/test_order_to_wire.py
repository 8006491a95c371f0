"""Changes of the reference's sample order, as they are sent: equal to its samples as JSON trees."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
import strawberry

from gateway.platforms.weixin_store.mapping.order import order_from_wire
from gateway.platforms.weixin_store.mapping.order_to_wire import (
    nothing_sent,
    parcels_to_wire,
    prices_to_wire,
)
from gateway.platforms.weixin_store.mapping.whole_address import whole_address
from gateway.platforms.weixin_store.rules.prices import prices_from_input
from gateway.platforms.weixin_store.rules.shipment import (
    check_virtual,
    contents_of,
    is_shipped_so,
    parcels_from_input,
    units_left,
)
from gateway.platforms.weixin_store.wire.order import OrderResponse
from gateway.platforms.weixin_store.wire.order_write import CarriersResponse, DecodeResponse
from gateway.ports.carriers import listed
from gateway.ports.writing.problems import InputRefused
from schema.inputs.order import (
    OrderRepriceInput,
    OrderRepriceItemInput,
    OrderShipInput,
    ParcelInput,
    ParcelItemInput,
)
from schema.money import Money, MoneyInput
from schema.order import Order
from schema.order_status import OrderStatus
from schema.shipment import ShipmentKind
from tests.platforms.weixin_store.samples import answer, make_shop, tree

ID = strawberry.ID("3790000000000000001")
CARRIERS = listed({"SF": "顺丰速运", "YTO": "圆通速递"})


def sample() -> Order:
    """Two caddies, one of them shipped in SF0000000000001, and a spoon as a gift."""
    return order_from_wire(answer("order.get", OrderResponse).order, make_shop())


def sent(request: msgspec.Struct) -> Any:
    return msgspec.json.decode(msgspec.json.encode(request))


def shipped(given: OrderShipInput, order: Order, *, correct: bool = False) -> Any:
    parcels = parcels_from_input(given, CARRIERS)
    contents = contents_of(parcels, units_left(order, correct=correct))
    return sent(parcels_to_wire(ID, parcels, contents))


def refusals(refused: pytest.ExceptionInfo[InputRefused]) -> list[tuple[str, str | None]]:
    return [
        (error.code.name, None if error.field is None else ".".join(error.field))
        for error in refused.value.errors
    ]


def test_what_is_left_is_sent_in_one_parcel() -> None:
    given = OrderShipInput(id=ID, carrier="SF", tracking_number="SF0000000000002")

    assert shipped(given, sample()) == tree("order.delivery.send.request")


def test_a_correction_is_about_all_of_the_order() -> None:
    given = OrderShipInput(id=ID, carrier="yto", tracking_number="YT0000000000001", correct=True)

    assert shipped(given, sample(), correct=True) == tree("order.deliveryinfo.update.request")


def test_parcels_hold_the_lines_that_the_input_gives() -> None:
    order = sample()
    caddy, spoon = (line.id() for line in order.items)
    given = OrderShipInput(
        id=ID,
        parcels=[
            ParcelInput(
                carrier="SF",
                tracking_number="SF2",
                items=[ParcelItemInput(item_id=caddy, quantity=1)],
            ),
            ParcelInput(
                other_carrier="同城跑腿",
                tracking_number="X1",
                items=[ParcelItemInput(item_id=spoon, quantity=1)],
            ),
        ],
    )

    assert shipped(given, order) == {
        "order_id": ID,
        "delivery_list": [
            {
                "deliver_type": 1,
                "delivery_id": "SF",
                "waybill_id": "SF2",
                "product_infos": [
                    {"product_id": "10000900000001", "sku_id": "4400000001", "product_cnt": 1}
                ],
            },
            {
                "deliver_type": 1,
                "delivery_id": "OTHER",
                "waybill_id": "X1",
                "product_infos": [
                    {"product_id": "10000900000002", "sku_id": "4400000002", "product_cnt": 1}
                ],
            },
        ],
    }


def test_lines_of_the_same_goods_are_one_element() -> None:
    order = sample()
    first, second = order.items
    second.platform_product_id, second.platform_sku_id = (
        first.platform_product_id,
        first.platform_sku_id,
    )
    given = OrderShipInput(id=ID, carrier="SF", tracking_number="SF2")

    (parcel,) = shipped(given, order)["delivery_list"]

    # One of the first line was sent before.
    assert parcel["product_infos"] == [
        {"product_id": "10000900000001", "sku_id": "4400000001", "product_cnt": 2}
    ]


def test_refunded_units_are_not_sent() -> None:
    order = sample()
    order.items[0].quantity_refunded = 1
    given = OrderShipInput(id=ID, carrier="SF", tracking_number="SF2")

    (parcel,) = shipped(given, order)["delivery_list"]

    assert parcel["product_infos"] == [
        {"product_id": "10000900000002", "sku_id": "4400000002", "product_cnt": 1}
    ]


def test_nothing_is_sent_of_all_of_an_order() -> None:
    given = OrderShipInput(id=ID, kind=ShipmentKind.VIRTUAL)

    assert parcels_from_input(given, CARRIERS) == []
    assert sent(nothing_sent(ID, sample().items)) == {
        "order_id": ID,
        "delivery_list": [
            {
                "deliver_type": 3,
                "product_infos": [
                    {"product_id": "10000900000001", "sku_id": "4400000001", "product_cnt": 2},
                    {"product_id": "10000900000002", "sku_id": "4400000002", "product_cnt": 1},
                ],
            }
        ],
    }
    check_virtual(1)
    with pytest.raises(InputRefused) as refused:
        check_virtual(0)
    assert refusals(refused) == [("UNSUPPORTED_BY_PLATFORM", "needsDelivery")]


def test_parcels_that_do_not_fit_the_order_are_refused() -> None:
    order = sample()
    caddy = order.items[0].id()
    held = [
        [ParcelItemInput(item_id=caddy, quantity=2)],
        [ParcelItemInput(item_id=strawberry.ID("other"), quantity=1)],
        None,
    ]
    given = OrderShipInput(
        id=ID,
        parcels=[
            ParcelInput(carrier="SF", tracking_number=f"SF{number}", items=items)
            for number, items in enumerate(held)
        ],
    )

    with pytest.raises(InputRefused) as refused:
        shipped(given, order)

    assert refusals(refused) == [
        ("INVALID", "parcels.0.items.0.quantity"),
        ("NOT_FOUND", "parcels.1.items.0.itemId"),
        ("INVALID", "parcels.2.items"),
    ]


def test_an_order_of_which_all_is_shipped_has_nothing_to_send() -> None:
    order = sample()
    for line in order.items:
        line.quantity_refunded = line.quantity
    given = OrderShipInput(id=ID, carrier="SF", tracking_number="SF2")

    with pytest.raises(InputRefused) as refused:
        shipped(given, order)

    assert refusals(refused) == [("CONFLICT", "id")]


@pytest.mark.parametrize(
    ("given", "so"),
    [
        (OrderShipInput(id=ID, carrier="SF", tracking_number="SF0000000000001"), True),
        (OrderShipInput(id=ID, other_carrier="飞", tracking_number="SF0000000000001"), True),
        (OrderShipInput(id=ID, carrier="YTO", tracking_number="SF0000000000001"), False),
        (OrderShipInput(id=ID, carrier="SF", tracking_number="SF0000000000002"), False),
    ],
)
def test_parcels_are_known_by_carrier_and_number(given: OrderShipInput, *, so: bool) -> None:
    assert is_shipped_so(sample(), parcels_from_input(given, CARRIERS)) is so


def unpaid() -> Order:
    order = sample()
    order.status = OrderStatus.AWAITING_PAYMENT
    return order


def repriced(order: Order, fee: int | None = None, **totals: int) -> Any:
    lines = {"caddy": order.items[0], "spoon": order.items[1]}
    given = OrderRepriceInput(
        id=ID,
        items=[
            OrderRepriceItemInput(item_id=lines[name].id(), total=MoneyInput(fen=fen))
            for name, fen in totals.items()
        ],
        shipping_fee=None if fee is None else MoneyInput(fen=fee),
    )
    return sent(prices_to_wire(order, prices_from_input(given, order)))


def test_prices_of_lines_and_of_the_shipping_are_set() -> None:
    assert repriced(unpaid(), fee=300, caddy=8000) == tree("order.price.update.request")


def test_what_was_changed_before_is_sent_again() -> None:
    order = unpaid()
    order.items[0].price_changed, order.items[0].changed_total = True, Money(fen=8500)
    details: Any = order.details
    order.details = replace(
        details,
        prices=replace(details.prices, freight_changed=True, changed_freight=Money(fen=100)),
    )

    # A later request voids an earlier one as a whole.
    assert repriced(order, caddy=8000) == {
        "order_id": ID,
        "change_express": True,
        "express_fee": 100,
        "change_order_infos": [
            {"product_id": "10000900000001", "sku_id": "4400000001", "change_price": 8000}
        ],
    }
    assert repriced(order, fee=0) == {
        "order_id": ID,
        "change_express": True,
        "express_fee": 0,
        "change_order_infos": [
            {"product_id": "10000900000001", "sku_id": "4400000001", "change_price": 8500}
        ],
    }


def test_a_price_alone_leaves_the_shipping_fee() -> None:
    assert repriced(unpaid(), caddy=8000) == {
        "order_id": ID,
        "change_express": False,
        "change_order_infos": [
            {"product_id": "10000900000001", "sku_id": "4400000001", "change_price": 8000}
        ],
    }


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ({}, ("INVALID", "items")),
        ({"caddy": 9001}, ("INVALID", "items.0.total")),
        ({"caddy": 0}, ("INVALID", "items.0.total")),
        ({"caddy": -1}, ("INVALID", "items.0.total.fen")),
        ({"spoon": 1}, ("INVALID", "items.0.itemId")),
        ({"fee": -1}, ("INVALID", "shippingFee.fen")),
    ],
)
def test_a_price_only_goes_down(totals: dict[str, int], expected: tuple[str, str]) -> None:
    with pytest.raises(InputRefused) as refused:
        repriced(unpaid(), **totals)

    assert refusals(refused) == [expected]


def test_each_line_is_named_once_and_is_of_the_order() -> None:
    order = unpaid()
    caddy = order.items[0].id()
    given = OrderRepriceInput(
        id=ID,
        items=[
            OrderRepriceItemInput(item_id=name, total=MoneyInput(fen=1))
            for name in (caddy, caddy, strawberry.ID("other"))
        ],
    )

    with pytest.raises(InputRefused) as refused:
        prices_from_input(given, order)

    assert refusals(refused) == [("INVALID", "items.1.itemId"), ("NOT_FOUND", "items.2.itemId")]


def test_a_paid_order_keeps_its_price() -> None:
    with pytest.raises(InputRefused) as refused:
        repriced(sample(), caddy=1)

    assert refusals(refused) == [("CONFLICT", "id")]


def test_an_address_is_whole_but_for_the_number_instead_of_which_one_is_lent() -> None:
    address = whole_address(answer("order.sensitiveinfo.decode", DecodeResponse))

    assert (address.name, address.street, address.mobile, address.masked) == (
        "Lin",
        "1 Invented RoadRoom 2",
        "138****0001",
        True,
    )
    assert address.virtual_phone == "17000000001-6107"
    assert address.virtual_phone_expires_at is not None
    assert address.virtual_phone_expires_at.timestamp() == 1790600000
    assert address.hash == "h1"


def test_carriers_have_the_platform_s_codes() -> None:
    companies = answer("order.deliverycompanylist.new.get", CarriersResponse).company_list

    assert [(one.delivery_id, one.delivery_name) for one in companies or ()] == [
        ("SF", "顺丰速运"),
        ("YUNDA", "韵达速递"),
    ]
