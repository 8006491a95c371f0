"""Orders are read in windows, from the newest backwards."""

from datetime import date

import pytest

from gateway.china_days import midnight
from gateway.concurrency.clock import DAY
from gateway.errors import PlatformAnswerTooLarge, PlatformQuotaExceeded
from gateway.ports import Adapter, OrderQuery, Position, ReadOptions
from schema.connection import SourceState
from tests.fixtures_platform_clients import NOW, ShopClock
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.adapter.order_questions import (
    LIST,
    SINCE,
    TOMORROW,
    asked_of,
    ids_of,
    moment_of,
    port_of,
    position_behind,
    raw_ids,
    raw_orders,
    read_page,
)
from tests.platforms.wechat_store.conftest import LIFETIMES, OpenShop

# --- windows


async def test_the_first_page_takes_one_call(shop: Adapter, store: Sandbox) -> None:
    page = await read_page(shop)

    assert ids_of(page) == raw_ids(raw_orders(store))[:20]
    assert page.more is True
    assert page.total is None
    assert page.provenance.state is SourceState.LIVE
    assert page.provenance.fetched_at == moment_of(NOW)
    assert asked_of(store) == [{"begintime": TOMORROW - 90 * DAY - 1}]


async def test_windows_double_until_the_page_is_filled(open_shop: OpenShop, store: Sandbox) -> None:
    expected = raw_orders(store)
    page = await read_page(open_shop(orders_window_days=7), first=90)

    assert expected[90]["order_create_time"] >= TOMORROW - 105 * DAY
    assert ids_of(page) == raw_ids(expected)[:90]
    assert asked_of(store) == [
        {"begintime": TOMORROW - 7 * DAY - 1},
        {"begintime": TOMORROW - 21 * DAY - 1, "endtime": TOMORROW - 7 * DAY},
        {"begintime": TOMORROW - 49 * DAY - 1, "endtime": TOMORROW - 21 * DAY},
        {"begintime": TOMORROW - 105 * DAY - 1, "endtime": TOMORROW - 49 * DAY},
    ]


async def test_all_orders_are_counted_once_the_first_day_is_reached(
    shop: Adapter, store: Sandbox
) -> None:
    page = await read_page(shop, first=100)
    rest = await read_page(shop, after=position_behind(page.items[-1]), first=100)
    whole = await read_page(shop, first=200)

    assert ids_of(page) + ids_of(rest) == raw_ids(raw_orders(store)) == ids_of(whole)
    assert (page.more, rest.more, whole.more) == (True, False, False)
    assert (page.total, rest.total, whole.total) == (None, None, 123)
    assert asked_of(store)[-1] == {"begintime": SINCE - 1, "endtime": TOMORROW - 90 * 31 * DAY}


async def test_a_page_that_ends_with_the_last_order_says_so(shop: Adapter) -> None:
    page = await read_page(shop, first=123)

    assert (len(page.items), page.more, page.total) == (123, False, 123)


async def test_no_order_is_read_that_is_older_than_the_first_day(
    open_shop: OpenShop, store: Sandbox
) -> None:
    since = date(2026, 11, 10)
    page = await read_page(open_shop(since=since), first=100)

    expected = [raw for raw in raw_orders(store) if raw["order_create_time"] >= midnight(since)]
    assert 0 < len(expected) < 100
    assert ids_of(page) == raw_ids(expected)
    assert (page.more, page.total) == (False, len(expected))
    assert asked_of(store) == [{"begintime": midnight(since) - 1}]


async def test_the_same_question_is_answered_from_the_cache(shop: Adapter, store: Sandbox) -> None:
    first = await read_page(shop)
    second = await read_page(shop)

    assert second.items[0] is first.items[0]
    assert second.provenance.state is SourceState.CACHED
    assert len(asked_of(store)) == 1


async def test_a_fresh_question_is_asked_again(shop: Adapter, store: Sandbox) -> None:
    await read_page(shop)
    page = await port_of(shop).page(OrderQuery(), None, 20, ReadOptions(fresh=True))

    assert page.provenance.state is SourceState.LIVE
    assert len(asked_of(store)) == 2


async def test_an_old_answer_stands_in_for_a_platform_that_is_down(
    shop: Adapter, store: Sandbox, clock: ShopClock
) -> None:
    before = await read_page(shop)
    clock.ahead = 100
    store.fault("http_status", 503, times=None)
    after = await read_page(shop)

    assert ids_of(after) == ids_of(before)
    assert after.provenance.state is SourceState.STALE
    assert after.provenance.error is not None


