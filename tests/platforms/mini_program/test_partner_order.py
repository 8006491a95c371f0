from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.platforms.mini_program.mapping.partner_order import Asked, partner_order_from_wire
from gateway.platforms.mini_program.wire.partner import PartnerOrder
from schema.after_sale import AfterSaleStatus
from schema.buyer import Buyer
from schema.key import Key
from schema.money import Money
from schema.order import Order
from schema.order_details import PartnerOrderDetails
from schema.order_status import OrderStatus
from schema.platform import Platform
from tests.platforms.mini_program.samples import SHOP, sample

ANNOUNCED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def read(tree: dict[str, Any], announced_at: datetime | None = ANNOUNCED) -> Order:
    answer = msgspec.convert(tree, PartnerOrder)
    asked = Asked(
        shop=SHOP,
        partner_app_id="wxpartner",
        order_id="coiqBw3B",
        announced_at=announced_at,
        raw=lambda: tree["order"],
    )
    return partner_order_from_wire(answer.order, asked)


def changed(path: str, **fields: Any) -> dict[str, Any]:
    """Answer the page's sample with fields of one of its objects changed; None takes one out."""
    tree: dict[str, Any] = sample("cooperation.order.get.response")
    place: Any = tree["order"]
    for step in filter(None, path.split(".")):
        place = place[int(step) if step.isdigit() else step]
    place |= fields
    for name in [name for name, value in fields.items() if value is None]:
        del place[name]
    return tree


def test_the_pages_own_sample() -> None:
    order = read(sample("cooperation.order.get.response"))

    assert order.key == Key("Order", "mini", "coiqBw3B", "wxpartner")
    assert order.shop is SHOP
    assert order.platform is Platform.MINI_PROGRAM
    assert order.platform_id == "coiqBw3B"
    assert (order.status, order.platform_status) == (OrderStatus.UNKNOWN, None)
    assert order.created_at == ANNOUNCED
    assert order.buyer_data == Buyer(open_id="OPENID")
    assert order.total == Money(fen=10500)
    assert order.subtotal == Money(fen=20000)
    assert order.shipping_fee == Money(fen=500)
    assert order.discount == Money(fen=10000)
    assert order.shipments == []
    assert order.raw_source is not None
    assert order.raw_source()["openid"] == "OPENID"


def test_the_samples_only_line() -> None:
    (item,) = read(sample("cooperation.order.get.response")).items

    assert (item.platform_product_id, item.platform_sku_id) == ("234245", "23424")
    assert (item.product_key, item.sku_key) == (None, None)
    assert item.title == "健身环"
    assert item.image == item.images[0]
    assert item.image is not None
    assert item.image.startswith("https://mmecimage.cn/p/")
    assert item.quantity == 10
    assert item.unit_price == Money(fen=2000)
    assert item.list_price == Money(fen=2000)
    assert item.total == Money(fen=20000)
    assert [(pair.known_name, pair.known_value) for pair in item.attributes] == [
        ("产地", "四川成都"),
        ("材质", "玻璃"),
        ("适用人群", "青年;中年"),
        ("数量", "33"),
        ("精度", "3.001"),
        ("重量", "38 mg"),
        ("毛重", "380 kg"),
    ]


def test_its_details_name_the_store_and_the_prices() -> None:
    details = read(sample("cooperation.order.get.response")).details

    assert isinstance(details, PartnerOrderDetails)
    assert details.partner_app_id == "wxpartner"
    assert details.prices is not None
    assert details.prices.paid == Money(fen=10500)
    assert details.prices.consistent is None


@pytest.mark.parametrize(
    ("code", "status", "kept"),
    [
        (10, OrderStatus.AWAITING_PAYMENT, "10"),
        (20, OrderStatus.AWAITING_SHIPMENT, "20"),
        (21, OrderStatus.PARTIALLY_SHIPPED, "21"),
        (30, OrderStatus.SHIPPED, "30"),
        (100, OrderStatus.COMPLETED, "100"),
        (190, OrderStatus.CLOSED, "190"),
        (200, OrderStatus.REFUNDED, "200"),
        (250, OrderStatus.CLOSED, "250"),
        ("20", OrderStatus.AWAITING_SHIPMENT, "20"),
        (13, OrderStatus.UNKNOWN, "13"),
        ("gift", OrderStatus.UNKNOWN, "gift"),
    ],
)
def test_every_status(code: int | str, status: OrderStatus, kept: str) -> None:
    order = read(changed("", status=code))

    assert (order.status, order.platform_status) == (status, kept)


