from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from gateway.ledger.mapping.after_sale import common_status
from gateway.ledger.requirements import InvalidForPlatform, Requirements
from gateway.platforms.baidu.mapping.after_sale_to_wire import (
    OrderName,
    after_sales_record,
    statuses_record,
)
from gateway.platforms.baidu.mapping.amount import expected_amount
from gateway.platforms.baidu.mapping.order_to_wire import changed_order, new_order, order_status
from gateway.platforms.baidu.mapping.outcomes import not_applied
from gateway.platforms.baidu.mapping.status import (
    AFTER_SALE_STATUS,
    ORDER_STATUS,
    after_sale_kind_code,
    after_sale_status_code,
    method_code,
    status_code,
)
from gateway.platforms.baidu.wire.calls import Done
from gateway.store.documents import (
    AfterSaleDocument,
    AfterSalePayment,
    OrderDocument,
    OrderItem,
    PageLink,
    Payment,
    PaymentLine,
)
from schema.after_sale import AfterSaleKind, AfterSaleStatus
from schema.order_details import BaiduOrderKind
from schema.order_status import OrderStatus
from tests.platforms.baidu.documents import AFTER_SALE, ITEM, KEY, ORDER, SWAN
from tests.platforms.baidu.samples import sample

VIRTUAL = OrderName(platform_id="2221554346520", kind="VIRTUAL", app_key=KEY)


def tree(wire: msgspec.Struct) -> Any:
    """Answer what is sent, as decoded JSON."""
    return msgspec.json.decode(msgspec.json.encode(wire))


def data(name: str) -> Any:
    return sample(f"{name}.request")["Data"][0]


def violations(document: OrderDocument, *after_sales: AfterSaleDocument) -> list[tuple[str, bool]]:
    """Answer the fields for which an order is not fit, and whether they are unsupported."""
    with pytest.raises(InvalidForPlatform) as caught:
        new_order(document, after_sales, KEY)
    return [
        (".".join(violation.path), violation.unsupported) for violation in caught.value.violations
    ]


def test_an_import_is_the_sample() -> None:
    assert tree(new_order(ORDER, [AFTER_SALE], KEY)) == data("add.main.info")


def test_an_update_is_the_sample() -> None:
    link = PageLink(state="SHOWN_AND_OPENS", name="", h5="", swan=SWAN, ios="", android="")
    hidden = PageLink(state="HIDDEN", name="", h5="", swan="", ios="", android="")
    document = replace(
        ORDER, kind="VIRTUAL", title=None, updated_at=None, page=link, review_page=hidden
    )

    assert tree(changed_order(document, KEY)) == data("update.main.info")


def test_an_update_sends_a_corrected_time_of_creation() -> None:
    document = replace(ORDER, created_at=5, created_at_corrected=True)

    assert tree(changed_order(document, KEY))["Ctime"] == 5


def test_a_status_is_the_sample() -> None:
    document = replace(ORDER, kind="VIRTUAL")
    other = replace(document, platform_id="3221554346520")

    sent = [tree(order_status(one, KEY)) for one in (document, other)]

    assert sent == sample("update.main.status.request")["Data"]


def test_appended_after_sales_are_the_sample() -> None:
    assert tree(after_sales_record(VIRTUAL, [AFTER_SALE], None)) == data("append.sub.info")


def test_replaced_after_sales_are_the_sample() -> None:
    processing = replace(AFTER_SALE, status="PROCESSING")

    assert tree(after_sales_record(VIRTUAL, [processing], None)) == data("update.sub.info")


def test_statuses_of_after_sales_are_the_sample() -> None:
    refunded = [
        replace(AFTER_SALE, status="REFUNDED"),
        replace(AFTER_SALE, platform_id="another", status="REFUNDED"),
    ]

    assert tree(statuses_record(VIRTUAL, refunded, "REFUNDED")) == data("update.sub.status")


PAID = AfterSalePayment(
    amount=2390,
    method="ONLINE",
    paid_at=1571026100,
    discounts=(PaymentLine(name="优惠券使用", amount=100),),
    charges=(PaymentLine(name="运费", amount=100, quantity=2),),
)


@pytest.mark.parametrize(
    ("payment", "sent"),
    [
        (
            PAID,
            {
                "Method": 1,
                "Amount": 2390,
                "IsPayment": True,
                "Time": 1571026100,
                "PreferentialInfo": [{"Name": "优惠券使用", "Value": 100, "Quantity": 1}],
                "PaymentInfo": [{"Name": "运费", "Value": 100, "Quantity": 2}],
            },
        ),
        (
            AfterSalePayment(amount=5, method="CASH_ON_DELIVERY", paid=False),
            {"Method": 2, "Amount": 5, "IsPayment": False, "Time": 0},
        ),
    ],
)
def test_what_was_paid_for_an_after_sale_is_sent_with_it(
    payment: AfterSalePayment, sent: dict[str, Any]
) -> None:
    item = replace(AFTER_SALE.items[0], payment=payment)
    paid = replace(AFTER_SALE, items=(AFTER_SALE.items[0], item))

    (subs,) = tree(after_sales_record(VIRTUAL, [paid], None))["EXT"]["SubsOrder"]["Items"]

    assert subs["Payment"] == sent


