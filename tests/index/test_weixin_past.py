"""The past of a Weixin Store: read within its quota, and then answered without its platform."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.concurrency.clock import Clock
from gateway.platforms.weixin_store.sandbox.part import WeixinStoreSandbox
from gateway.platforms.weixin_store.sandbox.sample_orders import sample_orders
from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from gateway.ports import OrderQuery, ReadOptions
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.part import seeded_state
from gateway.sandbox.sample_shop import sample_shop
from gateway.settings import Settings
from gateway.store.order_questions import OrderQuestion
from tests.fixtures_sandbox import Sandbox, served
from tests.fixtures_served import configuration, serving, weixin_shop
from tests.index.test_backfill import backfill_of, finished

ORDERS, LIST, GET = "/channels/ec/order/", "/channels/ec/order/list/get", "/channels/ec/order/get"
SMALL = 120
#: CI reads fewer.
LARGE = int(os.environ.get("PAST_ORDERS", "100000"))
#: Before the first of the sample's orders.
SINCE = datetime.now(UTC).date() - timedelta(days=100)

SEARCH = """
{
  orders(first: 20, filter: {search: "全棉四件套"}, sortKey: TOTAL) {
    totalCount
    nodes { items { title } }
    sources { state }
  }
}"""
COUNTS = "{ orderStats(groupBy: [SHOP]) { rows { orders total { fen } } } }"
LISTED = "{ orders(first: 20) { nodes { platformId } sources { state } } }"


class Time:
    """A time that passes in sleeps, beside the true one: to the end of the shortest of them."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._ends: list[float] = []

    async def sleep(self, seconds: float) -> None:
        end = time.monotonic() + self.ahead + seconds
        self._ends.append(end)
        while self._until(end) > 0:
            self.ahead += max(0.0, self._until(min(self._ends)))
            await asyncio.sleep(0)
        self._ends.remove(end)

    def _until(self, end: float) -> float:
        return end - time.monotonic() - self.ahead

    def clock(self) -> Clock:
        return Clock(
            wall=lambda: time.time() + self.ahead,
            monotonic=lambda: time.monotonic() + self.ahead,
            sleep=self.sleep,
        )


class Past:
    """A Weixin Store with so many orders of the last ninety days, and its platform's own words."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.time = Time()
        self._folder = folder

    def settings(self, quota: int) -> Settings:
        """A gateway of the store alone; `quota` is in calls a minute."""
        shop = weixin_shop(
            self.sandbox,
            calls_per_minute=quota,
            calls_per_day=10_000_000,
            orders_since=SINCE,
        )
        sections = configuration(self.sandbox, self._folder, shops=[shop])
        return Settings.from_dict(PLATFORMS, sections)

    @asynccontextmanager
    async def opened(self, quota: int) -> AsyncIterator[RuntimeResources]:
        """The parts of a gateway, with nothing at work."""
        async with open_resources(self.settings(quota), self.time.clock()) as parts:
            yield parts

    def orders(self) -> dict[str, Any]:
        """The orders of the platform, by their ids."""
        (shop,) = self.sandbox.shops("weixin_store").values()
        orders: dict[str, Any] = shop["orders"]
        return orders


@pytest.fixture
def past(tmp_path: Path) -> "Play":
    """Play a store with so many orders."""

    @asynccontextmanager
    async def play(count: int) -> AsyncIterator[Past]:
        part, now = WeixinStoreSandbox(), int(time.time())
        state = seeded_state([part], part.accounts, now)
        shop = state.shops[part.name][WEIXIN.app_id]
        shop.orders = sample_orders(sample_shop(now), count)
        shop.calls_per_minute = shop.calls_per_day = 10_000_000
        with served(create_sandbox([part], state=state)) as sandbox:
            yield Past(sandbox, tmp_path)

    return play


Play = Callable[[int], AbstractAsyncContextManager[Past]]


async def read_whole(parts: RuntimeResources, past: Past, count: int, quota: int) -> None:
    """Reads the past, each order once, in as long as half of the quota takes."""
    await finished(backfill_of(parts, shops=["weixin"]))

    question = OrderQuestion(shops=["weixin"])
    assert await parts.store.indexed_orders.count(["weixin"], question) == count
    counts = past.sandbox.counts()
    # Each order once; one of the second before a window is listed in that window as well.
    assert count <= counts[GET] <= count + counts[LIST]
    # Lists cost little beside the orders themselves.
    assert counts[LIST] <= count / 4 + 100
    assert past.time.ahead >= count * 60 / (quota / 2) - 60


async def asks_nothing(past: Past, count: int) -> None:
    """Searches and sums ask the platform nothing; a list asks what is new."""
    async with serving(past.settings(1_000_000)) as gateway:
        past.sandbox.clear_log()
        found = (await gateway.ask(SEARCH)).data["orders"]
        (sums,) = (await gateway.ask(COUNTS)).data["orderStats"]["rows"]
        assert not [path for path in past.sandbox.counts() if path.startswith(ORDERS)]
        listed = (await gateway.ask(LISTED)).data["orders"]
        gets = past.sandbox.counts().get(GET, 0)

    assert [source["state"] for source in found["sources"]] == ["INDEXED"]
    assert found["totalCount"] > 0
    assert all("全棉四件套" in str(node["items"]) for node in found["nodes"])
    assert sums["orders"] == count
    assert len(listed["nodes"]) == 20
    assert [source["state"] for source in listed["sources"]] == ["LIVE"]
    # Those that changed a moment ago, and never more than the page shows and the one behind it.
    assert gets <= 21


async def test_the_past_is_read_within_half_of_the_quota_and_then_kept(past: Play) -> None:
    quota = 60
    async with past(SMALL) as known:
        async with known.opened(quota) as parts:
            await read_whole(parts, known, SMALL, quota)
        await asks_nothing(known, SMALL)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_a_year_of_orders_is_read_within_half_of_the_quota_and_then_kept(
    past: Play,
) -> None:
    quota = 10_000
    async with past(LARGE) as known:
        async with known.opened(quota) as parts:
            await read_whole(parts, known, LARGE, quota)
        await asks_nothing(known, LARGE)


async def test_a_caller_is_not_kept_waiting_by_the_back_fill(past: Play) -> None:
    async with past(SMALL) as known, known.opened(60) as parts:
        await backfill_of(parts, shops=["weixin"]).once()
        port = parts.adapters["weixin"].orders
        assert port is not None
        before = known.time.ahead

        page = await port.page(OrderQuery(), None, 5, ReadOptions())

        assert len(page.items) == 5
        assert known.time.ahead == before
