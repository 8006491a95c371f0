"""After-sales are listed by days and read one by one; what has not changed is not read again."""

from datetime import datetime, timedelta

import pytest

from gateway.errors import PlatformFailure
from gateway.ports import AfterSaleQuery, ReadOptions, ReadsAfterSales, after_sale_position
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from tests.fixtures_platform_clients import NOW, ShopClock
from tests.fixtures_sandbox import Sandbox
from tests.platforms.weixin_store.conftest import OpenShop

LIST = "/channels/ec/aftersale/getaftersalelist"
GET = "/channels/ec/aftersale/getaftersaleorder"
CACHED, AFRESH = ReadOptions(), ReadOptions(fresh=True, strict=True)


@pytest.fixture
def port(open_shop: OpenShop, store: Sandbox, clock: ShopClock) -> ReadsAfterSales:
    """At noon in China, for the platform and a second later here: no day ends in a test."""
    now = float(store.state()["now"])
    noon = (int(now) // 86_400 + 1) * 86_400 + 4 * 3_600
    store.advance(noon - now)
    clock.ahead = noon + 1 - NOW
    after_sales = open_shop().after_sales
    assert after_sales is not None
    return after_sales


def opened(store: Sandbox, count: int, **given: object) -> list[str]:
    """Ids of new after-sales, the newest first."""
    ids = []
    for _ in range(count):
        order = store.admin("weixin/orders")["order"]["order_id"]
        made = store.admin("weixin/after-sales", order_id=order, **given)["after_sale"]
        ids.append(made["after_sale_order_id"])
    return ids[::-1]


def an_hour_passes(store: Sandbox, clock: ShopClock) -> None:
    """What has just changed is read again, as clocks differ: this is no longer so."""
    store.advance(3_600)
    clock.ahead += 3_600


async def listed(
    port: ReadsAfterSales,
    reading: ReadOptions = CACHED,
    query: AfterSaleQuery | None = None,
    first: int = 20,
) -> list[AfterSale]:
    page = await port.page(query or AfterSaleQuery(), None, first, reading)
    return list(page.items)


async def test_a_second_look_costs_at_most_a_tenth(
    port: ReadsAfterSales, store: Sandbox, clock: ShopClock
) -> None:
    ids = opened(store, 20)
    an_hour_passes(store, clock)
    store.clear_log()
    first = await listed(port)
    cold = sum(store.counts().values())
    store.clear_log()
    clock.ahead += 60

    second = await listed(port)

    assert [one.platform_id for one in first] == [one.platform_id for one in second] == ids
    # The two pages of today's ids, and what changed.
    assert store.counts() == {LIST: 3}
    assert cold >= 10 * 3


async def test_what_changed_is_read_again(
    port: ReadsAfterSales, store: Sandbox, clock: ShopClock
) -> None:
    ids = opened(store, 3)
    an_hour_passes(store, clock)
    await listed(port)
    store.admin(f"weixin/after-sales/{ids[1]}", act="cancel")
    store.clear_log()
    clock.ahead += 60

    again = await listed(port)

    assert [one.status.name for one in again] == ["APPLYING", "CLOSED", "APPLYING"]
    assert store.counts()[GET] == 1


async def test_what_is_asked_for_afresh_is_read_again(
    port: ReadsAfterSales, store: Sandbox
) -> None:
    opened(store, 2)
    await listed(port)
    store.clear_log()

    await listed(port, AFRESH)

    assert store.counts()[GET] == 2


async def test_all_is_read_again_a_day_later(
    port: ReadsAfterSales, store: Sandbox, clock: ShopClock
) -> None:
    opened(store, 2)
    await listed(port)
    store.clear_log()
    clock.ahead += 90_000

    await listed(port)

    assert store.counts()[GET] == 2


async def test_an_older_copy_is_shown_while_the_platform_fails(
    port: ReadsAfterSales, store: Sandbox, clock: ShopClock
) -> None:
    (own,) = opened(store, 1)
    await listed(port)
    store.fault("http_status", 502, times=None, path="/channels/ec/aftersale/")
    clock.ahead += 60

    page = await port.page(AfterSaleQuery(), None, 20, CACHED)

    assert [one.platform_id for one in page.items] == [own]
    assert page.provenance.state.name == "STALE"
    with pytest.raises(PlatformFailure):
        await listed(port, AFRESH)


async def test_pages_follow_one_another_and_filters_hold(
    port: ReadsAfterSales, store: Sandbox
) -> None:
    ids = opened(store, 5)
    back = opened(store, 2, type="RETURN")
    first = await port.page(AfterSaleQuery(), None, 3, CACHED)
    rest = await port.page(AfterSaleQuery(), after_sale_position(first.items[-1]), 9, CACHED)
    returns = AfterSaleQuery(
        kinds=frozenset({AfterSaleKind.RETURN_AND_REFUND}),
        statuses=frozenset({AfterSaleStatus.APPLYING}),
    )
    newest = first.items[0].created_at
    assert isinstance(newest, datetime)
    none = AfterSaleQuery(created_from=newest + timedelta(seconds=60))

    assert [one.platform_id for one in (*first.items, *rest.items)] == [*back, *ids]
    assert (first.more, rest.more) == (True, False)
    assert [one.platform_id for one in await listed(port, query=returns)] == back
    assert await listed(port, query=none) == []


async def test_an_after_sale_that_cannot_be_read_hides_no_other(
    port: ReadsAfterSales, store: Sandbox
) -> None:
    opened(store, 2)
    store.fault("body", {"errcode": 0, "after_sale_order": {}}, path=GET)

    page = await port.page(AfterSaleQuery(), None, 20, CACHED)

    assert len(page.items) == 1
    assert page.provenance.unreadable == 1


async def test_after_sales_of_orders(port: ReadsAfterSales, store: Sandbox) -> None:
    (own,) = opened(store, 1)
    without = store.admin("weixin/orders")["order"]["order_id"]
    order = (await listed(port))[0].key.platform_id

    found = await port.of_orders([order, without, "1"], CACHED)

    assert {id_: [one.platform_id for one in some] for id_, some in found.items()} == {order: [own]}