@pytest.mark.parametrize(
    ("payments", "path"),
    [
        ((PAID, PAID), "afterSales.1.items.1.payment"),
        ((replace(PAID, method="OTHER"), None), "afterSales.1.items.0.payment.method"),
    ],
)
def test_what_baidu_cannot_take_of_a_payment_is_named(
    payments: tuple[AfterSalePayment | None, ...], path: str
) -> None:
    items = tuple(replace(AFTER_SALE.items[0], payment=payment) for payment in payments)

    wrong = violations(ORDER, AFTER_SALE, replace(AFTER_SALE, items=items))

    assert [where for where, _ in wrong] == [path]


def test_charges_stand_behind_shipping() -> None:
    document = replace(
        ORDER, charges=(PaymentLine(name="包装", amount=50, quantity=2),), total=2490
    )

    payment = new_order(document, [], KEY).ext.main_order.payment

    assert [(one.name, one.value, one.quantity) for one in payment.payment_info] == [
        ("运费", 100, 1),
        ("包装", 50, 2),
    ]


@pytest.mark.parametrize(
    ("payment", "method", "paid", "time"),
    [
        (None, 1, False, 0),
        (Payment(method="ONLINE", paid=True, paid_at=5), 1, True, 5),
        (Payment(method="WECHAT_PAY", paid=True, paid_at=5), 1, True, 5),
        (Payment(method="CASH_ON_DELIVERY", paid=False), 2, False, 0),
    ],
)
def test_how_it_was_paid(payment: Payment | None, method: int, *, paid: bool, time: int) -> None:
    sent = new_order(replace(ORDER, payment=payment), [], KEY).ext.main_order.payment

    assert (sent.method, sent.is_payment, sent.time) == (method, paid, time)


def test_what_is_left_out_is_not_sent() -> None:
    bare = OrderItem(platform_product_id="p", title="苹果", quantity=3, unit_price=100)
    document = OrderDocument(
        platform_id="o",
        status="HIDDEN",
        title="t",
        kind="PHYSICAL",
        created_at=7,
        items=(bare,),
        total=300,
    )

    assert tree(new_order(document, [], KEY)) == {
        "CateID": 1,
        "BizAPPID": KEY,
        "Title": "t",
        "ResourceID": "o",
        "Ctime": 7,
        "Mtime": 7,
        "Status": 300,
        "EXT": {
            "MainOrder": {
                "Products": [
                    {"ID": "p", "Name": "苹果", "Quantity": 3, "Price": 100, "PayPrice": 100}
                ],
                "Payment": {"Method": 1, "Amount": 300, "IsPayment": False, "Time": 0},
            }
        },
    }


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"title": None}, [("title", False)]),
        ({"kind": None}, [("kind", False)]),
        ({"items": (), "total": 0}, [("items", False)]),
        ({"total": 2391}, [("total", False)]),
        ({"status": "REFUNDED"}, [("status", True)]),
        ({"payment": Payment(method="OTHER", paid=True)}, [("payment.method", True)]),
        ({"items": (replace(ITEM, images=("i",) * 6),)}, [("items.0.images", False)]),
        (
            {"items": (replace(ITEM, attributes=ITEM.attributes * 5),)},
            [("items.0.attributes", False)],
        ),
        ({"after_sale_status": "IN_DISPUTE"}, [("afterSaleStatus", True)]),
    ],
)
def test_what_an_import_needs(changes: dict[str, Any], paths: list[tuple[str, bool]]) -> None:
    assert violations(replace(ORDER, **changes), AFTER_SALE) == paths


def test_after_sales_of_an_import_are_checked_too() -> None:
    unknown = replace(AFTER_SALE, status="LATER", kind="UNKNOWN")

    assert violations(replace(ORDER, after_sale_status="APPLYING"), AFTER_SALE, unknown) == [
        ("afterSales.1.status", True),
        ("afterSales.1.kind", True),
    ]


@pytest.mark.parametrize(("total", "words"), [(2400, "+10 fen"), (2290, "-100 fen")])
def test_an_amount_that_does_not_add_up_is_told_with_the_difference(total: int, words: str) -> None:
    with pytest.raises(InvalidForPlatform, match=f"come to 2390: \\{words}"):
        changed_order(replace(ORDER, total=total), KEY)