def test_ids_may_be_text() -> None:
    tree = changed("order_detail.product_infos.0", product_id="10000200857718", sku_id=None)

    (item,) = read(tree).items

    assert (item.platform_product_id, item.platform_sku_id) == ("10000200857718", None)


def test_what_a_changed_line_costs() -> None:
    tree = changed(
        "order_detail.product_infos.0",
        real_price=15000,
        is_discounted=True,
        estimate_price=18000,
        is_change_price=True,
        change_price=15000,
        sku_code="RING-10",
    )

    (item,) = read(tree).items

    assert item.total == Money(fen=15000)
    assert item.estimated_total == Money(fen=18000)
    assert item.changed_total == Money(fen=15000)
    assert item.discounted is True
    assert item.known_code == "RING-10"


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        pytest.param({"real_price": 15000, "estimate_price": 1, "change_price": 2}, 15000, id="it"),
        pytest.param({"estimate_price": 17777}, 17777, id="offers only"),
        pytest.param({"is_change_price": True, "change_price": 21000}, 21000, id="raised"),
        pytest.param(
            {"estimate_price": 17777, "is_change_price": True, "change_price": 14321},
            14321,
            id="the changed price is smaller",
        ),
        pytest.param(
            {"estimate_price": 13579, "is_change_price": True, "change_price": 14321},
            13579,
            id="the estimate is smaller",
        ),
        pytest.param({"estimate_price": 17777, "change_price": 14321}, 14321, id="no flag"),
        pytest.param(
            {"estimate_price": 17777, "is_change_price": False, "change_price": 0},
            17777,
            id="not changed",
        ),
        pytest.param({"is_change_price": False, "change_price": 0}, 20000, id="nothing told"),
    ],
)
def test_what_a_line_costs_is_the_smaller_of_estimate_and_changed_price(
    fields: dict[str, Any], total: int
) -> None:
    tree = changed("order_detail.product_infos.0", **fields)
    del tree["order"]["order_detail"]["price_info"]

    order = read(tree)

    assert (order.items[0].total, order.total) == (Money(fen=total), Money(fen=total))


@pytest.mark.parametrize("told", [True, False, None])
def test_whether_the_price_of_a_line_was_changed(*, told: bool | None) -> None:
    (item,) = read(changed("order_detail.product_infos.0", is_change_price=told)).items

    assert item.price_changed is told


@pytest.mark.parametrize(
    ("code", "status"),
    [(200, AfterSaleStatus.REFUNDED)]
    + [(code, None) for code in (10, 20, 21, 30, 100, 190, 250, 13, "gift")],
)
def test_the_status_of_an_order_says_whether_it_has_an_after_sale(
    code: int | str, status: AfterSaleStatus | None
) -> None:
    assert read(changed("", status=code)).after_sale_status is status


def test_the_freight_is_the_changed_one_where_it_was_changed() -> None:
    prices = {"change_freight": 100, "is_change_freight": True}

    assert read(changed("order_detail.price_info", **prices)).shipping_fee == Money(fen=100)
    prices["is_change_freight"] = False
    assert read(changed("order_detail.price_info", **prices)).shipping_fee == Money(fen=500)


@pytest.mark.parametrize(
    ("prices", "total"),
    [
        pytest.param({"order_price": None}, 10500, id="from products, freight and discount"),
        pytest.param(
            {"order_price": None, "original_order_price": 30000}, 20000, id="from the original"
        ),
        pytest.param({"order_price": None, "product_price": None}, 20500, id="from the items"),
    ],
)
def test_a_total_that_is_not_told_is_worked_out(prices: dict[str, Any], total: int) -> None:
    assert read(changed("order_detail.price_info", **prices)).total == Money(fen=total)


def test_without_prices_the_items_tell_the_total() -> None:
    order = read(changed("order_detail", price_info=None))

    assert order.total == Money(fen=20000)
    assert (order.subtotal, order.shipping_fee, order.discount) == (None, None, None)
    assert isinstance(order.details, PartnerOrderDetails)
    assert order.details.prices is None


def test_an_order_of_nothing_is_still_an_order() -> None:
    order = read({"order": {}})

    assert order.items == []
    assert order.total == Money(fen=0)


def test_before_its_event_it_has_no_time() -> None:
    assert read(sample("cooperation.order.get.response"), None).created_at is None
