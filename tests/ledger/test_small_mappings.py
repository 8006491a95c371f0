from datetime import UTC, datetime, timedelta

import pytest

from gateway.ledger.mapping.after_sale import after_sale
from gateway.ledger.mapping.buyer import invoice_of
from gateway.ledger.mapping.parts import page_link, payment_lines
from gateway.ledger.mapping.product import ProductMapping
from gateway.ledger.mapping.wanted_item import wanted_item
from gateway.ledger.paging import first_second, last_second
from gateway.store.documents import (
    AfterSaleDocument,
    AfterSaleItem,
    Attribute,
    Invoice,
    PageLink,
    PaymentLine,
    ProductDocument,
    ProductSku,
    WantedItemDocument,
)
from schema import buyer, order_details
from schema import page_link as public
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from schema.after_sale import AfterSaleItem as PublicAfterSaleItem
from schema.key import Key
from schema.money import Money
from schema.platform import Platform
from schema.product import Product
from schema.product_details import BaiduProductDetails
from schema.product_status import ProductStatus
from schema.sku import Sku, SkuAttribute
from schema.wanted_item import WantedItem
from tests.ledger.test_order_mapping import SHOP

DETAILS = BaiduProductDetails()


def test_a_page() -> None:
    link = PageLink(
        state="SHOWN_AND_OPENS",
        name="详情",
        h5="https://h5",
        swan="baiduboxapp://swan",
        ios="ios://",
        android="android://",
        mini_program_path="/detail",
    )

    assert page_link(link) == public.PageLink(
        state=public.PageLinkState.SHOWN_AND_OPENS,
        name="详情",
        h5="https://h5",
        swan="baiduboxapp://swan",
        ios="ios://",
        android="android://",
        mini_program_path="/detail",
    )


@pytest.mark.parametrize("state", list(public.PageLinkState))
def test_every_state_of_a_page(state: public.PageLinkState) -> None:
    assert page_link(PageLink(state=state.name)) == public.PageLink(state=state)


def test_payment_lines() -> None:
    lines = (PaymentLine(name="券", amount=100, quantity=3), PaymentLine(name="满减", amount=5))

    assert payment_lines(lines) == [
        order_details.PaymentLine(name="券", amount=Money(fen=100), quantity=3),
        order_details.PaymentLine(name="满减", amount=Money(fen=5), quantity=1),
    ]


def test_an_invoice() -> None:
    invoice = Invoice(
        type="COMPANY",
        title="测试公司",
        tax_number="1",
        company_address="2",
        telephone="3",
        bank_name="4",
        bank_account="5",
        page=PageLink(mini_program_path="/invoice"),
    )

    assert invoice_of(invoice) == buyer.Invoice(
        type=buyer.InvoiceType.COMPANY,
        title="测试公司",
        tax_number="1",
        company_address="2",
        telephone="3",
        bank_name="4",
        bank_account="5",
        page=public.PageLink(mini_program_path="/invoice"),
    )


def test_an_after_sale() -> None:
    document = AfterSaleDocument(
        platform_id="s1",
        order_platform_id="o1",
        status="PROCESSING",
        platform_status="401",
        kind="RETURN_AND_REFUND",
        refund=990,
        items=(AfterSaleItem(platform_product_id="p1", quantity=1, refund=990),),
        created_at=100,
        updated_at=200,
        page=PageLink(swan="baiduboxapp://swan"),
    )

    assert after_sale(document, SHOP) == AfterSale(
        key=Key("AfterSale", "swan", "o1", "s1"),
        order_key=Key("Order", "swan", "o1"),
        shop=SHOP,
        platform=Platform.BAIDU,
        platform_id="s1",
        status=AfterSaleStatus.PROCESSING,
        platform_status="401",
        kind=AfterSaleKind.RETURN_AND_REFUND,
        refund=Money(fen=990),
        items=[
            PublicAfterSaleItem(
                after_sale_key=Key("AfterSale", "swan", "o1", "s1"),
                product_key=Key("Product", "swan", "p1"),
                platform_product_id="p1",
                quantity=1,
                refund=Money(fen=990),
            )
        ],
        created_at=datetime.fromtimestamp(100, UTC),
        updated_at=datetime.fromtimestamp(200, UTC),
        page=public.PageLink(swan="baiduboxapp://swan"),
    )


