from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.errors import StoreUnavailable
from gateway.platforms.baidu.mapping.carriers import CARRIERS
from gateway.ports import (
    Adapter,
    AfterSaleQuery,
    OrderQuery,
    Position,
    ProductQuery,
    ReadOptions,
    after_sale_place,
)
from gateway.store.documents import (
    AfterSaleDocument,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
    ProductDocument,
)
from gateway.store.products import ProductEntry
from gateway.store.store import Store
from schema import order_details, page_link
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from schema.connection import SourceState
from schema.money import Money
from schema.order_details import BaiduOrderDetails, BaiduOrderKind, BaiduPayment
from schema.order_status import OrderStatus, PaymentMethod
from schema.platform import Capability
from schema.product_details import BaiduProductDetails
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox

READING = ReadOptions()
ANY_AFTER_SALE = AfterSaleQuery()
ITEM = OrderItem(platform_product_id="1014093064", title="丑苹果", quantity=1, unit_price=2390)
ORDER = OrderDocument(
    platform_id="o1",
    status="COMPLETED",
    platform_status="200",
    title="test",
    kind="VIRTUAL",
    created_at=100,
    items=(ITEM,),
    total=2390,
    shipping_fee=100,
    discounts=(PaymentLine(name="优惠券使用", amount=100),),
    charges=(PaymentLine(name="包装", amount=50, quantity=2),),
    payment=Payment(method="ONLINE", paid=True, paid_at=150),
    page=PageLink(state="SHOWN_AND_OPENS", swan="baiduboxapp://swan/order"),
    review_page=PageLink(state="HIDDEN"),
)
AFTER_SALE = AfterSaleDocument(
    platform_id="s1",
    order_platform_id="o1",
    status="APPLYING",
    platform_status="400",
    kind="REFUND_ONLY",
    created_at=200,
)


async def keep(ledger: Store, *changes: dict[str, Any]) -> None:
    orders = [msgspec.structs.replace(ORDER, **change) for change in changes]
    async with ledger.transaction() as transaction:
        await ledger.orders.put_many(
            transaction, "swan", [(order, OrderPersonal(open_id="buyer")) for order in orders]
        )


async def keep_after_sales(ledger: Store, *changes: dict[str, Any]) -> None:
    documents = [msgspec.structs.replace(AFTER_SALE, **change) for change in changes]
    async with ledger.transaction() as transaction:
        await ledger.after_sales.put_many(transaction, "swan", documents)


async def after_sales(
    adapter: Adapter,
    query: AfterSaleQuery = ANY_AFTER_SALE,
    after: Position | None = None,
    first: int = 20,
) -> Sequence[AfterSale]:
    assert adapter.after_sales is not None
    return (await adapter.after_sales.page(query, after, first, READING)).items


def test_what_a_smart_program_can_do(adapter: Adapter) -> None:
    assert adapter.shop.capabilities == [
        Capability.READ_PRODUCTS,
        Capability.READ_ORDERS,
        Capability.READ_AFTER_SALES,
        Capability.SHIP_ORDERS,
        Capability.CLOSE_ORDERS,
        Capability.IMPORT_ORDERS,
        Capability.IMPORT_AFTER_SALES,
    ]
    assert adapter.after_sales is not None
    assert (adapter.partner_orders, adapter.wanted_items) == (None, None)
    assert adapter.traits.carriers is CARRIERS


async def test_an_order_with_what_only_baidu_tells(
    adapter: Adapter, ledger: Store, sandbox: Sandbox
) -> None:
    await keep(ledger, {})
    assert adapter.orders is not None

    page = await adapter.orders.page(OrderQuery(), None, 20, READING)

    (order,) = page.items
    assert order.details == BaiduOrderDetails(
        title="test",
        kind=BaiduOrderKind.VIRTUAL,
        payment=BaiduPayment(
            method=PaymentMethod.ONLINE,
            amount=Money(fen=2390),
            paid=True,
            paid_at=datetime.fromtimestamp(150, UTC),
            discounts=[
                order_details.PaymentLine(name="优惠券使用", amount=Money(fen=100), quantity=1)
            ],
            charges=[order_details.PaymentLine(name="包装", amount=Money(fen=50), quantity=2)],
        ),
        page=page_link.PageLink(
            state=page_link.PageLinkState.SHOWN_AND_OPENS, swan="baiduboxapp://swan/order"
        ),
        review_page=page_link.PageLink(state=page_link.PageLinkState.HIDDEN),
    )
    assert page.provenance.state is SourceState.LIVE
    assert page.provenance.fetched_at == datetime.fromtimestamp(NOW, UTC)
    assert sandbox.counts() == {}


