"""Orders of a Weixin Store in the sandbox, over HTTP."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gateway.concurrency.clock import DAY
from gateway.errors import PlatformCredentials, PlatformRejected, PlatformUnavailable
from gateway.ports import Adapter, OrderQuery, Page, Position, ReadOptions, order_position
from schema.order import Order
from schema.order_status import OrderStatus
from tests.fixtures_platform_clients import NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.weixin_store.conftest import OpenShop

LIST, GET = "/channels/ec/order/list/get", "/channels/ec/order/get"
FRESH = ReadOptions(fresh=True)
#: Before the first of the sample's orders.
SINCE = date(2026, 8, 1)


def known(store: Sandbox) -> list[dict[str, Any]]:
    """The orders of the platform, newest first."""
    (shop,) = store.shops("weixin_store").values()
    orders = list(shop["orders"].values())
    return sorted(orders, key=lambda one: (one["create_time"], one["order_id"]), reverse=True)


def ids(store: Sandbox, *codes: int) -> list[str]:
    """The ids of the platform's orders of these statuses, newest first; of all without any."""
    return [one["order_id"] for one in known(store) if not codes or one["status"] in codes]


async def page(
    shop: Adapter,
    query: OrderQuery | None = None,
    after: Position | None = None,
    first: int = 20,
    reading: ReadOptions = FRESH,
) -> Page[Order]:
    assert shop.orders is not None
    return await shop.orders.page(query or OrderQuery(), after, first, reading)


def named(orders: Sequence[Order]) -> list[str]:
    return [order.platform_id for order in orders]


async def walked(shop: Adapter, query: OrderQuery, first: int) -> list[str]:
    """All pages of a list."""
    found: list[str] = []
    after = None
    while True:
        part = await page(shop, query, after, first)
        found += named(part.items)
        if not part.more:
            return found
        after = order_position(part.items[-1])


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


async def test_a_page_has_the_newest_orders(shop: Adapter, store: Sandbox) -> None:
    part = await page(shop)

    assert named(part.items) == ids(store)[:20]
    assert part.more
    assert part.total is None


@pytest.mark.parametrize("first", [7, 50, 500])
async def test_all_pages_together_have_every_order_once(
    open_shop: OpenShop, store: Sandbox, first: int
) -> None:
    shop = open_shop(orders_since=SINCE)

    assert await walked(shop, OrderQuery(), first) == ids(store)


async def test_a_list_that_was_read_to_its_end_is_counted(
    open_shop: OpenShop, store: Sandbox
) -> None:
    whole = await page(open_shop(orders_since=SINCE), first=500)

    assert (len(whole.items), whole.total, whole.more) == (120, 120, False)
    assert named(whole.items) == ids(store)


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (OrderStatus.AWAITING_PAYMENT, (10,)),
        (OrderStatus.AWAITING_CONFIRMATION, (12, 13)),
        (OrderStatus.AWAITING_SHIPMENT, (20,)),
        (OrderStatus.PARTIALLY_SHIPPED, (21,)),
        (OrderStatus.SHIPPED, (30,)),
        (OrderStatus.COMPLETED, (100,)),
        (OrderStatus.REFUNDED, (200,)),
        (OrderStatus.CLOSED, (190, 250)),
    ],
)
async def test_orders_of_a_status(
    open_shop: OpenShop, store: Sandbox, status: OrderStatus, codes: tuple[int, ...]
) -> None:
    shop = open_shop(orders_since=SINCE)

    found = await page(shop, OrderQuery(statuses=frozenset({status})), first=100)

    assert named(found.items) == ids(store, *codes)
    assert found.items


async def test_times_without_orders_are_listed_once(open_shop: OpenShop, store: Sandbox) -> None:
    shop = open_shop(orders_since=date(2025, 1, 1))
    rare = OrderQuery(statuses=frozenset({OrderStatus.AWAITING_CONFIRMATION}))
    first = await page(shop, rare, first=100)
    listed = store.counts()[LIST]
    store.clear_log()

    second = await page(shop, rare, first=100)

    assert named(second.items) == named(first.items)
    # Two years, of which the last three months have orders.
    assert listed > 110
    assert store.counts()[LIST] < 50


async def test_orders_of_several_statuses(open_shop: OpenShop, store: Sandbox) -> None:
    shop = open_shop(orders_since=SINCE)
    wanted = frozenset({OrderStatus.SHIPPED, OrderStatus.REFUNDED})

    found = await page(shop, OrderQuery(statuses=wanted), first=100)

    assert named(found.items) == ids(store, 30, 200)


async def test_a_status_that_the_platform_does_not_have_is_not_asked_for(
    shop: Adapter, store: Sandbox
) -> None:
    found = await page(shop, OrderQuery(statuses=frozenset({OrderStatus.IN_DISPUTE})))

    assert (found.items, found.total) == ((), 0)
    assert store.counts() == {}


