import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.errors import PlatformRejected, PlatformUnavailable, StoreUnavailable
from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.mini_program.adapter.partner_orders import PartnerOrders
from gateway.platforms.mini_program.sandbox.sample_partner_orders import SAMPLE_ORDER_ID, SHOP_APPID
from gateway.ports import (
    Adapter,
    AfterSaleQuery,
    OrderQuery,
    Page,
    Position,
    ReadOptions,
    after_sale_place,
)
from gateway.registry import build_adapters
from gateway.store.partner_orders import PartnerOrder
from gateway.store.store import Store
from gateway.upstream.limits import UpstreamLimits
from schema.after_sale import AfterSaleStatus
from schema.connection import SourceState
from schema.key import Key
from schema.order import Order
from schema.order_status import OrderStatus
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.mini_program.conftest import FETCHED_AT, settings

Announce = Callable[[str, str, int], Awaitable[None]]
Keep = Callable[..., Awaitable[None]]

PATH = "/channels/ec/cooperation/order/get"


@pytest.fixture
def partner(sandbox: Sandbox) -> dict[int, str]:
    """Answer the ids of the sample shop's partner orders by their status codes."""
    (shop,) = sandbox.shops("mini_program").values()
    return {
        known["order"]["status"]: name
        for name, known in shop["partner_orders"].items()
        if "status" in known["order"]
    }


async def page(
    adapter: Adapter,
    first: int = 20,
    after: Position | None = None,
    reading: ReadOptions | None = None,
    **query: Any,
) -> Page[Order]:
    assert adapter.orders is not None
    return await adapter.orders.page(OrderQuery(**query), after, first, reading or ReadOptions())


def ids(found: Page[Order]) -> list[str]:
    return [order.platform_id for order in found.items]


def behind(order: Order) -> Position:
    assert order.created_at is not None
    return Position(int(order.created_at.timestamp()), order.platform_id)


