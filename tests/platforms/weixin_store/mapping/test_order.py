"""The reference's order as the public schema shows it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.platforms.weixin_store.mapping.order import address_from_wire, order_from_wire
from gateway.platforms.weixin_store.wire.order import AddressInfo, OrderResponse
from gateway.platforms.weixin_store.wire.order import Order as WireOrder
from gateway.upstream.lenient_answer import LenientDecoder
from schema.after_sale import AfterSaleStatus
from schema.buyer import Buyer
from schema.money import Money
from schema.order import Order
from schema.order_details import WeixinStoreOrderDetails
from schema.order_status import OrderStatus, PaymentMethod
from schema.shipment import Carrier, ShipmentItem
from tests.platforms.weixin_store.samples import answer, make_shop, tree

DECODER = LenientDecoder(WireOrder)


def sample() -> Order:
    return order_from_wire(answer("order.get", OrderResponse).order, make_shop())


def changed(**members: Any) -> Order:
    """The sample's order with other members at its top."""
    wire = tree("order.get.response")["order"] | members
    return order_from_wire(DECODER.decode(msgspec.json.encode(wire)), make_shop())


def with_detail(**members: Any) -> Order:
    """The sample's order with other members of its details."""
    detail = tree("order.get.response")["order"]["order_detail"] | members
    return changed(order_detail=detail)


def details_of(order: Order) -> WeixinStoreOrderDetails:
    assert isinstance(order.details, WeixinStoreOrderDetails)
    return order.details