def test_an_exchange_has_no_refund() -> None:
    document = AfterSaleDocument(
        platform_id="s1",
        order_platform_id="o1",
        status="EXCHANGED",
        platform_status="403",
        kind="EXCHANGE",
        created_at=100,
    )

    found = after_sale(document, SHOP)

    assert (found.refund, found.items, found.updated_at) == (None, [], None)


def test_a_product() -> None:
    document = ProductDocument(
        platform_product_id="p1",
        title="潮流T恤",
        description="纯棉短袖",
        images=("https://img/1", "https://img/2"),
        skus=(
            ProductSku(
                platform_id="p1-L",
                code="TEE-L",
                price=9900,
                list_price=12900,
                status="SOLD_OUT",
                attributes=(Attribute(name="尺码", value="L"),),
                image="https://img/L",
            ),
        ),
    )

    product = ProductMapping(shop=SHOP, details=lambda _: DETAILS).product(document, "OFF_SHELF")

    assert product == Product(
        key=Key("Product", "swan", "p1"),
        known_status=ProductStatus.OFF_SHELF,
        shop=SHOP,
        platform=Platform.BAIDU,
        platform_id="p1",
        title="潮流T恤",
        known_description="纯棉短袖",
        main_image="https://img/1",
        images=["https://img/1", "https://img/2"],
        skus=[
            Sku(
                key=Key("Sku", "swan", "p1", "p1-L"),
                product_key=Key("Product", "swan", "p1"),
                platform_id="p1-L",
                code="TEE-L",
                attributes=[SkuAttribute(known_name="尺码", known_value="L", custom=True)],
                price=Money(fen=9900),
                list_price=Money(fen=12900),
                known_status=ProductStatus.SOLD_OUT,
                image="https://img/L",
            )
        ],
        details=DETAILS,
    )


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("ON_SALE", ProductStatus.ON_SHELF),
        ("OFF_SALE", ProductStatus.OFF_SHELF),
        ("SOLD_OUT", ProductStatus.SOLD_OUT),
        (None, None),
    ],
)
def test_every_status_of_a_sku(written: str | None, status: ProductStatus | None) -> None:
    document = ProductDocument(
        platform_product_id="p1", title="T", skus=(ProductSku(platform_id="", status=written),)
    )

    product = ProductMapping(shop=SHOP, details=lambda _: DETAILS).product(document, "UNKNOWN")

    assert product.skus[0].known_status is status


def test_a_wanted_line() -> None:
    document = WantedItemDocument(
        platform_product_id="p1",
        platform_sku_id="p1-L",
        title="潮流T恤",
        images=("https://img/1",),
        price=9900,
        list_price=12900,
        status="ON_SALE",
        attributes=(Attribute(name="尺码", value="L"),),
        category_path=("衣服", "T恤"),
        quantity=2,
        page_path="/detail",
        added_at=50,
    )

    line = wanted_item(document, SHOP, item_id="1f", found="buyer", added_at=100)

    assert line == WantedItem(
        key=Key("WantedItem", "swan", "1f"),
        product_key=Key("Product", "swan", "p1"),
        sku_key=Key("Sku", "swan", "p1", "p1-L"),
        open_id_data="buyer",
        shop=SHOP,
        platform_product_id="p1",
        platform_sku_id="p1-L",
        title="潮流T恤",
        image="https://img/1",
        price=Money(fen=9900),
        list_price=Money(fen=12900),
        status=ProductStatus.ON_SHELF,
        page_path="/detail",
        attributes=[SkuAttribute(known_name="尺码", known_value="L", custom=True)],
        category_path=["衣服", "T恤"],
        quantity=2,
        added_at=datetime.fromtimestamp(100, UTC),
    )


@pytest.mark.parametrize(
    ("fraction", "first", "last"), [(0, 100, 99), (1, 101, 100), (999_999, 101, 100)]
)
def test_a_range_of_time_in_whole_seconds(fraction: int, first: int, last: int) -> None:
    moment = datetime.fromtimestamp(100, UTC) + timedelta(microseconds=fraction)

    assert (first_second(moment), last_second(moment)) == (first, last)


def test_an_open_end_stays_open() -> None:
    assert (first_second(None), last_second(None)) == (None, None)
