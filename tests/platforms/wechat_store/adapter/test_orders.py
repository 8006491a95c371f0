"""Orders are read in windows, from the newest backwards."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateway.errors import PlatformAnswerTooLarge, PlatformRejected
from gateway.platforms.wechat_store.adapter.windows import DAY, midnight
from gateway.ports import Adapter, OrderQuery, Page, Position, Reading, ReadsOrders
from gateway.sandbox.accounts import FLAGSHIP
from schema.order import Order
from schema.order_status import OrderStatus
from schema.source import SourceState
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.conftest import LIFETIMES, NOW, OpenShop, ShopClock

LIST = "/merchant/order/getbyfilter"
ONE = "/merchant/order/getbyid"
TOMORROW = midnight(date(2026, 11, 21))
SINCE = midnight(date(2014, 1, 1))

Raw = dict[str, Any]


def _port(shop: Adapter) -> ReadsOrders:
    assert shop.orders is not None
    return shop.orders


def _raw_orders(store: Sandbox) -> list[Raw]:
    """What the platform has, in the order of the list."""
    orders = list(store.state()["stores"][FLAGSHIP.app_id]["orders"].values())
    return sorted(orders, key=lambda raw: (raw["order_create_time"], raw["order_id"]), reverse=True)


def _raw_ids(orders: list[Raw]) -> list[str]:
    return [raw["order_id"] for raw in orders]


def _ids(page: Page[Order]) -> list[str]:
    return [order.platform_id for order in page.items]


def _asked(store: Sandbox) -> list[Raw]:
    return [request["body"] for request in store.requests(LIST)]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _behind(order: Order) -> Position:
    assert order.created_at is not None
    return Position(int(order.created_at.timestamp()), order.platform_id)


async def _page(
    shop: Adapter, query: OrderQuery | None = None, after: Position | None = None, first: int = 20
) -> Page[Order]:
    return await _port(shop).page(query or OrderQuery(), after, first, Reading())


# --- windows


async def test_the_first_page_takes_one_call(shop: Adapter, store: Sandbox) -> None:
    page = await _page(shop)

    assert _ids(page) == _raw_ids(_raw_orders(store))[:20]
    assert page.more is True
    assert page.total is None
    assert page.provenance.state is SourceState.LIVE
    assert page.provenance.fetched_at == _moment(NOW)
    assert _asked(store) == [{"begintime": TOMORROW - 90 * DAY - 1}]


async def test_windows_double_until_the_page_is_filled(open_shop: OpenShop, store: Sandbox) -> None:
    expected = _raw_orders(store)
    page = await _page(open_shop(orders_window_days=7), first=90)

    assert expected[90]["order_create_time"] >= TOMORROW - 105 * DAY
    assert _ids(page) == _raw_ids(expected)[:90]
    assert _asked(store) == [
        {"begintime": TOMORROW - 7 * DAY - 1},
        {"begintime": TOMORROW - 21 * DAY - 1, "endtime": TOMORROW - 7 * DAY},
        {"begintime": TOMORROW - 49 * DAY - 1, "endtime": TOMORROW - 21 * DAY},
        {"begintime": TOMORROW - 105 * DAY - 1, "endtime": TOMORROW - 49 * DAY},
    ]


async def test_all_orders_are_counted_once_the_first_day_is_reached(
    shop: Adapter, store: Sandbox
) -> None:
    page = await _page(shop, first=100)
    rest = await _page(shop, after=_behind(page.items[-1]), first=100)
    whole = await _page(shop, first=200)

    assert _ids(page) + _ids(rest) == _raw_ids(_raw_orders(store)) == _ids(whole)
    assert (page.more, rest.more, whole.more) == (True, False, False)
    assert (page.total, rest.total, whole.total) == (None, None, 123)
    assert _asked(store)[-1] == {"begintime": SINCE - 1, "endtime": TOMORROW - 90 * 31 * DAY}


async def test_a_page_that_ends_with_the_last_order_says_so(shop: Adapter) -> None:
    page = await _page(shop, first=123)

    assert (len(page.items), page.more, page.total) == (123, False, 123)


async def test_no_order_is_read_that_is_older_than_the_first_day(
    open_shop: OpenShop, store: Sandbox
) -> None:
    since = date(2026, 11, 10)
    page = await _page(open_shop(since=since), first=100)

    expected = [raw for raw in _raw_orders(store) if raw["order_create_time"] >= midnight(since)]
    assert 0 < len(expected) < 100
    assert _ids(page) == _raw_ids(expected)
    assert (page.more, page.total) == (False, len(expected))
    assert _asked(store) == [{"begintime": midnight(since) - 1}]


async def test_the_same_question_is_answered_from_the_cache(shop: Adapter, store: Sandbox) -> None:
    first = await _page(shop)
    second = await _page(shop)

    assert second.items[0] is first.items[0]
    assert second.provenance.state is SourceState.CACHED
    assert len(_asked(store)) == 1


async def test_a_fresh_question_is_asked_again(shop: Adapter, store: Sandbox) -> None:
    await _page(shop)
    page = await _port(shop).page(OrderQuery(), None, 20, Reading(fresh=True))

    assert page.provenance.state is SourceState.LIVE
    assert len(_asked(store)) == 2


async def test_an_old_answer_stands_in_for_a_platform_that_is_down(
    shop: Adapter, store: Sandbox, clock: ShopClock
) -> None:
    before = await _page(shop)
    clock.ahead = 100
    store.fault("http_status", 503, times=None)
    after = await _page(shop)

    assert _ids(after) == _ids(before)
    assert after.provenance.state is SourceState.STALE
    assert after.provenance.error is not None


async def test_pages_neither_repeat_nor_skip_while_orders_come_in(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(orders_window_days=7, lifetimes={**LIFETIMES, "orders": 0.0})
    expected = _raw_ids(_raw_orders(store))
    seen: list[str] = []
    after = None
    while True:
        page = await _page(shop, after=after, first=17)
        seen += _ids(page)
        if not page.more:
            break
        after = _behind(page.items[-1])
        store.order()

    assert seen == expected


async def test_later_pages_leave_newer_windows_alone(open_shop: OpenShop, store: Sandbox) -> None:
    shop = open_shop(orders_window_days=7)
    oldest = _raw_orders(store)[-1]
    store.clear_log()
    after = Position(oldest["order_create_time"], oldest["order_id"] + "0")
    page = await _page(shop, after=after, first=1)

    assert _ids(page) == [oldest["order_id"]]
    assert _asked(store)[0]["endtime"] > oldest["order_create_time"]
    assert _asked(store)[0]["begintime"] < oldest["order_create_time"]


@pytest.mark.parametrize("rank", [3, 20, 44])
async def test_an_order_on_a_bound_is_in_one_window(
    open_shop: OpenShop, store: Sandbox, rank: int
) -> None:
    at = _raw_orders(store)[rank]["order_create_time"]
    into_its_day = (at + 8 * 3600) % DAY
    store.reset(now=NOW - into_its_day)
    bound = at - into_its_day
    expected = _raw_orders(store)
    assert expected[rank]["order_create_time"] == bound

    page = await _page(open_shop(orders_window_days=(TOMORROW - bound) // DAY), first=60)

    assert _ids(page) == _raw_ids(expected)[:60]
    assert _asked(store)[1]["endtime"] == bound


async def test_orders_of_one_second_follow_by_descending_id(shop: Adapter, store: Sandbox) -> None:
    ids = [store.order()["order_id"] for _ in range(3)]
    newest = _raw_orders(store)[:3]
    page = await _page(shop, first=3)

    assert set(_ids(page)) == set(ids)
    assert _ids(page) == _raw_ids(newest)
    behind = await _page(shop, after=_behind(page.items[1]), first=1)
    assert _ids(behind) == _raw_ids(newest)[2:]


# --- answers that are too large


async def test_a_window_that_is_too_large_is_read_in_halves(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(most_bytes=40_000)
    page = await _page(shop, first=100)

    assert _ids(page) == _raw_ids(_raw_orders(store))[:100]
    asked = _asked(store)
    assert asked[0] == {"begintime": TOMORROW - 90 * DAY - 1}
    assert asked[1] == {"begintime": TOMORROW - 45 * DAY - 1}

    store.clear_log()
    again = await _port(shop).page(OrderQuery(), None, 100, Reading(fresh=True))

    assert _ids(again) == _ids(page)
    assert asked[0] not in _asked(store)
    assert len(_asked(store)) < len(asked)


async def test_an_old_answer_does_not_stand_in_for_one_that_grew_too_large(
    open_shop: OpenShop, store: Sandbox, clock: ShopClock
) -> None:
    shop = open_shop(most_bytes=100_000)
    await _page(shop)
    clock.ahead = 100
    store.fault("huge", 1, path=LIST)
    store.order()
    page = await _page(shop)

    assert _ids(page) == _raw_ids(_raw_orders(store))[:20]
    assert page.provenance.state is SourceState.LIVE


async def test_a_minute_that_is_too_large_fails(open_shop: OpenShop, store: Sandbox) -> None:
    shop = open_shop(most_bytes=500)
    store.fault("huge", 1, path=LIST, times=None)

    with pytest.raises(PlatformAnswerTooLarge):
        await _page(shop)


# --- filters


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
    page = await _page(shop, OrderQuery(statuses=frozenset({status})), first=100)

    expected = [raw for raw in _raw_orders(store) if raw["order_status"] == code]
    assert _ids(page) == _raw_ids(expected)
    assert page.total == len(expected)
    assert {asked["status"] for asked in _asked(store)} == {code}


async def test_several_statuses_are_picked_here(shop: Adapter, store: Sandbox) -> None:
    wanted = frozenset({OrderStatus.SHIPPED, OrderStatus.IN_DISPUTE, OrderStatus.CLOSED})
    page = await _page(shop, OrderQuery(statuses=wanted), first=100)

    expected = [raw for raw in _raw_orders(store) if raw["order_status"] in {3, 8}]
    assert _ids(page) == _raw_ids(expected)
    assert all("status" not in asked for asked in _asked(store))


async def test_a_status_that_the_platform_lacks_is_asked_for_beside_one_that_it_has(
    shop: Adapter, store: Sandbox
) -> None:
    await _page(shop, OrderQuery(statuses=frozenset({OrderStatus.SHIPPED, OrderStatus.CLOSED})))

    assert _asked(store)[0]["status"] == 3


async def test_orders_of_a_status_that_no_list_knows(shop: Adapter, store: Sandbox) -> None:
    order = store.order(paid=False)
    page = await _page(shop, OrderQuery(statuses=frozenset({OrderStatus.UNKNOWN})))

    # The other one is the manual's own.
    assert _ids(page) == [order["order_id"], "7197417460812533543"]
    assert [order.platform_status for order in page.items] == [str(order["order_status"]), "6"]


async def test_a_status_that_cannot_be_costs_no_call(shop: Adapter, store: Sandbox) -> None:
    page = await _page(shop, OrderQuery(statuses=frozenset({OrderStatus.REFUNDED})))

    assert page == Page(items=(), more=False, total=0)
    assert store.requests() == []


async def test_times_of_creation_narrow_the_windows(shop: Adapter, store: Sandbox) -> None:
    orders = _raw_orders(store)
    oldest, newest = orders[30]["order_create_time"], orders[10]["order_create_time"]
    query = OrderQuery(created_from=_moment(oldest), created_to=_moment(newest))
    page = await _page(shop, query, first=100)

    assert _ids(page) == _raw_ids(orders)[11:31]
    assert (page.more, page.total) == (False, 20)
    (asked,) = _asked(store)
    assert asked["begintime"] == midnight(_china_day(oldest)) - 1
    assert asked["endtime"] == midnight(_china_day(newest)) + DAY


async def test_a_time_of_creation_between_two_seconds(shop: Adapter, store: Sandbox) -> None:
    orders = _raw_orders(store)
    after = _moment(orders[5]["order_create_time"]).replace(microsecond=1)
    page = await _page(shop, OrderQuery(created_from=after))

    assert _ids(page) == _raw_ids(orders)[:5]


async def test_one_buyer_s_orders(shop: Adapter, store: Sandbox) -> None:
    buyer = _raw_orders(store)[0]["buyer_openid"]
    page = await _page(shop, OrderQuery(buyer_open_id=buyer), first=100)

    expected = [raw for raw in _raw_orders(store) if raw["buyer_openid"] == buyer]
    assert 0 < len(expected) < 100
    assert _ids(page) == _raw_ids(expected)
    assert all(order.buyer_data and order.buyer_data.open_id == buyer for order in page.items)


async def test_a_shop_without_orders(open_shop: OpenShop, store: Sandbox) -> None:
    store.reset(now=NOW + 400 * DAY)
    shop = open_shop(since=date(2026, 1, 1))
    page = await _page(shop, OrderQuery(created_to=_moment(NOW)))

    assert (list(page.items), page.more, page.total) == ([], False, 0)


# --- by id


async def test_one_order(shop: Adapter, store: Sandbox, reading: Reading) -> None:
    raw = _raw_orders(store)[0]
    found = await _port(shop).get_many([raw["order_id"], raw["order_id"]], reading)

    assert list(found) == [raw["order_id"]]
    order = found[raw["order_id"]]
    assert order.status is OrderStatus.AWAITING_SHIPMENT
    assert order.total.fen == raw["order_total_price"]
    assert order.shipping_address_data is not None
    assert order.shipping_address_data.district == raw["receiver_zone"]
    assert [request["body"] for request in store.requests(ONE)] == [{"order_id": raw["order_id"]}]


async def test_an_order_keeps_its_document(shop: Adapter, store: Sandbox) -> None:
    raw = _raw_orders(store)[7]
    listed = (await _page(shop)).items[7]
    single = (await _port(shop).get_many([raw["order_id"]], Reading(fresh=True)))[raw["order_id"]]

    assert listed.raw_source is not None
    assert single.raw_source is not None
    assert single.raw_source() == raw
    assert listed.raw_source() == {k: v for k, v in raw.items() if k != "receiver_zone"}


async def test_an_order_that_does_not_exist_is_absent(shop: Adapter, store: Sandbox) -> None:
    there = _raw_ids(_raw_orders(store))[0]
    found = await _port(shop).get_many([there, "7", ""], Reading())

    assert list(found) == [there]


async def test_a_call_that_is_refused_for_its_form_is_no_absence(
    shop: Adapter, store: Sandbox
) -> None:
    store.fault("errcode", 44002, path=ONE)

    with pytest.raises(PlatformRejected) as refusal:
        await _port(shop).get_many(["7"], Reading())

    assert refusal.value.endpoint == "order.getbyid"
    assert refusal.value.platform_code == "44002"


async def test_orders_that_a_list_showed_are_not_asked_for_again(
    shop: Adapter, store: Sandbox
) -> None:
    page = await _page(shop)
    found = await _port(shop).get_many(_ids(page), Reading())

    assert [found[order.platform_id] is order for order in page.items] == [True] * 20
    assert store.requests(ONE) == []
    assert len(_asked(store)) == 1


async def test_many_orders_come_from_the_question_that_showed_them(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(lifetimes={**LIFETIMES, "orders": 0.0})
    page = await _page(shop)
    store.set_order_status(page.items[0].platform_id, 3)
    found = await _port(shop).get_many(_ids(page), Reading())

    assert len(found) == 20
    assert found[page.items[0].platform_id].status is OrderStatus.SHIPPED
    assert store.requests(ONE) == []
    assert _asked(store) == [{"begintime": TOMORROW - 90 * DAY - 1}] * 2


async def test_few_orders_are_asked_for_singly(open_shop: OpenShop, store: Sandbox) -> None:
    shop = open_shop(lifetimes={**LIFETIMES, "orders": 0.0})
    page = await _page(shop)
    found = await _port(shop).get_many(_ids(page)[:2], Reading())

    assert len(found) == 2
    assert len(store.requests(ONE)) == 2
    assert len(_asked(store)) == 1


async def test_a_question_that_grew_too_large_is_not_asked_again(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(most_bytes=100_000, lifetimes={**LIFETIMES, "orders": 0.0})
    page = await _page(shop)
    store.fault("huge", 1, path=LIST)
    found = await _port(shop).get_many(_ids(page)[:5], Reading())

    assert len(found) == 5
    assert len(store.requests(ONE)) == 5


def _china_day(at: int) -> date:
    return datetime.fromtimestamp(at + 8 * 3600, UTC).date()
