"""Orders of the WeChat Store become Order."""

from datetime import UTC, datetime

import msgspec
import pytest

from gateway.platforms.wechat_store.mapping.order import order_from_wire
from gateway.platforms.wechat_store.wire.order import Order, OrderResponse, OrdersResponse
from gateway.wechat.after_sales import after_sale_of
from schema.after_sale import AfterSale, AfterSaleItem, AfterSaleKind, AfterSaleStatus
from schema.buyer import Buyer, ShippingAddress
from schema.key import Key
from schema.loader_keys import Naming
from schema.money import Money
from schema.order_details import WechatStoreOrderDetails
from schema.order_item import OrderItem
from schema.order_status import OrderStatus, PaymentMethod
from schema.platform import Platform
from schema.shipment import Carrier, Shipment
from schema.sku import SkuAttribute
from tests.platforms.wechat_store.samples import answer, make_shop

SHOP = make_shop()
GIF = (
    "http://mmbiz.qpic.cn/mmbiz_gif/KfrZwACMrmxj8XRiaTUzFNsTkWdTEJySicGKMHxuG0ibDfjTtb6ZIjNgakbnKq"
    "569TbBjvicSnWdnt46gEKjWe6Vcg/0?wx_fmt=gif"
)
FLAT_PRODUCT = Key("Product", "flagship", "pDF3iYx7KDQVGzB7kDg6Tge5OKFo")


@pytest.fixture
def raw() -> Order:
    """The order of the manual's sample 6.2."""
    return answer("order.getbyid", OrderResponse).order


def _flat_item(position: int = 0) -> OrderItem:
    sku_id = "10000983:10000995;10001007:10001010"
    picture = (
        "http://img2.paipaiimg.com/00000000/item-52B87243-63CCF66C00000000040100003565C1EA.0.300x300"
        ".jpg"
    )
    return OrderItem(
        order_key=Key("Order", "flagship", "7197417460812533543"),
        position=position,
        product_key=FLAT_PRODUCT,
        sku_key=Key("Sku", "flagship", FLAT_PRODUCT.platform_id, sku_id),
        platform_product_id=FLAT_PRODUCT.platform_id,
        platform_sku_id=sku_id,
        title="安莉芳E-BRA专柜女士舒适内衣蕾丝3/4薄杯聚拢上托性感文胸KB0716",
        image=picture,
        images=[picture],
        quantity=1,
        unit_price=Money(fen=1),
        total=Money(fen=1),
        attributes=[
            SkuAttribute(
                naming=Naming(FLAT_PRODUCT, "10000983", "10000995"),
                name_id="10000983",
                value_id="10000995",
                custom=False,
            ),
            SkuAttribute(
                naming=Naming(FLAT_PRODUCT, "10001007", "10001010"),
                name_id="10001007",
                value_id="10001010",
                custom=False,
            ),
        ],
    )


def test_the_manual_s_order(raw: Order) -> None:
    order = order_from_wire(raw, SHOP)

    assert order.key == Key("Order", "flagship", "7197417460812533543")
    assert order.shop is SHOP
    assert order.platform is Platform.WECHAT_STORE
    assert order.platform_id == "7197417460812533543"
    assert order.status is OrderStatus.UNKNOWN
    assert order.platform_status == "6"
    assert order.created_at == datetime(2014, 3, 12, 14, 50, 17, tzinfo=UTC)
    assert order.updated_at is None
    assert order.paid_at is None
    assert order.payment_method is PaymentMethod.WECHAT_PAY
    assert order.payment_reference == "1900000109201404103172199813"
    assert order.total == Money(fen=6)
    assert order.subtotal == Money(fen=1)
    assert order.shipping_fee == Money(fen=5)
    assert order.discount is None
    assert order.after_sale_status is None
    assert order.shipments == [
        Shipment(
            order_key=order.key,
            carrier=Carrier(code="059Yunda", name="韵达快运", key="yunda"),
            tracking_number="1900659372473",
        )
    ]


def test_who_ordered_the_manual_s_order(raw: Order) -> None:
    order = order_from_wire(raw, SHOP)

    assert order.buyer_data == Buyer(open_id="oDF3iY17NsDAW4UP2qzJXPsz1S9Q", nickname="likeacat")
    assert order.shipping_address_data == ShippingAddress(
        name="张小猫",
        province="广东省",
        city="广州市",
        district="天河区",
        street="华景路一号南方通信大厦5楼",
        mobile="123456789",
        phone="123456789",
    )


def test_the_list_of_products_counts_before_the_flat_form(raw: Order) -> None:
    order = order_from_wire(raw, SHOP)

    product = Key("Product", "flagship", "p8BCTv77lY4io_q00F9qsaniimFc")
    assert order.items == [
        OrderItem(
            order_key=order.key,
            product_key=product,
            sku_key=Key("Sku", "flagship", product.platform_id, ""),
            platform_product_id=product.platform_id,
            platform_sku_id="",
            title="product_name",
            image=GIF,
            images=[GIF],
            quantity=1,
            unit_price=Money(fen=1),
            total=Money(fen=1),
            attributes=[],
        )
    ]
    assert order.details == WechatStoreOrderDetails(product=_flat_item(1))


