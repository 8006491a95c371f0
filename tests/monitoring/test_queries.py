"""Every query of the rules and the dashboard is answered by a real Prometheus."""

from pathlib import Path
from typing import Any

import pytest

from gateway.registry import PLATFORMS
from gateway.settings import Settings
from tests.e2e.test_outage import fast_clock
from tests.e2e.test_wanted_items import line, put
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, configuration, serving, weixin_shop
from tests.inbox.test_webhooks import deliver
from tests.monitoring.prometheus_server import prometheus_running
from tests.monitoring.rules import alerts, queries, selectors
from tests.waiting import eventually
from tests.wechat.deliveries import TOKEN, merchant_order, plain

READ = "{ orders(first: 2) { nodes { id } } products(first: 2) { nodes { id } } }"
#: Scrapes, one a second, after which each query sees at least two of them.
SCRAPES = 6


def settings(sandbox: Sandbox, folder: Path) -> Settings:
    """The four shops, of which the WeChat Store's takes messages."""
    shops = [
        shop | ({"event_token": TOKEN} if shop["platform"] == "wechat_store" else {})
        for shop in configuration(sandbox, folder)["shops"]
    ]
    shops.append(weixin_shop(sandbox))
    return Settings.from_dict(PLATFORMS, configuration(sandbox, folder, shops=shops))


async def load(client: Client, sandbox: Sandbox) -> None:
    """A little of everything that callers and platforms do."""
    # One call fails, and is repeated.
    sandbox.fault("http_status", 503, platform="weixin_store")
    assert (await client.ask(READ)).data
    assert (await client.ask("{ nothing }")).codes
    await put(client, line("s1"))
    order = str(sandbox.order()["order_id"])
    assert await deliver(client, plain(merchant_order(order))) == (200, "success")


@pytest.mark.long
@pytest.mark.usefixtures("serve")
async def test_every_query_has_a_result_in_a_real_scrape(
    prometheus: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    wrong: dict[str, str] = {}
    async with serving(settings(sandbox, tmp_path), fast_clock()) as client:
        target = client.http.base_url.netloc.decode()
        await load(client, sandbox)
        async with prometheus_running(prometheus, tmp_path, target) as server:

            async def scraped() -> bool:
                found: list[Any] = await server.query("count_over_time(up[1m])")
                return bool(found) and int(found[0]["value"][1]) >= SCRAPES

            await eventually(scraped)
            await load(client, sandbox)
            for query in queries("1m"):
                if not await server.query(query.expression):
                    wrong[query.panel] = query.expression
            for alert in alerts():
                for metric, labels in selectors(alert.expression):
                    there = await server.series(metric)
                    if not there or labels - {label for one in there for label in one}:
                        wrong[alert.name] = f"{metric} by {sorted(labels)}"
                await server.query(alert.expression)
            rules = await server.rules()

    assert wrong == {}
    assert sorted(rule["name"] for rule in rules) == sorted(alert.name for alert in alerts())
    assert {rule["name"]: rule.get("lastError") for rule in rules if rule["health"] != "ok"} == {}
    # A gateway that is well makes no noise.
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []
