"""Disputes over orders are the store's after-sales."""

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.ports import (
    Adapter,
    AfterSaleQuery,
    OrderQuery,
    Page,
    Position,
    ReadOptions,
    ReadsAfterSales,
    after_sale_place,
)
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from tests.fixtures_sandbox import Sandbox

LIST = "/merchant/order/getbyfilter"


def _port(shop: Adapter) -> ReadsAfterSales:
    assert shop.after_sales is not None
    return shop.after_sales


def _disputed(store: Sandbox) -> list[str]:
    orders = store.shops("wechat_store")[FLAGSHIP.app_id]["orders"].values()
    newest_first = sorted(orders, key=lambda raw: raw["order_create_time"], reverse=True)
    return [raw["order_id"] for raw in newest_first if raw["order_status"] == 8]


async def _page(
    shop: Adapter, query: AfterSaleQuery, after: Position | None = None, first: int = 100
) -> Page[AfterSale]:
    return await _port(shop).page(query, after, first, ReadOptions())


async def test_disputes_newest_first(shop: Adapter, store: Sandbox) -> None:
    page = await _page(shop, AfterSaleQuery())

    assert [dispute.platform_id for dispute in page.items] == _disputed(store)
    assert page.total == len(_disputed(store))
    assert {request["body"]["status"] for request in store.requests(LIST)} == {8}


async def test_pages_of_disputes(shop: Adapter, store: Sandbox) -> None:
    first = await _page(shop, AfterSaleQuery(), first=2)
    last = first.items[-1]
    assert last.created_at is not None
    place = after_sale_place(last.key.platform_id, last.key.part)
    after = Position(int(last.created_at.timestamp()), place)
    second = await _page(shop, AfterSaleQuery(), after, first=2)

    shown = [dispute.platform_id for dispute in (*first.items, *second.items)]
    assert shown == _disputed(store)[:4]


async def test_what_a_dispute_cannot_be_costs_no_call(shop: Adapter, store: Sandbox) -> None:
    refunds = AfterSaleQuery(kinds=frozenset({AfterSaleKind.REFUND_ONLY}))
    refunded = AfterSaleQuery(statuses=frozenset({AfterSaleStatus.REFUNDED}))

    assert await _page(shop, refunds) == Page(items=(), more=False, total=0)
    assert await _page(shop, refunded) == Page(items=(), more=False, total=0)
    assert store.requests() == []


async def test_what_a_dispute_is_finds_it(shop: Adapter, store: Sandbox) -> None:
    query = AfterSaleQuery(
        statuses=frozenset({AfterSaleStatus.IN_DISPUTE, AfterSaleStatus.REFUNDED}),
        kinds=frozenset({AfterSaleKind.UNKNOWN}),
    )

    assert len((await _page(shop, query)).items) == len(_disputed(store))


async def test_the_disputes_of_a_page_of_orders_cost_no_further_call(
    shop: Adapter, store: Sandbox
) -> None:
    assert shop.orders is not None
    orders = await shop.orders.page(OrderQuery(), None, 100, ReadOptions())
    store.clear_log()
    ids = [order.platform_id for order in orders.items]
    found = await _port(shop).of_orders(ids, ReadOptions())

    disputed = set(_disputed(store)) & set(ids)
    assert disputed
    assert set(found) == disputed
    for order, disputes in found.items():
        assert [dispute.platform_id for dispute in disputes] == [order]
    assert store.requests() == []


async def test_one_dispute(shop: Adapter, store: Sandbox) -> None:
    order, *_ = _disputed(store)
    dispute = await _port(shop).get(order, order, ReadOptions())

    assert dispute is not None
    assert dispute.platform_id == order
    assert dispute.status is AfterSaleStatus.IN_DISPUTE


async def test_an_order_without_dispute_has_none(shop: Adapter, store: Sandbox) -> None:
    order = store.order()["order_id"]

    assert await _port(shop).get(order, order, ReadOptions()) is None
    assert await _port(shop).get("7", "7", ReadOptions()) is None


async def test_a_dispute_has_its_order_s_id(shop: Adapter, store: Sandbox) -> None:
    order, other, *_ = _disputed(store)
    store.clear_log()

    assert await _port(shop).get(order, other, ReadOptions()) is None
    assert store.requests() == []
