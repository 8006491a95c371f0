import pytest
from msgspec.structs import replace

from gateway.ledger.payments import by_payment, is_of_payment, with_payment
from gateway.ledger.seen_products import products_seen
from gateway.store.documents import OrderDocument, OrderItem, Payment, PaymentKeys

LINE = OrderItem(platform_product_id="p1", title="T恤", quantity=1, unit_price=100)
PAYMENT = Payment(
    method="WECHAT_PAY",
    paid=True,
    paid_at=50,
    reference="T1",
    merchant_id="m",
    merchant_trade_number="1",
)
PAID = OrderDocument(
    platform_id="T1",
    status="COMPLETED",
    platform_status="6",
    created_at=40,
    items=(replace(LINE, title="T恤 等"),),
    total=100,
    payment=PAYMENT,
)
ORDER = OrderDocument(
    platform_id="M1",
    status="SHIPPED",
    platform_status="4",
    created_at=40,
    items=(LINE,),
    total=100,
    payment=Payment(method="WECHAT_PAY", paid=True, paid_at=45, reference="T1"),
)


@pytest.mark.parametrize(
    ("known", "told", "status"),
    [
        ("AWAITING_SHIPMENT", "SHIPPED", "SHIPPED"),
        ("SHIPPED", "AWAITING_SHIPMENT", "SHIPPED"),
        ("SHIPPED", "COMPLETED", "COMPLETED"),
        ("COMPLETED", "REFUNDED", "REFUNDED"),
        ("AWAITING_PAYMENT", "AWAITING_SHIPMENT", "AWAITING_SHIPMENT"),
        ("SHIPPED", "UNKNOWN", "SHIPPED"),
        ("SHIPPED", "IN_DISPUTE", "IN_DISPUTE"),
        ("IN_DISPUTE", "SHIPPED", "SHIPPED"),
        ("CLOSED", "COMPLETED", "CLOSED"),
        ("REFUNDED", "IN_DISPUTE", "REFUNDED"),
        ("HIDDEN", "COMPLETED", "HIDDEN"),
    ],
)
def test_the_status_that_is_further_counts(known: str, told: str, status: str) -> None:
    order = with_payment(replace(ORDER, status=known), replace(PAID, status=told), 99)

    assert order.status == status


def test_a_payment_adds_no_lines_and_keeps_what_is_known() -> None:
    order = with_payment(ORDER, PAID, 99)

    assert order == replace(ORDER, status="COMPLETED", platform_status="6", updated_at=99)


def test_an_unpaid_order_is_paid_by_its_payment() -> None:
    order = with_payment(replace(ORDER, payment=None), PAID, 99)

    assert order.payment == PAYMENT


def test_what_is_known_already_is_the_same_object() -> None:
    order = with_payment(ORDER, PAID, 99)

    assert with_payment(order, PAID, 100) is order
    assert with_payment(PAID, PAID, 100) is PAID
    assert with_payment(ORDER, replace(PAID, payment=None), 100) is ORDER


def test_orders_are_found_by_both_keys() -> None:
    other = replace(ORDER, platform_id="M2", payment=replace(PAYMENT, reference=None))

    assert by_payment([ORDER, other, PAID, replace(ORDER, payment=None)]) == {
        "T1": ORDER,
        ("m", "1"): other,
    }
    assert PaymentKeys.of(replace(PAYMENT, merchant_id=None)) == ("T1", None)


def test_a_payment_alone_names_no_product() -> None:
    assert (is_of_payment(PAID), is_of_payment(ORDER)) == (True, False)
    assert [one.document.platform_product_id for one in products_seen([PAID, ORDER])] == ["p1"]
