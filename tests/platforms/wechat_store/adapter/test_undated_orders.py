"""An order whose time is not told stands as the oldest of the window that told it."""

from typing import Any

import pytest

from gateway.ports import Adapter, AfterSaleQuery, OrderQuery, ReadOptions, order_position
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.adapter.order_questions import (
    LIST,
    TOMORROW,
    Raw,
    ids_of,
    moment_of,
    port_of,
    raw_ids,
    raw_orders,
    read_page,
)
from tests.platforms.wechat_store.conftest import OpenShop

DAY = 86_400
WEEK = TOMORROW - 7 * DAY
#: What is no time at all, and what no calendar has.
NO_TIMES = [None, 0, "", 10**15]


def undated(order_id: str, time: Any, store: Sandbox) -> Raw:
    """An order of the sandbox under another id, in dispute, without its time."""
    raw = raw_orders(store)[0] | {"order_id": order_id, "order_status": 8}
    if time is None:
        return {name: value for name, value in raw.items() if name != "order_create_time"}
    return raw | {"order_create_time": time}


def send_write(store: Sandbox, *more: Raw) -> list[Raw]:
    """Let the newest window hold these orders as well; gives its own."""
    week = [raw for raw in raw_orders(store) if raw["order_create_time"] >= WEEK]
    store.fault("body", {"errcode": 0, "order_list": [*more, *week]}, path=LIST, times=1)
    return week


@pytest.mark.parametrize("time", NO_TIMES)
@pytest.mark.parametrize("first", [1, 2, 30])
async def test_it_is_listed_once_between_two_windows(
    open_shop: OpenShop, store: Sandbox, time: Any, first: int
) -> None:
    week = send_write(store, undated("U1", time, store), undated("U2", time, store))
    shop = open_shop(orders_window_days=7)
    older = raw_ids(raw_orders(store))[len(week) :]
    expected = [*raw_ids(week), "U2", "U1", *older][:30]

    seen: list[str] = []
    after = None
    while len(seen) < len(expected):
        page = await read_page(shop, after=after, first=first)
        seen += ids_of(page)
        after = order_position(page.items[-1])

    assert seen[:30] == expected


async def test_it_is_in_each_list_of_the_days_for_which_it_was_told(
    open_shop: OpenShop, store: Sandbox
) -> None:
    week = send_write(store, undated("U1", None, store))
    shop = open_shop(orders_window_days=7)
    noon = OrderQuery(created_from=moment_of(WEEK + DAY // 2))

    page = await read_page(shop, noon, first=100)

    since_noon = [raw for raw in week if raw["order_create_time"] >= WEEK + DAY // 2]
    assert ids_of(page) == [*raw_ids(since_noon), "U1"]
    assert page.items[-1].created_at is None
    assert page.total == len(since_noon) + 1


async def test_it_is_counted_once_where_two_windows_tell_it(
    open_shop: OpenShop, store: Sandbox
) -> None:
    both = undated("U1", None, store)
    shop = open_shop(orders_window_days=7)
    store.fault("body", {"errcode": 0, "order_list": [both]}, path=LIST, times=2)
    page = await port_of(shop).page(OrderQuery(), None, 3, ReadOptions())

    assert ids_of(page).count("U1") == 1
    assert page.items[0].listed_at == WEEK


async def test_its_dispute_stands_where_it_does(open_shop: OpenShop, store: Sandbox) -> None:
    send_write(store, undated("U1", None, store))
    shop: Adapter = open_shop(orders_window_days=7)
    assert shop.after_sales is not None

    page = await shop.after_sales.page(AfterSaleQuery(), None, 50, ReadOptions())

    (found,) = [one for one in page.items if one.platform_id == "U1"]
    assert (found.created_at, found.listed_at) == (None, WEEK)