def second(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def test_the_order_itself() -> None:
    order = sample()

    assert order.platform_id == "3790000000000000001"
    assert (order.status, order.platform_status) == (OrderStatus.PARTIALLY_SHIPPED, "21")
    assert order.created_at == second(1790000010)
    assert order.updated_at == second(1790003600)
    assert order.paid_at == second(1790000055)
    assert order.payment_method is PaymentMethod.WECHAT_PAY
    assert order.payment_reference == "4200000000000000000000000001"
    assert order.buyer_data == Buyer(open_id="oInvented1")
    assert order.after_sale_status is None


def test_its_money() -> None:
    order = sample()

    assert order.total == Money(fen=9200)
    assert order.subtotal == Money(fen=9000)
    assert order.shipping_fee == Money(fen=600)
    assert order.discount == Money(fen=400)


def test_its_lines() -> None:
    caddy, spoon = sample().items

    assert (caddy.platform_product_id, caddy.platform_sku_id) == ("10000900000001", "4400000001")
    assert (caddy.title, caddy.quantity, caddy.known_code) == ("Tea caddy", 2, "CADDY-G")
    assert (caddy.unit_price, caddy.list_price) == (Money(fen=4500), Money(fen=5200))
    assert (caddy.total, caddy.estimated_total) == (Money(fen=8600), Money(fen=8600))
    assert caddy.changed_total is None
    assert (caddy.discounted, caddy.gift) == (True, False)
    assert (caddy.quantity_in_after_sale, caddy.quantity_refunded) == (0, 0)
    assert [(pair.known_name, pair.known_value) for pair in caddy.attributes] == [
        ("colour", "green")
    ]
    assert caddy.images == ["https://mmecimage.cn/p/x/1"]
    assert (spoon.gift, spoon.image, spoon.total) == (True, None, Money(fen=0))
    assert (spoon.quantity_in_after_sale, spoon.quantity_refunded) == (None, None)


def test_a_line_is_known_by_the_platform_s_own_id_of_it() -> None:
    lines = tree("order.get.response")["order"]["order_detail"]["product_infos"]
    same = [line | {"product_id": "1", "sku_id": "2"} for line in lines]

    first, other = with_detail(product_infos=same).items
    (turned, _) = with_detail(product_infos=same[::-1]).items

    assert first.id() != other.id()
    assert turned.id() == other.id()


def test_lines_without_an_id_are_told_apart_by_their_places() -> None:
    line = {"product_id": 1, "sku_id": 2, "sku_cnt": 1, "sale_price": 10}

    first, other = with_detail(product_infos=[line, line]).items

    assert (first.line, first.position, other.position) == (None, 0, 1)
    assert first.id() != other.id()


def test_a_changed_price_of_a_line() -> None:
    line = {"product_id": 1, "sku_id": 2, "sku_cnt": 1, "sale_price": 10}
    line |= {"is_change_price": 1, "change_price": 7, "real_price": 7}

    (item,) = with_detail(product_infos=[line]).items

    assert (item.price_changed, item.changed_total, item.total) == (
        True,
        Money(fen=7),
        Money(fen=7),
    )


def test_its_parcel() -> None:
    (parcel,) = sample().shipments

    assert parcel.carrier == Carrier(code="SF", name="SF")
    assert parcel.tracking_number == "SF0000000000001"
    assert parcel.shipped_at == second(1790003590)
    assert parcel.items == [
        ShipmentItem(platform_product_id="10000900000001", platform_sku_id="4400000001", quantity=1)
    ]


def test_parcels_keep_their_numbers() -> None:
    parcel = tree("order.get.response")["order"]["order_detail"]["delivery_info"]
    delivery = parcel | {"delivery_product_info": [{"waybill_id": "1"}, {"waybill_id": "2"}]}

    parcels = with_detail(delivery_info=delivery).shipments

    assert [(one.number, one.tracking_number, one.carrier) for one in parcels] == [
        (1, "1", None),
        (2, "2", None),
    ]


def test_its_masked_address() -> None:
    address = sample().shipping_address_data

    assert address is not None
    assert (address.name, address.mobile, address.street) == ("L*", "138****0001", "****")
    assert (address.province, address.city, address.district) == ("Zhejiang", "Hangzhou", "Xihu")
    assert (address.masked, address.hash) == (True, "h1")
    assert (address.virtual_phone, address.virtual_phone_expires_at) == (None, None)


def test_a_virtual_number_of_the_buyer() -> None:
    lent = {"virtual_tel_number": "95013-1234", "virtual_tel_expire_time": 1790200000}

    whole = address_from_wire(
        msgspec.convert({"user_name": "Li", "tel_number_ext_info": lent}, AddressInfo)
    )
    older = address_from_wire(AddressInfo(virtual_order_tel_number="95013"))

    assert (whole.masked, whole.virtual_phone) == (False, "95013-1234")
    assert whole.virtual_phone_expires_at == second(1790200000)
    assert older.virtual_phone == "95013"


def test_its_details() -> None:
    details = details_of(sample())

    assert (details.customer_note_data, details.merchant_note) == ("before noon", None)
    assert (details.scene, details.gift, details.address_requested) == ("LIVE", False, False)
    assert details.ship_before == second(1790172810)
    assert details.prices is not None
    assert details.prices.consistent is True


@pytest.mark.parametrize(
    ("scene", "shown"), [(0, None), (1, "OTHER"), (6, "ARTICLE"), ("3", "VIDEO"), (99, "99")]
)
def test_where_it_was_placed(scene: int | str, shown: str | None) -> None:
    assert details_of(with_detail(ext_info={"order_scene": scene})).scene == shown


def test_an_address_that_the_buyer_asks_for() -> None:
    delivery = {"address_under_review": {"user_name": "M*"}}

    assert details_of(with_detail(delivery_info=delivery)).address_requested is True
    empty = with_detail(delivery_info={"address_under_review": {}})
    assert details_of(empty).address_requested is False


@pytest.mark.parametrize("gift", [True, 1, "1"])
def test_a_gift(gift: object) -> None:
    assert details_of(changed(is_present=gift)).gift is True


@pytest.mark.parametrize(
    ("method", "shown"),
    [
        (1, PaymentMethod.WECHAT_PAY),
        (2, PaymentMethod.WECHAT_PAY),
        (3, PaymentMethod.OTHER),
        (4, PaymentMethod.OTHER),
        (9, PaymentMethod.UNKNOWN),
        (None, None),
    ],
)
def test_how_it_is_paid(method: int | None, shown: PaymentMethod | None) -> None:
    assert with_detail(pay_info={"payment_method": method}).payment_method is shown


def test_a_payment_counts_before_the_status_follows() -> None:
    order = changed(status=10)

    assert (order.status, order.platform_status) == (OrderStatus.AWAITING_SHIPMENT, "10")
    unpaid = tree("order.get.response")["order"]["order_detail"] | {"pay_info": {}}
    assert changed(status=10, order_detail=unpaid).status is OrderStatus.AWAITING_PAYMENT


def test_after_sales_of_an_order() -> None:
    open_ = changed(aftersale_detail={"on_aftersale_order_cnt": 1})

    assert open_.after_sale_status is AfterSaleStatus.PROCESSING
    assert changed(status=200).after_sale_status is AfterSaleStatus.REFUNDED


def test_an_order_of_nothing_but_its_id() -> None:
    order = order_from_wire(DECODER.decode(b'{"order_id":3790000000000000001}'), make_shop())

    assert order.platform_id == "3790000000000000001"
    assert (order.status, order.platform_status) == (OrderStatus.UNKNOWN, None)
    assert (order.items, order.shipments, order.total) == ([], [], Money(fen=0))
    assert (order.buyer_data, order.shipping_address_data) == (None, None)
    assert details_of(order).prices is None


def test_a_total_that_is_not_told_is_that_of_the_lines_and_the_shipping_fee() -> None:
    assert with_detail(price_info={"freight": 5}).total == Money(fen=8605)
    assert with_detail(price_info={"product_price": 90, "freight": 5}).total == Money(fen=95)
    assert with_detail(price_info={"original_order_price": 91}).total == Money(fen=91)


def test_a_changed_shipping_fee() -> None:
    told = {"freight": 600, "change_freight": 100}

    assert with_detail(price_info=told).shipping_fee == Money(fen=600)
    assert with_detail(price_info=told | {"is_change_freight": 1}).shipping_fee == Money(fen=100)
