from datetime import UTC, datetime

import msgspec
import pytest

from gateway.ledger.mapping.order import OrderMapping
from gateway.store.documents import (
    Attribute,
    Invoice,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
    Shipment,
    ShipmentItem,
    ShippingAddress,
)
from schema import buyer, page_link
from schema.after_sale import AfterSaleStatus
from schema.key import Key
from schema.money import Money
from schema.order_details import BaiduOrderDetails, BaiduOrderKind, BaiduPayment
from schema.order_item import OrderItem as PublicOrderItem
from schema.order_status import OrderStatus, PaymentMethod
from schema.platform import Platform
from schema.shipment import Carrier
from schema.shop import Shop
from schema.sku import SkuAttribute

SHOP = Shop(
    key=Key("Shop", "swan"), key_name="swan", platform=Platform.BAIDU, name="店", capabilities=[]
)
DETAILS = BaiduOrderDetails(
    title="",
    kind=BaiduOrderKind.PHYSICAL,
    payment=BaiduPayment(
        method=PaymentMethod.ONLINE, amount=Money(fen=0), paid=True, discounts=[], charges=[]
    ),
)
MAPPING = OrderMapping(
    shop=SHOP,
    details=lambda _document, _personal: DETAILS,
    carriers=[Carrier(code="2011", name="顺丰速运", key="sf")],
)

ITEM = OrderItem(
    platform_product_id="p1",
    platform_sku_id="p1-L",
    code="TEE-L",
    title="潮流T恤",
    description="纯棉短袖",
    quantity=2,
    unit_price=9900,
    list_price=12900,
    total=19000,
    images=("https://img/1", "https://img/2"),
    attributes=(Attribute(name="尺码", value="L"),),
    category_path=("衣服", "T恤"),
    page=PageLink(mini_program_path="/detail"),
)
BARE_ITEM = OrderItem(platform_product_id="p2", title="袜子", quantity=3, unit_price=500)
WHOLE = OrderDocument(
    platform_id="o1",
    status="SHIPPED",
    platform_status="6",
    title="订单",
    created_at=100,
    updated_at=200,
    items=(ITEM, BARE_ITEM),
    total=20700,
    shipping_fee=500,
    discounts=(PaymentLine(name="券", amount=100, quantity=3),),
    payment=Payment(method="ONLINE", paid=True, paid_at=150, reference="420000"),
    shipments=(
        Shipment(
            carrier_code="2011",
            tracking_number="SF1",
            shipped_at=180,
            page=PageLink(mini_program_path="/parcel"),
            items=(ShipmentItem(platform_product_id="p1", platform_sku_id="p1-L"),),
        ),
    ),
    after_sale_status="APPLYING",
)
BARE = OrderDocument(
    platform_id="o2", status="COMPLETED", created_at=100, items=(BARE_ITEM,), total=1500
)
PERSONAL = OrderPersonal(
    open_id="open",
    union_id="union",
    nickname="小明",
    shipping_address=ShippingAddress(
        name="收件人",
        national_code="440105",
        country="中国",
        province="广东省",
        city="广州市",
        district="海珠区",
        street="测试路1号",
        mobile="13800000000",
        phone="020-1",
    ),
    invoice=Invoice(type="COMPANY", title="测试公司"),
)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_a_whole_order() -> None:
    order = MAPPING.order(WHOLE, PERSONAL)

    assert order.key == Key("Order", "swan", "o1")
    assert order.shop is SHOP
    assert (order.platform, order.platform_id) == (Platform.BAIDU, "o1")
    assert (order.status, order.platform_status) == (OrderStatus.SHIPPED, "6")
    assert (order.created_at, order.updated_at, order.paid_at) == (at(100), at(200), at(150))
    assert order.payment_method is PaymentMethod.ONLINE
    assert order.payment_reference == "420000"
    assert order.total == Money(fen=20700)
    assert order.subtotal == Money(fen=20500)
    assert order.shipping_fee == Money(fen=500)
    assert order.discount == Money(fen=300)
    assert order.after_sale_status is AfterSaleStatus.APPLYING
    assert order.details is DETAILS
    assert order.raw_source is None