async def test_an_order_that_tells_nothing_of_its_payment(adapter: Adapter, ledger: Store) -> None:
    await keep(ledger, {"payment": None, "title": None, "kind": None})
    assert adapter.orders is not None

    details = (await adapter.orders.get_many(["o1"], READING))["o1"].details

    assert isinstance(details, BaiduOrderDetails)
    assert (details.title, details.kind) == ("", BaiduOrderKind.PHYSICAL)
    assert details.payment.method is PaymentMethod.UNKNOWN
    assert (details.payment.paid, details.payment.paid_at) == (False, None)


@pytest.mark.parametrize("first", [1, 2, 3])
async def test_orders_page_by_page(adapter: Adapter, ledger: Store, first: int) -> None:
    await keep(
        ledger,
        *({"platform_id": name, "created_at": at} for name, at in [("a", 1), ("b", 2), ("c", 2)]),
    )
    assert adapter.orders is not None

    shown: list[str] = []
    after = None
    more = True
    while more:
        page = await adapter.orders.page(OrderQuery(), after, first, READING)
        shown += [order.platform_id for order in page.items]
        last = page.items[-1]
        assert last.created_at is not None
        after, more = Position(int(last.created_at.timestamp()), last.platform_id), page.more

    assert shown == ["c", "b", "a"]


async def test_orders_of_a_status_and_a_buyer(adapter: Adapter, ledger: Store) -> None:
    await keep(ledger, {}, {"platform_id": "o2", "status": "HIDDEN"})
    assert adapter.orders is not None

    hidden = OrderQuery(statuses=frozenset({OrderStatus.HIDDEN}))
    theirs = OrderQuery(buyer_open_id="buyer")
    nobodys = OrderQuery(buyer_open_id="nobody")

    assert [
        [order.platform_id for order in (await adapter.orders.page(query, None, 9, READING)).items]
        for query in (hidden, theirs, nobodys)
    ] == [["o2"], ["o2", "o1"], []]


async def test_after_sales_from_the_newest_backwards(adapter: Adapter, ledger: Store) -> None:
    await keep(ledger, {}, {"platform_id": "o2"})
    await keep_after_sales(
        ledger,
        {},
        {"platform_id": "s2", "created_at": 300},
        # Its own id is unique within its order only.
        {"order_platform_id": "o2"},
    )

    found = await after_sales(adapter)

    assert [(one.order_key.platform_id, one.platform_id) for one in found] == [
        ("o1", "s2"),
        ("o2", "s1"),
        ("o1", "s1"),
    ]
    behind = Position(200, after_sale_place("o2", "s1"))
    assert await after_sales(adapter, after=behind) == [found[2]]
    assert await after_sales(adapter, first=1) == [found[0]]


async def test_after_sales_that_were_asked_for(adapter: Adapter, ledger: Store) -> None:
    await keep(ledger, {})
    await keep_after_sales(
        ledger, {}, {"platform_id": "s2", "status": "REJECTED", "kind": "EXCHANGE"}
    )

    rejected = AfterSaleQuery(statuses=frozenset({AfterSaleStatus.REJECTED}))
    refunds = AfterSaleQuery(kinds=frozenset({AfterSaleKind.REFUND_ONLY}))
    early = AfterSaleQuery(created_to=datetime.fromtimestamp(200, UTC))

    assert [one.platform_id for one in await after_sales(adapter, rejected)] == ["s2"]
    assert [one.platform_id for one in await after_sales(adapter, refunds)] == ["s1"]
    assert await after_sales(adapter, early) == []


async def test_the_after_sales_of_orders(adapter: Adapter, ledger: Store) -> None:
    await keep(ledger, {}, {"platform_id": "o2"})
    await keep_after_sales(ledger, {}, {"platform_id": "s2", "created_at": 300})
    port = adapter.after_sales
    assert port is not None

    found = await port.of_orders(["o1", "o2"], READING)

    assert [(name, [one.platform_id for one in ones]) for name, ones in found.items()] == [
        ("o1", ["s2", "s1"])
    ]
    assert await port.get("o1", "s2", READING) == found["o1"][0]
    assert await port.get("o2", "s1", READING) is None


async def test_products_are_those_seen_in_orders(adapter: Adapter, ledger: Store) -> None:
    document = ProductDocument(
        platform_product_id="1014093064",
        title="丑苹果",
        page=PageLink(swan="baiduboxapp://swan/product"),
    )
    async with ledger.transaction() as transaction:
        entry = ProductEntry(document, "UNKNOWN", 100)
        await ledger.products.put_many(transaction, "swan", [entry])
    assert adapter.products is not None

    (product,) = (await adapter.products.page(ProductQuery(), None, 20, READING)).items

    assert product.details == BaiduProductDetails(
        page=page_link.PageLink(swan="baiduboxapp://swan/product")
    )


async def test_a_ledger_that_is_away_is_told_as_such(adapter: Adapter, ledger: Store) -> None:
    async with ledger.transaction() as transaction:
        await transaction.connection.exec_driver_sql("DROP TABLE after_sales")

    with pytest.raises(StoreUnavailable):
        await after_sales(adapter)
