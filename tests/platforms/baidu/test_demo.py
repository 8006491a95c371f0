from typing import Any

import pytest

from gateway.platforms.baidu.demo import after_sales_of, order_of
from gateway.platforms.baidu.sandbox.sample import SampleRecord
from gateway.store.documents import (
    AfterSaleDocument,
    AfterSaleItem,
    Attribute,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
)

PAGE = {"Status": 2, "SwanSchema": "baiduboxapp://swan/x/order"}
PAGE_LINK = PageLink(state="SHOWN_AND_OPENS", swan="baiduboxapp://swan/x/order")


def order(*, subs: list[dict[str, Any]] | None = None, **more: Any) -> SampleRecord:
    """An order as Data of the manual's import has it."""
    product = {
        "ID": "SC1",
        "Name": "毛巾",
        "Desc": "纯棉",
        "Quantity": 2,
        "Price": 1200,
        "PayPrice": 1000,
        "ImgList": ["http://img.example/1.jpg"],
        "SkuAttr": [{"Name": "颜色", "Value": "白色"}],
        "DetailPage": PAGE,
    }
    main = {
        "Products": [product],
        "Payment": {
            "Time": 1_700_000_060,
            "Method": 1,
            "Amount": 2350,
            "IsPayment": True,
            "PreferentialInfo": [{"Name": "店铺优惠券", "Value": 300, "Quantity": 1}],
            "PaymentInfo": [
                {"Name": "运费", "Value": 500, "Quantity": 1},
                {"Name": "保险", "Value": 150, "Quantity": 1},
            ],
        },
        "Appraise": {"Status": 0},
        "OrderDetail": PAGE,
    }
    ext: dict[str, Any] = {"MainOrder": main}
    if subs:
        ext["SubsOrder"] = {"Status": subs[0]["SubStatus"], "Items": subs}
    wire = {
        "CateID": 1,
        "BizAPPID": "ak",
        "Title": "毛巾",
        "ResourceID": "222",
        "Ctime": 1_700_000_000,
        "Mtime": 1_700_003_600,
        "Status": 6,
        "EXT": ext,
    }
    return SampleRecord("oSwan", wire | more)


def sub(**more: Any) -> dict[str, Any]:
    """An after-sale as Data.Ext.SubsOrder.Item has it."""
    return {
        "SubOrderID": "AS222",
        "SubStatus": 402,
        "CTime": 1_700_086_400,
        "MTime": 1_700_090_000,
        "OrderType": 1,
        "OrderDetail": PAGE,
        "Refund": {"Amount": 2000, "Product": [{"ID": "SC1", "Quantity": 2, "Amount": 2000}]},
    } | more


def test_an_order_is_split_from_who_bought_it() -> None:
    document, personal = order_of(order())

    assert document == OrderDocument(
        platform_id="222",
        status="SHIPPED",
        platform_status="6",
        title="毛巾",
        kind="PHYSICAL",
        created_at=1_700_000_000,
        updated_at=1_700_003_600,
        items=(
            OrderItem(
                platform_product_id="SC1",
                title="毛巾",
                description="纯棉",
                quantity=2,
                unit_price=1000,
                list_price=1200,
                images=("http://img.example/1.jpg",),
                attributes=(Attribute(name="颜色", value="白色"),),
                page=PAGE_LINK,
            ),
        ),
        total=2350,
        shipping_fee=500,
        discounts=(PaymentLine(name="店铺优惠券", amount=300),),
        charges=(PaymentLine(name="保险", amount=150),),
        payment=Payment(method="ONLINE", paid=True, paid_at=1_700_000_060),
        page=PAGE_LINK,
        review_page=PageLink(state="HIDDEN"),
    )
    assert personal == OrderPersonal(open_id="oSwan")


@pytest.mark.parametrize(
    ("kind", "number", "status"),
    [
        (1, 1, "AWAITING_PAYMENT"),
        (2, 2, "AWAITING_CONFIRMATION"),
        (2, 3, "PROCESSING"),
        (2, 4, "CONFIRMED"),
        (1, 5, "AWAITING_SHIPMENT"),
        (1, 6, "SHIPPED"),
        (1, 100, "CLOSED"),
        (2, 200, "COMPLETED"),
        (1, 300, "HIDDEN"),
    ],
)
def test_every_status_has_its_name(kind: int, number: int, status: str) -> None:
    document, _ = order_of(order(CateID=kind, Status=number))

    assert (document.status, document.platform_status) == (status, str(number))


def test_an_order_without_after_sales_has_none() -> None:
    assert after_sales_of(order()) == []
    assert order_of(order())[0].after_sale_status is None


def test_an_after_sale_belongs_to_its_order() -> None:
    with_sub = order(subs=[sub()])

    assert order_of(with_sub)[0].after_sale_status == "REFUNDED"
    assert after_sales_of(with_sub) == [
        AfterSaleDocument(
            platform_id="AS222",
            order_platform_id="222",
            status="REFUNDED",
            platform_status="402",
            kind="REFUND_ONLY",
            refund=2000,
            items=(AfterSaleItem(platform_product_id="SC1", quantity=2, refund=2000),),
            created_at=1_700_086_400,
            updated_at=1_700_090_000,
            page=PAGE_LINK,
        )
    ]


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (400, "APPLYING"),
        (401, "PROCESSING"),
        (402, "REFUNDED"),
        (403, "EXCHANGED"),
        (404, "CLOSED"),
        (407, "REJECTED"),
    ],
)
def test_every_after_sale_status_has_its_name(number: int, status: str) -> None:
    (after_sale,) = after_sales_of(order(subs=[sub(SubStatus=number)]))

    assert (after_sale.status, after_sale.platform_status) == (status, str(number))


def test_an_exchange_refunds_nothing() -> None:
    (exchange,) = after_sales_of(order(subs=[sub(OrderType=2)]))
    (returned,) = after_sales_of(order(subs=[sub(OrderType=3)]))

    assert (exchange.kind, exchange.refund) == ("EXCHANGE", None)
    assert (returned.kind, returned.refund) == ("RETURN_AND_REFUND", 2000)