def test_a_whole_line() -> None:
    line = MAPPING.order(WHOLE, PERSONAL).items[0]

    assert line == PublicOrderItem(
        order_key=Key("Order", "swan", "o1"),
        product_key=Key("Product", "swan", "p1"),
        sku_key=Key("Sku", "swan", "p1", "p1-L"),
        platform_product_id="p1",
        platform_sku_id="p1-L",
        known_code="TEE-L",
        title="潮流T恤",
        description="纯棉短袖",
        image="https://img/1",
        images=["https://img/1", "https://img/2"],
        quantity=2,
        unit_price=Money(fen=9900),
        list_price=Money(fen=12900),
        total=Money(fen=19000),
        attributes=[SkuAttribute(known_name="尺码", known_value="L", custom=True)],
        category_path=["衣服", "T恤"],
        page=page_link.PageLink(mini_program_path="/detail"),
    )


def test_a_bare_line_is_filled_up_as_the_contract_says() -> None:
    line = MAPPING.order(WHOLE, PERSONAL).items[1]

    assert line == PublicOrderItem(
        order_key=Key("Order", "swan", "o1"),
        product_key=Key("Product", "swan", "p2"),
        sku_key=Key("Sku", "swan", "p2", ""),
        platform_product_id="p2",
        title="袜子",
        images=[],
        quantity=3,
        unit_price=Money(fen=500),
        list_price=Money(fen=500),
        total=Money(fen=1500),
        attributes=[],
    )


def test_a_parcel() -> None:
    (parcel,) = MAPPING.order(WHOLE, PERSONAL).shipments

    assert parcel.carrier is not None
    assert parcel.carrier == Carrier(code="2011", name="顺丰速运", key="sf")
    assert (parcel.tracking_number, parcel.shipped_at) == ("SF1", at(180))
    assert parcel.page == page_link.PageLink(mini_program_path="/parcel")
    assert parcel.items is not None
    assert [(item.platform_product_id, item.platform_sku_id) for item in parcel.items] == [
        ("p1", "p1-L")
    ]


def test_the_buyer_stands_apart() -> None:
    order = MAPPING.order(WHOLE, PERSONAL)

    assert order.buyer_data == buyer.Buyer(open_id="open", union_id="union", nickname="小明")
    assert order.shipping_address_data == buyer.ShippingAddress(
        name="收件人",
        national_code="440105",
        country="中国",
        province="广东省",
        city="广州市",
        district="海珠区",
        street="测试路1号",
        mobile="13800000000",
        phone="020-1",
    )


def test_once_erased_the_buyer_is_gone_and_the_order_stays() -> None:
    order = MAPPING.order(WHOLE, None)

    assert (order.buyer_data, order.shipping_address_data) == (None, None)
    assert order.total == Money(fen=20700)


def test_a_bare_order_tells_no_more_than_it_has() -> None:
    order = MAPPING.order(BARE, None)

    told = (
        order.platform_status,
        order.updated_at,
        order.paid_at,
        order.payment_method,
        order.payment_reference,
        order.shipping_fee,
        order.discount,
        order.after_sale_status,
    )
    assert told == (None,) * len(told)
    assert order.shipments == []
    assert order.subtotal == Money(fen=1500)


@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_status(status: OrderStatus) -> None:
    document = msgspec.structs.replace(BARE, status=status.name)

    assert MAPPING.order(document, None).status is status


def test_what_a_later_version_wrote_is_unknown_to_this_one() -> None:
    payment = Payment(method="BARTER", paid=True)
    document = msgspec.structs.replace(
        BARE, status="LOST", payment=payment, after_sale_status="HAGGLING"
    )

    order = MAPPING.order(document, None)

    assert order.status is OrderStatus.UNKNOWN
    assert order.payment_method is PaymentMethod.UNKNOWN
    assert order.after_sale_status is AfterSaleStatus.UNKNOWN
