from typing import Any

import pytest

from gateway.platforms.mini_program.demo import order_of, product_of, wanted_of
from gateway.platforms.mini_program.sandbox.sample import SampleImport, SampleWantedItem
from gateway.store.documents import (
    Attribute,
    Invoice,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
    ProductDocument,
    ProductSku,
    Shipment,
    ShipmentItem,
    ShippingAddress,
    WantedItemDocument,
)

ITEM = {
    "item_code": "SC1",
    "sku_id": "SC1-02",
    "amount": 2,
    "total_fee": 2000,
    "thumb_url": "http://img.example/1.jpg",
    "title": "毛巾",
    "desc": "纯棉",
    "unit_price": 1000,
    "original_price": 1200,
    "stock_attr_info": [{"attr_name": {"name": "颜色"}, "attr_value": {"name": "白色"}}],
    "category_list": ["家居", "毛巾"],
    "item_detail_page": {"path": "/pages/product?id=SC1"},
}
PARCEL = {
    "express_company_id": 2011,
    "express_company_name": "顺丰速运",
    "express_code": "YD1",
    "ship_time": 1_700_003_600,
    "express_page": {"path": "/pages/parcel?order=MP1"},
    "express_goods_info_list": [{"item_code": "SC1", "sku_id": "SC1-02"}],
}
EXPRESS = {
    "name": "周八",
    "phone": "13800000013",
    "address": "示例路14号",
    "price": 500,
    "country": "中国",
    "province": "广东省",
    "city": "深圳市",
    "district": "南山区",
    "express_package_info_list": [PARCEL],
}


def order(**more: Any) -> SampleImport:
    """An order as the page 导入“已购订单” has it."""
    wire = {
        "order_id": "MP1",
        "create_time": 1_700_000_000,
        "pay_finish_time": 1_700_000_090,
        "desc": "请尽快发货",
        "fee": 2200,
        "trans_id": "4300001",
        "status": 4,
        "ext_info": {
            "product_info": {"item_list": [ITEM]},
            "express_info": EXPRESS,
            "brand_info": {
                "phone": "400-000-0000",
                "contact_detail_page": {"path": "/pages/contact"},
            },
            "payment_method": 1,
            "user_open_id": "oMini",
            "order_detail_page": {"path": "/pages/order?id=MP1"},
            "promotion_info": {"discount_fee": 300},
            "invoice_info": {
                "type": 1,
                "title": "周八",
                "invoice_detail_page": {"path": "/pages/invoice?id=MP1"},
            },
        },
    }
    return SampleImport("oMini", wire | more)


def test_an_order_keeps_what_was_bought() -> None:
    document, _ = order_of(order())

    assert document == OrderDocument(
        platform_id="MP1",
        status="SHIPPED",
        platform_status="4",
        created_at=1_700_000_000,
        items=(
            OrderItem(
                platform_product_id="SC1",
                platform_sku_id="SC1-02",
                code="SC1-02",
                title="毛巾",
                description="纯棉",
                quantity=2,
                unit_price=1000,
                list_price=1200,
                total=2000,
                images=("http://img.example/1.jpg",),
                attributes=(Attribute(name="颜色", value="白色"),),
                category_path=("家居", "毛巾"),
                page=PageLink(mini_program_path="/pages/product?id=SC1"),
            ),
        ),
        total=2200,
        shipping_fee=500,
        discounts=(PaymentLine(name="优惠", amount=300),),
        payment=Payment(method="WECHAT_PAY", paid=True, paid_at=1_700_000_090, reference="4300001"),
        shipments=(
            Shipment(
                carrier_code="2011",
                carrier_name="顺丰速运",
                tracking_number="YD1",
                shipped_at=1_700_003_600,
                page=PageLink(mini_program_path="/pages/parcel?order=MP1"),
                items=(ShipmentItem(platform_product_id="SC1", platform_sku_id="SC1-02"),),
            ),
        ),
        brand_phone="400-000-0000",
        contact_page="/pages/contact",
        page=PageLink(mini_program_path="/pages/order?id=MP1"),
    )


def test_who_bought_it_is_kept_apart() -> None:
    _, personal = order_of(order())

    assert personal == OrderPersonal(
        open_id="oMini",
        shipping_address=ShippingAddress(
            name="周八",
            country="中国",
            province="广东省",
            city="深圳市",
            district="南山区",
            street="示例路14号",
            mobile="13800000013",
        ),
        invoice=Invoice(
            type="PERSON",
            title="周八",
            page=PageLink(mini_program_path="/pages/invoice?id=MP1"),
        ),
        remark="请尽快发货",
    )


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (3, "AWAITING_SHIPMENT"),
        (4, "SHIPPED"),
        (5, "REFUNDED"),
        (12, "CLOSED"),
        (100, "COMPLETED"),
    ],
)
def test_every_status_has_its_name(number: int, status: str) -> None:
    document, _ = order_of(order(status=number))

    assert (document.status, document.platform_status) == (status, str(number))


def test_a_carrier_that_the_page_does_not_list_has_a_name_only() -> None:
    parcel = PARCEL | {"express_company_id": 9999, "express_company_name": "京东物流"}
    unlisted = order()
    unlisted.wire["ext_info"]["express_info"] = EXPRESS | {"express_package_info_list": [parcel]}

    (shipment,) = order_of(unlisted)[0].shipments

    assert (shipment.carrier_code, shipment.carrier_name) == (None, "京东物流")


def product(**more: Any) -> dict[str, Any]:
    """A product as the page 更新商品信息 has it."""
    return {
        "item_code": "SC1",
        "title": "毛巾",
        "desc": "纯棉",
        "category_list": ["家居", "毛巾"],
        "image_list": ["http://img.example/1.jpg"],
        "src_wxapp_path": "/pages/product?id=SC1",
        "attr_list": [{"name": "材质", "value": "棉"}],
    } | more


SKU = {
    "sku_id": "SC1-02",
    "price": 1000,
    "original_price": 1200,
    "status": 1,
    "sku_attr_list": [{"name": "颜色", "value": "白色"}],
}


def test_a_synced_product_keeps_its_skus() -> None:
    document = product_of(product(sku_list=[SKU, SKU | {"sku_id": "SC1-03", "status": 2}]), 1_700)

    white = (Attribute(name="颜色", value="白色"),)
    assert document == ProductDocument(
        platform_product_id="SC1",
        title="毛巾",
        description="纯棉",
        images=("http://img.example/1.jpg",),
        category_path=("家居", "毛巾"),
        page_path="/pages/product?id=SC1",
        product_attributes=(Attribute(name="材质", value="棉"),),
        skus=tuple(
            ProductSku(
                platform_id=name,
                code=name,
                price=1000,
                list_price=1200,
                status=status,
                attributes=white,
            )
            for name, status in (("SC1-02", "ON_SALE"), ("SC1-03", "OFF_SALE"))
        ),
        synced_at=1_700,
    )


def test_a_wanted_item_is_one_sku() -> None:
    document = wanted_of(SampleWantedItem("oMini", product(sku_info=SKU), 1_600, 2))

    assert document == WantedItemDocument(
        platform_product_id="SC1",
        platform_sku_id="SC1-02",
        title="毛巾",
        description="纯棉",
        images=("http://img.example/1.jpg",),
        price=1000,
        list_price=1200,
        status="ON_SALE",
        attributes=(Attribute(name="颜色", value="白色"),),
        product_attributes=(Attribute(name="材质", value="棉"),),
        category_path=("家居", "毛巾"),
        quantity=2,
        page_path="/pages/product?id=SC1",
        added_at=1_600,
    )
