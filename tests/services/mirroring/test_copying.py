"""From an order of the WeChat Store to its copy, without any platform."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.outbox.command import CurrentState
from gateway.platforms.baidu import PLATFORM as BAIDU
from gateway.platforms.mini_program import PLATFORM as MINI_PROGRAM
from gateway.services.mirroring.copy import CopiedGoods, Copy, Target, copy_of
from gateway.services.mirroring.templates import Templates, templates_of
from gateway.settings.shops import MirrorSettings
from gateway.store.documents import MirrorDocument, PageLink, PaymentLine, ShipmentItem
from gateway.store.indexed_products import IndexedSku
from gateway.store.orders import StoredOrder
from schema.buyer import ShippingAddress
from schema.key import Key
from schema.money import Money
from schema.order import Order
from schema.order_item import OrderItem
from schema.order_status import OrderStatus, PaymentMethod
from schema.platform import Platform
from schema.shipment import Carrier, Shipment
from schema.shipment import ShipmentItem as ParcelItem
from schema.shop import Shop
from schema.sku import SkuAttribute

NOW = 1_700_000_000
CREATED = datetime(2024, 5, 1, tzinfo=UTC)
SHOP = Shop(
    key=Key("Shop", "flagship"),
    key_name="flagship",
    platform=Platform.WECHAT_STORE,
    name="旗舰店",
    capabilities=[],
)
NOTHING = CurrentState(order=None)
PAGES = MirrorSettings.model_validate(
    {
        "from": "flagship",
        "to": "mini",
        "order_page": "/order?id={platform_id}",
        "product_page": "/product?id={platform_id}",
        "parcel_page": "/parcel?order={platform_id}",
        "category": ("购物",),
    }
)
MINI = Target(
    templates=templates_of(MINI_PROGRAM.page_link, PAGES),
    carriers=[Carrier(code="2011", name="顺丰速运"), Carrier(code="2001", name="圆通")],
)
SWAN = Target(templates=templates_of(BAIDU.page_link, PAGES), takes_after_sales=True)


KEY = Key("Order", "flagship", "42")


def order(**changes: Any) -> Order:
    facts: dict[str, Any] = {
        "key": KEY,
        "shop": SHOP,
        "platform": Platform.WECHAT_STORE,
        "platform_id": "42",
        "status": OrderStatus.AWAITING_SHIPMENT,
        "created_at": CREATED,
        "payment_method": PaymentMethod.WECHAT_PAY,
        "payment_reference": "4200",
        "items": [
            OrderItem(
                order_key=KEY,
                platform_product_id="p1",
                platform_sku_id="s1",
                title="T恤",
                images=[f"https://img.example/{number}.jpg" for number in range(7)],
                quantity=2,
                unit_price=Money(fen=1000),
                attributes=[
                    SkuAttribute(known_name="颜色", known_value="红色", custom=False),
                    SkuAttribute(known_name="尺码", custom=False),
                ],
            )
        ],
        "total": Money(fen=2500),
        "shipping_fee": Money(fen=500),
        "shipments": [],
        "shipping_address_data": ShippingAddress(name="收件人", city="广州市"),
    }
    return Order(**facts | changes)


def known(copy: Copy) -> CurrentState:
    stored = StoredOrder("mini", copy.document, None, 1, 0.0, deleted=False)
    return CurrentState(order=stored, after_sales=copy.after_sales, version=1)


def copied(
    given: Order,
    target: Target = MINI,
    before: CurrentState = NOTHING,
    now: int = NOW,
    **settings: Any,
) -> Copy:
    return copy_of(given, MirrorDocument(**settings), target, before, now)


def test_what_the_source_tells_is_copied() -> None:
    copy = copied(order())

    document, (item,) = copy.document, copy.document.items
    assert (document.platform_id, document.status) == ("42", "AWAITING_SHIPMENT")
    assert (document.title, document.kind) == ("T恤", "PHYSICAL")
    assert (document.total, document.shipping_fee) == (2500, 500)
    assert (document.discounts, document.charges) == ((), ())
    assert document.created_at == int(CREATED.timestamp())
    assert (document.page, item.page) == (
        PageLink(mini_program_path="/order?id=42"),
        PageLink(mini_program_path="/product?id=p1"),
    )
    assert (item.category_path, len(item.images)) == (("购物",), 5)
    assert [(pair.name, pair.value) for pair in item.attributes] == [("颜色", "红色")]
    assert document.payment is not None
    assert (document.payment.method, document.payment.paid) == ("WECHAT_PAY", True)
    assert document.payment.paid_at is None
    assert copy.address is not None
    assert copy.address.city == "广州市"


def test_the_time_of_payment_is_the_one_that_the_source_tells() -> None:
    paid_at = datetime(2024, 5, 1, tzinfo=UTC)

    told, unpaid = (
        copied(order(paid_at=paid_at, status=status)).document.payment
        for status in (OrderStatus.SHIPPED, OrderStatus.AWAITING_PAYMENT)
    )

    assert told is not None
    assert unpaid is not None
    assert (told.paid, told.paid_at) == (True, int(paid_at.timestamp()))
    assert (unpaid.paid, unpaid.paid_at) == (False, None)


def test_what_is_given_stands_above_it() -> None:
    document = copied(order(), title="一份", kind="VIRTUAL", paid_at=7).document

    assert (document.title, document.kind) == ("一份", "VIRTUAL")
    assert document.payment is not None
    assert document.payment.paid_at == 7


@pytest.mark.parametrize(
    ("total", "discounts", "charges"),
    [
        (2400, (PaymentLine(name="优惠", amount=100),), ()),
        (2600, (), (PaymentLine(name="其他", amount=100),)),
    ],
)
def test_the_amount_adds_up(
    total: int, discounts: tuple[PaymentLine, ...], charges: tuple[PaymentLine, ...]
) -> None:
    document = copied(order(total=Money(fen=total))).document

    assert (document.discounts, document.charges) == (discounts, charges)


def test_a_parcel_keeps_the_time_at_which_it_was_first_seen() -> None:
    parcel = Shipment(order_key=KEY, carrier=Carrier(name="顺丰"), tracking_number="SF1")
    given = order(status=OrderStatus.SHIPPED, shipments=[parcel])

    first = copied(given)
    later = copied(given, before=known(first), now=NOW + 100)

    (sent,) = first.document.shipments
    assert (sent.carrier_code, sent.carrier_name) == ("2011", "顺丰")
    assert (sent.tracking_number, sent.shipped_at) == ("SF1", NOW)
    assert sent.page == PageLink(mini_program_path="/parcel?order=42")
    assert [(item.platform_sku_id, item.quantity) for item in sent.items] == [("s1", 2)]
    assert later.document.shipments == first.document.shipments


def test_a_carrier_that_the_target_does_not_know_has_its_name() -> None:
    parcel = Shipment(order_key=KEY, carrier=Carrier(code="Fsearch_code"), tracking_number="1")

    (sent,) = copied(order(shipments=[parcel])).document.shipments

    assert (sent.carrier_code, sent.carrier_name) == (None, "Fsearch_code")


def test_baidus_pages_are_its_own() -> None:
    assert copied(order(), SWAN).document.page == PageLink(
        state="SHOWN_AND_OPENS", swan="/order?id=42"
    )
    assert Templates(page_link=BAIDU.page_link).page(None, "42") is None
    assert templates_of(BAIDU.page_link, None) == Templates(page_link=BAIDU.page_link)


def test_a_platform_without_page_links_has_none_in_its_copies() -> None:
    assert templates_of(None, PAGES).page(PAGES.order_page, "42") is None


def test_a_dispute_is_an_after_sale_until_it_is_over() -> None:
    disputed = order(status=OrderStatus.IN_DISPUTE)

    opened = copied(disputed, SWAN)
    (dispute,) = opened.after_sales
    assert (dispute.platform_id, dispute.status, dispute.kind) == ("42", "APPLYING", "REFUND_ONLY")
    assert (dispute.refund, [item.refund for item in dispute.items]) == (2500, [2000])
    assert opened.document.after_sale_status == "APPLYING"
    assert copied(disputed, SWAN, known(opened), NOW + 9).after_sales == opened.after_sales

    over = copied(order(status=OrderStatus.COMPLETED), SWAN, known(opened), NOW + 10)
    assert [(one.status, one.updated_at) for one in over.after_sales] == [("CLOSED", NOW + 10)]
    again = copied(disputed, SWAN, known(over), NOW + 20)
    assert [one.status for one in again.after_sales] == ["APPLYING"]


def test_the_shopping_list_has_no_after_sales() -> None:
    assert copied(order(status=OrderStatus.IN_DISPUTE)).after_sales == ()


def test_a_copy_is_the_same_as_long_as_nothing_changes() -> None:
    first = copied(order())
    later = copied(order(), before=known(first), now=NOW + 50)

    assert msgspec.structs.replace(later.document, updated_at=NOW) == first.document


def goods(*there: tuple[str, str]) -> Target:
    """Answer a target in which these products and SKUs have the code of the order's line."""
    skus = [IndexedSku("mini", product, sku, "TEE-RED") for product, sku in there]
    known_codes = {("p1", "s1"): "TEE-RED"}
    return replace(MINI, goods=CopiedGoods(codes=known_codes, there={"TEE-RED": skus}))