def test_the_flat_form_stands_in_for_the_list_of_products(raw: Order) -> None:
    order = order_from_wire(msgspec.structs.replace(raw, products=[]), SHOP)

    assert order.items == [_flat_item()]


def test_the_manual_s_list() -> None:
    raw = answer("order.getbyfilter", OrdersResponse).order_list or []

    orders = [order_from_wire(order, SHOP) for order in raw]

    assert [(order.platform_id, order.status, order.platform_status) for order in orders] == [
        ("7197417460812533543", OrderStatus.UNKNOWN, "6"),
        ("7197417460812533569", OrderStatus.IN_DISPUTE, "8"),
    ]
    assert orders[1].after_sale_status is AfterSaleStatus.IN_DISPUTE
    assert orders[1].shipping_address_data is not None
    assert orders[1].shipping_address_data.district is None


@pytest.mark.parametrize(
    ("code", "status"),
    [
        pytest.param(2, OrderStatus.AWAITING_SHIPMENT, id="to-be-shipped"),
        pytest.param(3, OrderStatus.SHIPPED, id="shipped"),
        pytest.param("5", OrderStatus.COMPLETED, id="completed-as-text"),
        pytest.param(8, OrderStatus.IN_DISPUTE, id="in-dispute"),
        pytest.param(99, OrderStatus.UNKNOWN, id="a-value-that-the-manual-lacks"),
        pytest.param(None, OrderStatus.UNKNOWN, id="not-told"),
    ],
)
def test_status(raw: Order, code: int | str | None, status: OrderStatus) -> None:
    order = order_from_wire(msgspec.structs.replace(raw, order_status=code), SHOP)

    assert order.status is status
    assert order.platform_status == (None if code is None else str(code))


@pytest.mark.parametrize(
    ("company", "carrier"),
    [
        pytest.param(
            "003shunfeng", Carrier(code="003shunfeng", name="顺丰速运", key="sf"), id="listed"
        ),
        pytest.param(
            "德邦物流", Carrier(name="德邦物流", key="deppon"), id="another-carrier-s-name"
        ),
        pytest.param("DHL", Carrier(name="DHL", key="dhl"), id="another-carrier-s-latin-name"),
        pytest.param("077debang", Carrier(code="077debang"), id="a-code-that-is-no-longer-listed"),
        pytest.param("", None, id="no-carrier"),
    ],
)
def test_carrier(raw: Order, company: str, carrier: Carrier | None) -> None:
    order = order_from_wire(msgspec.structs.replace(raw, delivery_company=company), SHOP)

    assert [shipment.carrier for shipment in order.shipments] == [carrier]


def test_what_is_not_shipped_has_no_shipments(raw: Order) -> None:
    raw = msgspec.structs.replace(raw, delivery_company="", delivery_id="")

    assert order_from_wire(raw, SHOP).shipments == []


def test_an_order_that_tells_nothing_but_its_id() -> None:
    order = order_from_wire(Order(order_id=7197417460812533543), SHOP)

    assert order.platform_id == "7197417460812533543"
    assert (order.items, order.shipments) == ([], [])
    assert order.total == Money(fen=0)
    assert (order.subtotal, order.shipping_fee) == (None, None)
    assert (order.created_at, order.payment_method) == (None, None)
    assert (order.buyer_data, order.shipping_address_data) == (None, None)
    assert order.details == WechatStoreOrderDetails(product=None)


@pytest.mark.parametrize("seconds", [0, "", -99_999_999_999_999, 999_999_999_999_999])
def test_a_time_that_no_calendar_has_is_none(raw: Order, seconds: int | str) -> None:
    order = order_from_wire(msgspec.structs.replace(raw, order_create_time=seconds), SHOP)

    assert order.created_at is None


def test_names_are_unescaped(raw: Order) -> None:
    raw = msgspec.structs.replace(raw, buyer_nick="Tom&#38Jerry", product_name="T&amp;J")
    order = order_from_wire(msgspec.structs.replace(raw, products=None), SHOP)

    assert order.buyer_data is not None
    assert order.buyer_data.nickname == "Tom&Jerry"
    assert order.items[0].title == "T&J"


def test_a_dispute_is_an_after_sale() -> None:
    _, raw = answer("order.getbyfilter", OrdersResponse).order_list or []
    order = order_from_wire(raw, SHOP)

    assert after_sale_of(order, AfterSaleStatus.IN_DISPUTE) == AfterSale(
        key=Key("AfterSale", "flagship", "7197417460812533569", "7197417460812533569"),
        order_key=Key("Order", "flagship", "7197417460812533569"),
        shop=SHOP,
        platform=Platform.WECHAT_STORE,
        platform_id="7197417460812533569",
        status=AfterSaleStatus.IN_DISPUTE,
        platform_status="8",
        kind=AfterSaleKind.UNKNOWN,
        refund=None,
        items=[
            AfterSaleItem(
                after_sale_key=Key(
                    "AfterSale", "flagship", "7197417460812533569", "7197417460812533569"
                ),
                product_key=Key("Product", "flagship", "p8BCTv77lY4io_q00F9qsaniimFc"),
                platform_product_id="p8BCTv77lY4io_q00F9qsaniimFc",
                quantity=1,
            )
        ],
        created_at=datetime(2014, 3, 12, 14, 57, 15, tzinfo=UTC),
    )
