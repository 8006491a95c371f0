"""A rehearsal: Baidu is down for a minute, orders are accepted meanwhile, then all go out."""

import asyncio
import time
from pathlib import Path
from typing import Any

from gateway.concurrency.clock import Clock
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from tests.e2e.order_samples import IMPORT_MANY, SET_STATUS, baidu_order
from tests.fixtures_figures import Note
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, configuration, serving

#: The gateway's clock runs so much faster than ours.
SPEED = 30
#: Seconds of the gateway's clock that Baidu is down.
OUTAGE = 60
ORDERS, BATCH = 200, 50
CENTRE = "/rest/2.0/smartapp/ordercenter/app"

PUSHES = """
query($after: String) {
  pushes(first: 100, after: $after, filter: { shops: ["swan"] }) {
    nodes {
      state operation attempts queuedAt deliveredAt
      lastError { endpoint httpStatus }
      subject { ... on Order { platformId } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def fast_clock() -> Clock:
    """Answer a clock on which a minute passes in two seconds."""
    begun, here = time.time(), time.monotonic()
    return Clock(
        monotonic=lambda: here + (time.monotonic() - here) * SPEED,
        wall=lambda: begun + (time.time() - begun) * SPEED,
        sleep=lambda seconds: asyncio.sleep(seconds / SPEED),
    )


async def all_pushes(gateway: Client) -> list[dict[str, Any]]:
    """Answer the pushes, the oldest first."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await gateway.ask(PUSHES, {"after": after})).data["pushes"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found[::-1]
        after = page["pageInfo"]["endCursor"]


async def accept(gateway: Client, names: list[str]) -> None:
    """Import orders, and ship them: everything is accepted, nothing can be delivered."""
    imported = (
        await gateway.ask(IMPORT_MANY, {"input": [baidu_order(name) for name in names]})
    ).data["ordersImport"]
    assert imported["userErrors"] == []
    assert {push["state"] for push in imported["pushes"]} == {"PENDING"}
    given = [{"id": order["id"], "status": "SHIPPED"} for order in imported["orders"]]
    shipped = (await gateway.ask(SET_STATUS, {"input": given})).data["orderSetStatus"]
    assert {push["state"] for push in shipped["pushes"]} == {"PENDING"}


async def test_nothing_is_lost_while_baidu_is_down(
    sandbox: Sandbox, tmp_path: Path, figures: Note
) -> None:
    limits = {"max_cost": 100_000, "cost_per_minute": 10_000_000}
    # Deadlines are counted on the fast clock too.
    upstream = {"connect_timeout": 30, "read_timeout": 90}
    settings = Settings.from_dict(
        PLATFORMS, configuration(sandbox, tmp_path, limits=limits, upstream=upstream)
    )
    names = [f"B{number:03}" for number in range(ORDERS)]
    async with serving(settings, fast_clock()) as gateway:
        sandbox.fault("http_status", 503, path=CENTRE, times=None)
        down = time.monotonic()
        for start in range(0, ORDERS, BATCH):
            await accept(gateway, names[start : start + BATCH])
        await asyncio.sleep(max(0.0, OUTAGE / SPEED - (time.monotonic() - down)))
        sandbox.clear_faults()
        back = time.monotonic()

        pushes = await all_pushes(gateway)
        while any(push["state"] == "PENDING" for push in pushes):
            await asyncio.sleep(0.2)
            pushes = await all_pushes(gateway)
        took = (time.monotonic() - back) * SPEED

    assert [push["state"] for push in pushes] == ["DELIVERED"] * (2 * ORDERS)
    first_tries = [push for push in pushes if push["operation"] == "ORDER_IMPORT"]
    assert all(push["attempts"] >= 2 for push in first_tries)
    assert {push["lastError"]["endpoint"] for push in first_tries} == {"add.main.info"}
    assert all(push["deliveredAt"] > push["queuedAt"] for push in first_tries)
    (shop,) = sandbox.shops("baidu").values()
    for name in names:
        assert shop["orders"][name]["calls"] == ["add/main/info 5", "update/main/status 6"]
    figures(
        f"rehearsal: Baidu down for {OUTAGE} s, {ORDERS} imports and {ORDERS} statuses accepted,"
        f" all delivered in order within {took:.0f} s of its return"
    )
