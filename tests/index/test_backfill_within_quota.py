"""The past of a Weixin Store is read within its platform's quota, and leaves room to callers."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.concurrency.clock import Clock
from gateway.ports import OrderQuery, ReadOptions
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.settings import Settings
from gateway.store.order_questions import OrderQuestion
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration, weixin_shop
from tests.index.test_backfill import backfill_of, finished

#: Calls a minute, of which the back-fill has half.
QUOTA = 60


class Time:
    """A time that passes in sleeps only."""

    def __init__(self) -> None:
        self.ahead = 0.0

    async def sleep(self, seconds: float) -> None:
        self.ahead += seconds
        await asyncio.sleep(0)

    def clock(self) -> Clock:
        return Clock(
            wall=lambda: time.time() + self.ahead,
            monotonic=lambda: time.monotonic() + self.ahead,
            sleep=self.sleep,
        )


@pytest.fixture
def passing() -> Time:
    return Time()


@pytest.fixture
async def opened(
    serve: Serve, sandbox: Sandbox, tmp_path: Path, passing: Time
) -> AsyncIterator[RuntimeResources]:
    """A gateway's parts over a Weixin Store alone, with nothing at work."""
    assert serve is not None
    shop = weixin_shop(sandbox, calls_per_minute=QUOTA)
    sections = configuration(sandbox, tmp_path, shops=[shop])
    settings = Settings.from_dict(PLATFORMS, sections)
    async with open_resources(settings, passing.clock()) as parts:
        yield parts


async def test_the_past_is_read_whole_within_half_of_the_quota(
    opened: RuntimeResources, sandbox: Sandbox, passing: Time
) -> None:
    await finished(backfill_of(opened, shops=["weixin"]))

    (shop,) = sandbox.shops("weixin_store").values()
    question = OrderQuestion(shops=["weixin"])
    page = await opened.store.indexed_orders.page("weixin", question, None, 500)
    assert {one.platform_id for one in page.items} == set(shop["orders"])
    calls = sum(n for path, n in sandbox.counts().items() if path.startswith("/channels/"))
    # No order was read twice, and the clock ran for as long as half of the quota takes.
    assert sandbox.counts()["/channels/ec/order/get"] == len(shop["orders"])
    assert passing.ahead >= (calls - 1) * 60 / (QUOTA / 2) - 1


async def test_a_caller_is_not_kept_waiting_by_the_back_fill(
    opened: RuntimeResources, passing: Time
) -> None:
    await backfill_of(opened, shops=["weixin"]).once()
    port = opened.adapters["weixin"].orders
    assert port is not None
    before = passing.ahead

    page = await port.page(OrderQuery(), None, 5, ReadOptions())

    assert len(page.items) == 5
    assert passing.ahead == before