def test_what_an_order_comes_to() -> None:
    document = replace(
        ORDER,
        items=(replace(ITEM, quantity=3), ITEM),
        charges=(PaymentLine(name="包装", amount=50, quantity=2),),
        discounts=(PaymentLine(name="券", amount=30, quantity=4),),
    )

    assert expected_amount(document) == 4 * 2390 + 100 + 100 - 120
    assert expected_amount(replace(document, shipping_fee=None)) == 4 * 2390 + 100 - 120


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (
            BaiduOrderKind.PHYSICAL,
            {
                OrderStatus.AWAITING_PAYMENT: 1,
                OrderStatus.AWAITING_SHIPMENT: 5,
                OrderStatus.SHIPPED: 6,
                OrderStatus.CLOSED: 100,
                OrderStatus.COMPLETED: 200,
                OrderStatus.HIDDEN: 300,
            },
        ),
        (
            BaiduOrderKind.VIRTUAL,
            {
                OrderStatus.AWAITING_PAYMENT: 1,
                OrderStatus.AWAITING_CONFIRMATION: 2,
                OrderStatus.PROCESSING: 3,
                OrderStatus.CONFIRMED: 4,
                OrderStatus.CLOSED: 100,
                OrderStatus.COMPLETED: 200,
                OrderStatus.HIDDEN: 300,
            },
        ),
    ],
)
def test_every_status_of_a_kind(kind: BaiduOrderKind, codes: dict[OrderStatus, int]) -> None:
    for status in OrderStatus:
        needs = Requirements("Baidu")
        code = status_code(kind.name, status.name, needs)
        if status in codes:
            assert needs.settle(code) == codes[status]
            assert ORDER_STATUS[kind][code] is status
        else:
            with pytest.raises(InvalidForPlatform, match=f"Baidu has no {status.name}"):
                needs.settle(code)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (AfterSaleStatus.APPLYING, 400),
        (AfterSaleStatus.PROCESSING, 401),
        (AfterSaleStatus.REFUNDED, 402),
        (AfterSaleStatus.EXCHANGED, 403),
        (AfterSaleStatus.CLOSED, 404),
        (AfterSaleStatus.REJECTED, 407),
    ],
)
def test_every_status_of_an_after_sale(status: AfterSaleStatus, code: int) -> None:
    needs = Requirements("Baidu")

    assert needs.settle(after_sale_status_code(status.name, needs, "status")) == code
    assert AFTER_SALE_STATUS[code] is status


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (AfterSaleKind.REFUND_ONLY, 1),
        (AfterSaleKind.EXCHANGE, 2),
        (AfterSaleKind.RETURN_AND_REFUND, 3),
    ],
)
def test_every_kind_of_an_after_sale(kind: AfterSaleKind, code: int) -> None:
    needs = Requirements("Baidu")

    assert needs.settle(after_sale_kind_code(kind.name, needs, "kind")) == code


@pytest.mark.parametrize("method", ["OTHER", "UNKNOWN"])
def test_a_method_of_payment_that_baidu_lacks(method: str) -> None:
    needs = Requirements("Baidu")
    code = method_code(method, needs)

    with pytest.raises(InvalidForPlatform, match=f"Baidu has no {method}"):
        needs.settle(code)


def test_an_exchange_brings_goods_and_no_money() -> None:
    exchange = replace(AFTER_SALE, kind="EXCHANGE", refund=None)
    bare = replace(exchange, items=(), page=None, updated_at=None)

    sent = tree(after_sales_record(VIRTUAL, [exchange, bare], None))["EXT"]["SubsOrder"]["Items"]

    assert sent[0]["Refund"] == {
        "Amount": 0,
        "Product": [{"ID": "1014093064", "Quantity": 1, "Amount": 0}],
    }
    assert sent[1] == {
        "SubOrderID": "onlyOne",
        "SubStatus": 400,
        "CTime": 1571026201,
        "MTime": 1571026201,
        "OrderType": 2,
    }


@pytest.mark.parametrize(
    ("statuses", "together"),
    [
        pytest.param(["REFUNDED"], "REFUNDED", id="the only one"),
        pytest.param(["APPLYING", "REFUNDED"], "APPLYING", id="what is open counts"),
        pytest.param(["PROCESSING", "APPLYING", "CLOSED"], "APPLYING", id="the newest open one"),
        pytest.param(["REFUNDED", "REJECTED"], "REJECTED", id="else the newest"),
    ],
)
def test_where_after_sales_stand_together(statuses: list[str], together: str) -> None:
    after_sales = [
        replace(AFTER_SALE, status=status, created_at=number)
        for number, status in enumerate(statuses)
    ]

    assert common_status(after_sales) == together


def test_records_that_were_not_applied() -> None:
    answer = msgspec.convert(
        {
            "data": [
                {"resource_id": "a", "rows_affected": "0"},
                {"resource_id": "b", "rows_affected": 0},
                {"resource_id": "c", "rows_affected": "1"},
            ]
        },
        Done,
    )

    assert not_applied(answer) == {"a", "b"}


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"kind": "EXCHANGE"}, "afterSales.0.refund", "an exchange has no refund"),
        ({"items": ()}, "afterSales.0.items", "Baidu needs it"),
    ],
)
def test_what_an_after_sale_cannot_be(changes: dict[str, Any], path: str, message: str) -> None:
    with pytest.raises(InvalidForPlatform) as caught:
        after_sales_record(VIRTUAL, [replace(AFTER_SALE, **changes)], None)

    assert [
        (".".join(violation.path), violation.message) for violation in caught.value.violations
    ] == [(path, message)]