def ids(copy: Copy) -> list[tuple[str, str | None]]:
    return [(item.platform_product_id, item.platform_sku_id) for item in copy.document.items]


def test_goods_that_the_target_has_are_named_by_its_own_ids() -> None:
    shipped = order(shipments=[Shipment(order_key=KEY, items=None)])

    copy = copied(shipped, goods(("m7", "")))

    (item,) = copy.document.items
    assert (item.platform_product_id, item.platform_sku_id, item.code) == ("m7", None, "TEE-RED")
    assert item.page == PageLink(mini_program_path="/product?id=m7")
    assert copy.document.shipments[0].items == (ShipmentItem(platform_product_id="m7", quantity=2),)


def test_the_parcel_s_own_lines_are_named_likewise() -> None:
    parcel = Shipment(
        order_key=KEY,
        items=[
            ParcelItem(platform_product_id="p1", platform_sku_id="s1", quantity=1),
            ParcelItem(platform_product_id="p9", quantity=1),
        ],
    )

    copy = copied(order(shipments=[parcel]), goods(("m7", "s7")))

    assert copy.document.shipments[0].items == (
        ShipmentItem(platform_product_id="m7", platform_sku_id="s7", quantity=1),
        ShipmentItem(platform_product_id="p9", quantity=1),
    )


def test_goods_that_the_target_does_not_have_keep_the_source_s_ids() -> None:
    assert ids(copied(order(), goods())) == [("p1", "s1")]
    # What a copy brought into the target is no goods of its own.
    assert ids(copied(order(), goods(("p1", "s1")))) == [("p1", "s1")]
    assert ids(copied(order(), goods(("p1", "s1"), ("x", "")))) == [("x", None)]


def test_a_copy_keeps_the_ids_that_it_was_made_with() -> None:
    before = copied(order())
    assert ids(copied(order(), goods(("m7", "s7")), known(before))) == [("p1", "s1")]
    first = copied(order(), goods(("m7", "s7")))

    again = copied(order(), goods(("a", "a1"), ("m7", "s7")), known(first))

    assert ids(again) == [("m7", "s7")]
    assert ids(copied(order(), goods(("a", "a1"), ("m7", "s7")))) == [("a", "a1")]


def test_a_line_s_own_code_stands_above_its_sku_s() -> None:
    given = order()
    given.items[0].known_code = "TEE-BLUE"

    copy = copied(given, goods(("m7", "")))

    assert ids(copy) == [("p1", "s1")]
    assert copy.document.items[0].code == "TEE-BLUE"