async def test_one_window_that_failed_is_the_last_that_is_asked_for(
    open_shop: OpenShop, store: Sandbox, clock: ShopClock
) -> None:
    shop = open_shop(orders_window_days=7)
    before = await read_page(shop, first=90)
    clock.ahead = 100
    store.clear_log()
    store.fault("errcode", 45009, times=None)

    after = await read_page(shop, first=90)
    with pytest.raises(PlatformQuotaExceeded):
        await read_page(shop, first=120)

    assert ids_of(after) == ids_of(before)
    assert after.provenance.state is SourceState.STALE
    assert len(asked_of(store)) == 2


async def test_a_window_that_cannot_be_read_keeps_no_other_from_being_asked_for(
    open_shop: OpenShop, store: Sandbox, clock: ShopClock
) -> None:
    shop = open_shop(orders_window_days=7)
    before = await read_page(shop, first=90)
    clock.ahead = 100
    store.clear_log()
    store.fault("html")

    after = await read_page(shop, first=90)

    assert ids_of(after) == ids_of(before)
    assert after.provenance.state is SourceState.STALE
    assert len(asked_of(store)) == 4


async def test_pages_neither_repeat_nor_skip_while_orders_come_in(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(orders_window_days=7, lifetimes={**LIFETIMES, "orders": 0.0})
    expected = raw_ids(raw_orders(store))
    seen: list[str] = []
    after = None
    while True:
        page = await read_page(shop, after=after, first=17)
        seen += ids_of(page)
        if not page.more:
            break
        after = position_behind(page.items[-1])
        store.order()

    assert seen == expected


async def test_later_pages_leave_newer_windows_alone(open_shop: OpenShop, store: Sandbox) -> None:
    shop = open_shop(orders_window_days=7)
    oldest = raw_orders(store)[-1]
    store.clear_log()
    after = Position(oldest["order_create_time"], oldest["order_id"] + "0")
    page = await read_page(shop, after=after, first=1)

    assert ids_of(page) == [oldest["order_id"]]
    assert asked_of(store)[0]["endtime"] > oldest["order_create_time"]
    assert asked_of(store)[0]["begintime"] < oldest["order_create_time"]


@pytest.mark.parametrize("rank", [3, 20, 44])
async def test_an_order_on_a_bound_is_in_one_window(
    open_shop: OpenShop, store: Sandbox, rank: int
) -> None:
    at = raw_orders(store)[rank]["order_create_time"]
    into_its_day = (at + 8 * 3600) % DAY
    store.reset(now=NOW - into_its_day)
    bound = at - into_its_day
    expected = raw_orders(store)
    assert expected[rank]["order_create_time"] == bound

    page = await read_page(open_shop(orders_window_days=(TOMORROW - bound) // DAY), first=60)

    assert ids_of(page) == raw_ids(expected)[:60]
    assert asked_of(store)[1]["endtime"] == bound


async def test_orders_of_one_second_follow_by_descending_id(shop: Adapter, store: Sandbox) -> None:
    ids = [store.order()["order_id"] for _ in range(3)]
    newest = raw_orders(store)[:3]
    page = await read_page(shop, first=3)

    assert set(ids_of(page)) == set(ids)
    assert ids_of(page) == raw_ids(newest)
    behind = await read_page(shop, after=position_behind(page.items[1]), first=1)
    assert ids_of(behind) == raw_ids(newest)[2:]


# --- answers that are too large


async def test_a_window_that_is_too_large_is_read_in_halves(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(most_bytes=40_000)
    page = await read_page(shop, first=100)

    assert ids_of(page) == raw_ids(raw_orders(store))[:100]
    asked = asked_of(store)
    assert asked[0] == {"begintime": TOMORROW - 90 * DAY - 1}
    assert asked[1] == {"begintime": TOMORROW - 45 * DAY - 1}

    store.clear_log()
    again = await port_of(shop).page(OrderQuery(), None, 100, ReadOptions(fresh=True))

    assert ids_of(again) == ids_of(page)
    assert asked[0] not in asked_of(store)
    assert len(asked_of(store)) < len(asked)


async def test_an_old_answer_does_not_stand_in_for_one_that_grew_too_large(
    open_shop: OpenShop, store: Sandbox, clock: ShopClock
) -> None:
    shop = open_shop(most_bytes=100_000)
    await read_page(shop)
    clock.ahead = 100
    store.fault("huge", 1, path=LIST)
    store.order()
    page = await read_page(shop)

    assert ids_of(page) == raw_ids(raw_orders(store))[:20]
    assert page.provenance.state is SourceState.LIVE


async def test_a_minute_that_is_too_large_fails(open_shop: OpenShop, store: Sandbox) -> None:
    shop = open_shop(most_bytes=500)
    store.fault("huge", 1, path=LIST, times=None)

    with pytest.raises(PlatformAnswerTooLarge):
        await read_page(shop)