async def test_orders_of_a_time(open_shop: OpenShop, store: Sandbox) -> None:
    begin, end = NOW - 30 * DAY, NOW - 11 * DAY

    found = await page(
        open_shop(), OrderQuery(created_from=at(begin), created_to=at(end)), first=100
    )

    expected = [one["order_id"] for one in known(store) if begin <= one["create_time"] < end]
    assert named(found.items) == expected
    assert found.total == len(expected) > 0


async def test_bounds_within_a_second(open_shop: OpenShop, store: Sandbox) -> None:
    created = known(store)[3]["create_time"]
    part = timedelta(milliseconds=500)
    query = OrderQuery(created_from=at(created), created_to=at(created) + part)

    assert named((await page(open_shop(), query)).items) == [known(store)[3]["order_id"]]
    later = OrderQuery(created_from=at(created) + part, created_to=at(created + 1))
    assert named((await page(open_shop(), later)).items) == []


async def test_orders_of_a_buyer(open_shop: OpenShop, store: Sandbox) -> None:
    buyer = known(store)[0]["openid"]
    shop = open_shop(orders_since=SINCE)

    found = await page(shop, OrderQuery(buyer_open_id=buyer), first=100)

    assert named(found.items) == [one["order_id"] for one in known(store) if one["openid"] == buyer]


async def test_spans_are_never_wider_than_the_platform_takes(
    open_shop: OpenShop, store: Sandbox
) -> None:
    await page(open_shop(orders_since=SINCE), first=500)

    spans = [
        one["body"]["create_time_range"]["end_time"]
        - one["body"]["create_time_range"]["start_time"]
        for one in store.requests(LIST)
    ]
    assert spans
    assert max(spans) <= 7 * DAY


async def test_a_window_with_too_many_orders_is_halved(shop: Adapter, store: Sandbox) -> None:
    store.fault("errcode", 31042, path=LIST)

    part = await page(shop)

    assert named(part.items) == ids(store)[:20]


async def test_too_many_orders_in_the_shortest_window_are_an_error(
    shop: Adapter, store: Sandbox
) -> None:
    store.fault("errcode", 31042, path=LIST, times=None)

    with pytest.raises(PlatformRejected) as refusal:
        await page(shop)

    assert refusal.value.platform_code == "31042"


async def test_a_second_page_reads_no_order_of_the_first_again(
    shop: Adapter, store: Sandbox
) -> None:
    first = await page(shop)
    store.clear_log()

    second = await page(shop, after=order_position(first.items[-1]))

    asked = {one["body"]["order_id"] for one in store.requests(GET)}
    assert not asked & set(named(first.items))
    assert named(second.items) == ids(store)[20:40]


async def test_an_order_that_cannot_be_read_hides_no_other(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(orders_since=SINCE)
    store.fault("body", {"errcode": 0, "order": []}, path=GET)

    part = await page(shop, first=500)

    assert part.provenance.unreadable == 1
    assert len(part.items) == 119


async def test_an_order_that_is_gone_is_left_out(open_shop: OpenShop, store: Sandbox) -> None:
    shop = open_shop(orders_since=SINCE)
    store.fault("errcode", 100002, path=GET)

    assert len((await page(shop, first=500)).items) == 119


@pytest.mark.parametrize(
    ("code", "kind"),
    [(48001, PlatformCredentials), (-1, PlatformUnavailable), (40097, PlatformRejected)],
)
async def test_a_refused_order_fails_the_list(
    shop: Adapter, store: Sandbox, code: int, kind: type[Exception]
) -> None:
    store.fault("errcode", code, path=GET, times=None)

    with pytest.raises(kind):
        await page(shop)


async def test_orders_by_id(shop: Adapter, store: Sandbox) -> None:
    wanted = ids(store)[:3]
    assert shop.orders is not None

    found = await shop.orders.get_many([*wanted, "1"], FRESH)

    assert named(list(found.values())) == wanted


async def test_only_its_codes_tell_absence(shop: Adapter, store: Sandbox) -> None:
    store.fault("errcode", 47001, path=GET)
    assert shop.orders is not None

    with pytest.raises(PlatformRejected):
        await shop.orders.get_many(["1"], FRESH)


async def test_what_the_platform_hides_is_hidden(shop: Adapter, store: Sandbox) -> None:
    wire = known(store)[0]["order_detail"]["delivery_info"]["address_info"]

    (order,) = (await page(shop, first=1)).items

    address = order.shipping_address_data
    assert address is not None
    assert (address.name, address.street) == (f"{wire['user_name'][0]}*", "****")
    assert address.mobile == f"{wire['tel_number'][:3]}****{wire['tel_number'][-4:]}"
