"""A question about orders is narrowed by the platform where it can, and here where it cannot."""

from datetime import date

import pytest

from gateway.china_days import midnight
from gateway.concurrency.clock import DAY
from gateway.ports import Adapter, OrderQuery, Page
from schema.order_status import OrderStatus
from tests.fixtures_platform_clients import NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.adapter.order_questions import (
    asked_of,
    china_day,
    ids_of,
    moment_of,
    raw_ids,
    raw_orders,
    read_page,
)
from tests.platforms.wechat_store.conftest import OpenShop


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(OrderStatus.AWAITING_SHIPMENT, 2, id="to-be-shipped"),
        pytest.param(OrderStatus.SHIPPED, 3, id="shipped"),
        pytest.param(OrderStatus.COMPLETED, 5, id="completed"),
        pytest.param(OrderStatus.IN_DISPUTE, 8, id="in-dispute"),
    ],
)
async def test_one_status_is_left_to_the_platform(
    shop: Adapter, store: Sandbox, status: OrderStatus, code: int
) -> None:
    page = await read_page(shop, OrderQuery(statuses=frozenset({status})), first=100)

    expected = [raw for raw in raw_orders(store) if raw["order_status"] == code]
    assert ids_of(page) == raw_ids(expected)
    assert page.total == len(expected)
    assert {asked["status"] for asked in asked_of(store)} == {code}


async def test_several_statuses_are_picked_here(shop: Adapter, store: Sandbox) -> None:
    wanted = frozenset({OrderStatus.SHIPPED, OrderStatus.IN_DISPUTE, OrderStatus.CLOSED})
    page = await read_page(shop, OrderQuery(statuses=wanted), first=100)

    expected = [raw for raw in raw_orders(store) if raw["order_status"] in {3, 8}]
    assert ids_of(page) == raw_ids(expected)
    assert all("status" not in asked for asked in asked_of(store))


async def test_a_status_that_the_platform_lacks_is_asked_for_beside_one_that_it_has(
    shop: Adapter, store: Sandbox
) -> None:
    await read_page(shop, OrderQuery(statuses=frozenset({OrderStatus.SHIPPED, OrderStatus.CLOSED})))

    assert asked_of(store)[0]["status"] == 3


async def test_orders_of_a_status_that_no_list_knows(shop: Adapter, store: Sandbox) -> None:
    order = store.order(paid=False)
    page = await read_page(shop, OrderQuery(statuses=frozenset({OrderStatus.UNKNOWN})))

    # The other one is the manual's own.
    assert ids_of(page) == [order["order_id"], "7197417460812533543"]
    assert [order.platform_status for order in page.items] == [str(order["order_status"]), "6"]


async def test_a_status_that_cannot_be_costs_no_call(shop: Adapter, store: Sandbox) -> None:
    page = await read_page(shop, OrderQuery(statuses=frozenset({OrderStatus.REFUNDED})))

    assert page == Page(items=(), more=False, total=0)
    assert store.requests() == []


async def test_times_of_creation_narrow_the_windows(shop: Adapter, store: Sandbox) -> None:
    orders = raw_orders(store)
    oldest, newest = orders[30]["order_create_time"], orders[10]["order_create_time"]
    query = OrderQuery(created_from=moment_of(oldest), created_to=moment_of(newest))
    page = await read_page(shop, query, first=100)

    assert ids_of(page) == raw_ids(orders)[11:31]
    assert (page.more, page.total) == (False, 20)
    (asked,) = asked_of(store)
    assert asked["begintime"] == midnight(china_day(oldest)) - 1
    assert asked["endtime"] == midnight(china_day(newest)) + DAY


async def test_a_time_of_creation_between_two_seconds(shop: Adapter, store: Sandbox) -> None:
    orders = raw_orders(store)
    after = moment_of(orders[5]["order_create_time"]).replace(microsecond=1)
    page = await read_page(shop, OrderQuery(created_from=after))

    assert ids_of(page) == raw_ids(orders)[:5]


async def test_one_buyer_s_orders(shop: Adapter, store: Sandbox) -> None:
    buyer = raw_orders(store)[0]["buyer_openid"]
    page = await read_page(shop, OrderQuery(buyer_open_id=buyer), first=100)

    expected = [raw for raw in raw_orders(store) if raw["buyer_openid"] == buyer]
    assert 0 < len(expected) < 100
    assert ids_of(page) == raw_ids(expected)
    assert all(order.buyer_data and order.buyer_data.open_id == buyer for order in page.items)


async def test_a_shop_without_orders(open_shop: OpenShop, store: Sandbox) -> None:
    store.reset(now=NOW + 400 * DAY)
    shop = open_shop(since=date(2026, 1, 1))
    page = await read_page(shop, OrderQuery(created_to=moment_of(NOW)))

    assert (list(page.items), page.more, page.total) == ([], False, 0)
