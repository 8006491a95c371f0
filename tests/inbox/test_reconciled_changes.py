"""Orders that their platform lists by the time of change: the reconciler reads these alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.concurrency.clock import DAY, Clock
from gateway.inbox.reconciler import Reconciler
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.settings import Settings
from gateway.store.index_progress import IndexReach
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration, weixin_shop
from tests.inbox.test_webhooks import order_changes, rows
from tests.index.contents import index_of

GET = "/channels/ec/order/get"


@pytest.fixture
async def opened(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[RuntimeResources]:
    """A gateway's parts over a Weixin Store alone, with nothing at work."""
    assert serve is not None
    sections = configuration(sandbox, tmp_path, shops=[weixin_shop(sandbox)])
    async with open_resources(Settings.from_dict(PLATFORMS, sections), Clock()) as parts:
        yield parts


def reconciler_of(parts: RuntimeResources) -> Reconciler:
    index = index_of(parts)
    return Reconciler(
        parts.store,
        {"weixin": index.adapters["weixin"]},
        parts.notifier.notify,
        Clock().wall,
        every=0.0,
        index=index.writer,
    )


def gets(sandbox: Sandbox) -> list[str]:
    return [one["body"]["order_id"] for one in sandbox.requests(GET)]


def oldest(sandbox: Sandbox) -> str:
    """An order from long before what is recent."""
    (shop,) = sandbox.shops("weixin_store").values()
    first = min(shop["orders"].values(), key=lambda one: one["create_time"])
    assert first["create_time"] < sandbox.state()["now"] - 30 * DAY
    return str(first["order_id"])


async def in_step(parts: RuntimeResources) -> None:
    """Lets the index be compared with the platform for the first time now."""
    reach = IndexReach(shop="weixin", kind="orders", in_step_at=Clock().wall(), done=True)
    async with parts.store.transaction() as transaction:
        await parts.store.index_progress.put(transaction, reach)


async def test_the_first_look_takes_down_how_recent_orders_stand(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    await reconciler_of(opened).work()

    assert order_changes(tmp_path) == []
    assert 0 < len(gets(sandbox)) < 60


async def test_a_change_of_an_order_of_any_age_is_found(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    await in_step(opened)
    reconciler = reconciler_of(opened)
    await reconciler.work()
    order = oldest(sandbox)
    sandbox.client.post(f"/_sandbox/weixin/orders/{order}", json={"status": 200})
    sandbox.clear_log()

    await reconciler.work()

    # It may be read twice: its change is within what clocks may differ by.
    assert order in gets(sandbox)
    indexed = dict(rows(tmp_path, "select platform_id, status from index_orders"))
    assert indexed[order] == "REFUNDED"
    assert order_changes(tmp_path) == [(order, None, None, "REFUNDED", "POLL")]
