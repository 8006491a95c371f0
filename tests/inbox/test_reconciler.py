"""The reconciler finds changes that no event reported, once, on one replica at a time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from gateway.concurrency.clock import Clock
from gateway.inbox.reconciler import Reconciler
from gateway.ports import ReadsOrders
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.settings import Settings
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration
from tests.inbox.test_webhooks import order_changes, rows


@pytest.fixture
async def opened(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[RuntimeResources]:
    """Answer a gateway's parts over the sample shop, with nothing at work."""
    assert serve is not None
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path))
    async with open_resources(settings, Clock()) as parts:
        yield parts


def reconciler_of(parts: RuntimeResources, every: float = 0.0) -> Reconciler:
    """A replica's reconciler."""
    adapters = {"flagship": parts.adapters["flagship"]}
    return Reconciler(parts.store, adapters, parts.notifier.notify, Clock().wall, every=every)


async def test_the_first_look_only_takes_down_how_orders_stand(
    opened: RuntimeResources, tmp_path: Path
) -> None:
    await reconciler_of(opened).work()

    assert order_changes(tmp_path) == []
    assert rows(tmp_path, "select count(*) > 5 from order_overlays") == [(1,)]


async def test_what_no_event_told_is_found_once(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    reconciler = reconciler_of(opened)
    await reconciler.work()
    order = str(sandbox.order()["order_id"])
    await reconciler.work()
    sandbox.set_order_status(order, 5)
    await reconciler.work()
    await reconciler.work()

    assert order_changes(tmp_path) == [
        (order, None, None, "AWAITING_SHIPMENT", "POLL"),
        (order, None, "AWAITING_SHIPMENT", "COMPLETED", "POLL"),
    ]


async def test_an_order_without_a_time_is_found_as_well(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    reconciler = reconciler_of(opened)
    await reconciler.work()
    undated = {"order_id": "U1", "order_status": 2, "order_total_price": 1}
    told = {"errcode": 0, "order_list": [undated]}
    sandbox.fault("body", told, path="/merchant/order/getbyfilter", times=None)
    await reconciler.work()
    await reconciler.work()

    assert order_changes(tmp_path) == [("U1", None, None, "AWAITING_SHIPMENT", "POLL")]


async def test_an_older_answer_that_stands_in_tells_nothing_of_now(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    reconciler = reconciler_of(opened)
    await reconciler.work()
    looked = await opened.store.reconciliations.last("flagship")
    sandbox.fault("errcode", 45009, path="/merchant/order/getbyfilter", times=None)

    await reconciler.work()

    assert looked is not None
    assert await opened.store.reconciliations.last("flagship") == looked


async def test_replicas_take_turns(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    await reconciler_of(opened).work()
    sandbox.clear_log()
    sandbox.order()

    await asyncio.gather(*(reconciler_of(opened, every=60).work() for _ in range(5)))
    assert sandbox.counts().get("/merchant/order/getbyfilter", 0) == 0
    await asyncio.gather(*(reconciler_of(opened, every=0.01).work() for _ in range(5)))

    assert len(order_changes(tmp_path)) == 1


class Broken:
    """A port with a mistake of ours in it."""

    async def page(self, *_asked: Any) -> Any:
        raise ValueError("not what it was meant for")


async def test_a_mistake_with_one_shop_s_orders_hides_no_other_shop_s(
    opened: RuntimeResources, tmp_path: Path
) -> None:
    whole = opened.adapters["flagship"]
    broken = replace(whole, orders=cast("ReadsOrders", Broken()))
    shops = {"broken": broken, "flagship": whole}
    reconciler = Reconciler(opened.store, shops, opened.notifier.notify, Clock().wall, every=0.0)
    with pytest.raises(ExceptionGroup) as failed:
        await reconciler.work()

    (error,) = failed.value.exceptions
    assert isinstance(error, ValueError)
    assert error.__notes__ == ["while the orders of broken were reconciled"]
    assert rows(tmp_path, "select distinct shop from order_overlays") == [("flagship",)]


async def test_a_platform_that_is_down_is_looked_at_again(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    reconciler = reconciler_of(opened)
    await reconciler.work()
    order = str(sandbox.order()["order_id"])
    sandbox.fault("http_status", 503, times=None, path="/merchant/order/getbyfilter")
    await reconciler.work()
    assert order_changes(tmp_path) == []
    sandbox.clear_faults()

    found: list[Any] = []
    async with asyncio.timeout(60):
        while not found:
            await reconciler.work()
            found = order_changes(tmp_path)
    assert [change[0] for change in found] == [order]


async def test_an_outage_is_two_lines_however_many_rounds_it_lasts(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    reconciler = reconciler_of(opened)
    sandbox.fault("http_status", 503, times=None, path="/merchant/order/getbyfilter")
    with capture_logs() as lines:
        for _ in range(3):
            await reconciler.work()
        sandbox.clear_faults()
        await reconciler.work()

    began, ended = [line for line in lines if line["event"].startswith("inbox.")]
    assert (began["event"], began["shop"]) == ("inbox.reconciliation.failed", "flagship")
    assert began["failure"] == "PlatformUnavailable"
    assert (ended["event"], ended["shop"]) == ("inbox.reconciliation.recovered", "flagship")
    assert ended["failures"] == 3