async def test_both_kinds_stand_in_one_list_by_time(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    await keep("oldest", 100)
    await announce(SHOP_APPID, partner[20], 200)
    await keep("third", 300)
    await announce(SHOP_APPID, partner[30], 400)

    found = await page(adapter)

    assert ids(found) == [partner[30], "third", partner[20], "oldest"]
    assert (found.more, found.total) == (False, 4)
    assert found.provenance.state is SourceState.LIVE
    assert found.provenance.fetched_at == FETCHED_AT
    assert found.provenance.error is None


async def test_what_is_of_one_second_follows_by_descending_id(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    for name in ("a", "z"):
        await keep(name, 100)
    await announce(SHOP_APPID, partner[20], 100)

    assert ids(await page(adapter)) == ["z", partner[20], "a"]


@pytest.mark.parametrize("first", [1, 2, 3, 4, 9])
async def test_page_by_page_everything_is_shown_once(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str], first: int
) -> None:
    for number, name in enumerate(("a", "b", "c", "d")):
        await keep(name, 100 * number)
    for number, code in enumerate((10, 20, 21, 30)):
        await announce(SHOP_APPID, partner[code], 50 + 100 * number)
    await announce("SHOP_APPID", SAMPLE_ORDER_ID, 300)

    shown: list[str] = []
    after = None
    while True:
        found = await page(adapter, first, after)
        shown += ids(found)
        if not found.more:
            break
        assert len(found.items) == first
        after = behind(found.items[-1])

    assert shown == [
        partner[30],
        "d",
        SAMPLE_ORDER_ID,
        partner[21],
        "c",
        partner[20],
        "b",
        partner[10],
        "a",
    ]


async def test_only_a_whole_list_is_counted(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    await keep("a", 100)
    await announce(SHOP_APPID, partner[20], 200)

    assert (await page(adapter, 2)).total == 2
    assert (await page(adapter, 1)).total is None
    assert (await page(adapter, 2, Position(150, ""))).total is None


async def test_an_order_that_cannot_be_read_hides_no_other(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    await keep("a", 100)
    await announce(SHOP_APPID, "nowhere", 200)
    await announce(SHOP_APPID, partner[20], 300)

    found = await page(adapter)

    assert ids(found) == [partner[20], "a"]
    assert (found.more, found.total) == (False, None)
    assert found.provenance.state is SourceState.STALE
    assert isinstance(found.provenance.error, PlatformRejected)


async def test_a_platform_that_is_down_hides_no_order_of_the_shopping_list(
    adapter: Adapter, sandbox: Sandbox, announce: Announce, keep: Keep
) -> None:
    for number in range(30):
        await announce(SHOP_APPID, f"order-{number}", 1000 + number)
    await keep("a", 100)
    sandbox.fault("http_status", 503, times=None, path=PATH)

    found = await page(adapter)

    assert ids(found) == ["a"]
    assert found.provenance.state is SourceState.STALE
    assert isinstance(found.provenance.error, PlatformUnavailable)
    assert len({str(one["body"]) for one in sandbox.requests(PATH)}) <= 10


async def test_a_gateway_with_too_much_to_ask_hides_no_order_of_the_shopping_list(
    sandbox: Sandbox, clients: PlatformClients, ledger: Store, announce: Announce, keep: Keep
) -> None:
    narrow = replace(clients, limits=UpstreamLimits(max_connections=1))
    adapter = build_adapters([settings(sandbox.base_url)], narrow, ledger, lambda: NOW)["mini"]
    port = adapter.partner_orders
    assert isinstance(port, PartnerOrders)
    await port.get("SHOP_APPID", SAMPLE_ORDER_ID, ReadOptions())
    await keep("a", 100)
    await announce(SHOP_APPID, "one more", 200)
    sandbox.fault("silence", times=None, path=PATH)
    waiting = [
        asyncio.ensure_future(
            port.read(PartnerOrder("mini", SHOP_APPID, str(number), 0), ReadOptions())
        )
        for number in range(1001)
    ]
    await asyncio.sleep(0.1)

    found = await page(adapter)

    assert ids(found) == ["a"]
    assert isinstance(found.provenance.error, PlatformUnavailable)
    assert found.provenance.error.sent is False
    assert found.provenance.error.retry_after == 1.0
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    sandbox.clear_faults()
    await narrow.aclose()


async def test_an_old_answer_stands_in_for_a_platform_that_is_down(
    adapter: Adapter, sandbox: Sandbox, announce: Announce, partner: dict[int, str]
) -> None:
    await announce(SHOP_APPID, partner[20], 200)
    await page(adapter)
    sandbox.fault("http_status", 503, times=None, path=PATH)

    found = await page(adapter, reading=ReadOptions(fresh=True))

    assert ids(found) == [partner[20]]
    assert found.provenance.state is SourceState.STALE
    assert isinstance(found.provenance.error, PlatformUnavailable)
    assert found.total == 1


async def test_a_page_is_as_old_as_its_oldest_order(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    await keep("a", 100)
    await announce(SHOP_APPID, partner[20], 200)
    await page(adapter)

    assert (await page(adapter)).provenance.state is SourceState.CACHED


async def test_a_page_of_newer_orders_asks_for_no_older_one(
    adapter: Adapter, sandbox: Sandbox, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    for name in ("a", "b", "c"):
        await keep(name, 300)
    await announce(SHOP_APPID, partner[20], 100)

    found = await page(adapter, 2)

    assert ids(found) == ["c", "b"]
    assert found.more
    assert PATH not in sandbox.counts()


async def test_a_page_asks_for_no_more_than_it_needs(
    adapter: Adapter, sandbox: Sandbox, announce: Announce, partner: dict[int, str]
) -> None:
    for number, code in enumerate((10, 20, 21, 30)):
        await announce(SHOP_APPID, partner[code], 100 * number)

    found = await page(adapter, 2)

    assert ids(found) == [partner[30], partner[21]]
    assert found.more
    assert sandbox.counts()[PATH] == 3


async def test_orders_of_a_status(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    await keep("shipped", 100)
    await keep("done", 200, status="COMPLETED")
    for number, code in enumerate((20, 30)):
        await announce(SHOP_APPID, partner[code], 300 + number)

    found = await page(adapter, statuses=frozenset({OrderStatus.SHIPPED}))

    assert ids(found) == [partner[30], "shipped"]
    assert found.total == 2
    assert (await page(adapter, statuses=frozenset())).items == []


async def test_a_refunded_partner_order_is_an_after_sale(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    await keep("a", 100, status="REFUNDED", platform_status="5")
    for number, code in enumerate((20, 200, 100)):
        await announce(SHOP_APPID, partner[code], 200 + number)
    port = adapter.after_sales
    assert port is not None
    assert adapter.partner_orders is not None

    found = await port.page(AfterSaleQuery(), None, 20, ReadOptions())

    refunded, of_the_list = found.items
    assert refunded.key == Key("AfterSale", "mini", partner[200], f"partner:{SHOP_APPID}")
    assert refunded.order_key == Key("Order", "mini", partner[200], SHOP_APPID)
    assert (refunded.status, refunded.platform_status) == (AfterSaleStatus.REFUNDED, "200")
    assert refunded.created_at == datetime.fromtimestamp(201, UTC)
    assert of_the_list.key == Key("AfterSale", "mini", "a", "a")
    assert await port.get(partner[200], refunded.key.part, ReadOptions()) == refunded
    assert await port.get(partner[20], refunded.key.part, ReadOptions()) is None
    of_orders = [
        await adapter.partner_orders.after_sales(SHOP_APPID, partner[code], ReadOptions())
        for code in (20, 200, 100)
    ]
    assert of_orders == [(), (refunded,), ()]


async def test_after_sales_behind_that_of_a_partner_order(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    await keep("a", 100, status="REFUNDED")
    await announce(SHOP_APPID, partner[200], 200)
    port = adapter.after_sales
    assert port is not None
    behind_it = Position(200, after_sale_place(partner[200], f"partner:{SHOP_APPID}"))

    first = await port.page(AfterSaleQuery(), None, 1, ReadOptions())
    second = await port.page(AfterSaleQuery(), behind_it, 1, ReadOptions())

    assert [one.platform_id for one in first.items] == [partner[200]]
    assert (first.more, second.more) == (True, False)
    assert [one.platform_id for one in second.items] == ["a"]


async def test_orders_of_a_buyer(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    await keep("a", 100)
    await announce("SHOP_APPID", SAMPLE_ORDER_ID, 200)
    await announce(SHOP_APPID, partner[20], 300)

    assert ids(await page(adapter, buyer_open_id="OPENID")) == [SAMPLE_ORDER_ID]
    assert ids(await page(adapter, buyer_open_id="buyer-of-a")) == ["a"]


async def test_orders_of_a_time(
    adapter: Adapter, announce: Announce, keep: Keep, partner: dict[int, str]
) -> None:
    for at in (99, 100, 199, 200):
        await keep(f"at-{at}", at)
    await announce(SHOP_APPID, partner[20], 100)
    await announce(SHOP_APPID, partner[30], 200)

    found = await page(
        adapter,
        created_from=datetime.fromtimestamp(100, UTC),
        created_to=datetime.fromtimestamp(200, UTC),
    )

    assert ids(found) == ["at-199", partner[20], "at-100"]


async def test_orders_of_the_shopping_list_are_read_by_their_ids(
    adapter: Adapter, keep: Keep
) -> None:
    await keep("a", 100)
    assert adapter.orders is not None

    found = await adapter.orders.get_many(["a", "b"], ReadOptions())

    assert list(found) == ["a"]
    assert found["a"].created_at == datetime.fromtimestamp(100, UTC)


async def test_a_ledger_that_is_away_is_told_as_such(adapter: Adapter, ledger: Store) -> None:
    async with ledger.transaction() as transaction:
        await transaction.connection.exec_driver_sql("DROP TABLE orders")

    with pytest.raises(StoreUnavailable):
        await page(adapter)
