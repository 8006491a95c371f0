"""What a running gateway tells Prometheus is named and written as Prometheus wants it."""

import asyncio
import platform
from importlib.metadata import version
from pathlib import Path

from prometheus_client.openmetrics import parser

from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration, weixin_shop

READ = "{ orders(first: 2) { nodes { id } } products(first: 2) { nodes { id } } }"
OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


async def test_promtool_finds_nothing_to_mend_in_a_real_scrape(
    promtool: Path, serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    shops = [*configuration(sandbox, tmp_path)["shops"], weixin_shop(sandbox)]
    async with serve(shops=shops) as client:
        assert (await client.ask(READ)).data
        await client.ask("{ nothing }")
        told = (await client.http.get("/metrics")).text
        open_metrics = await client.http.get("/metrics", headers=OPEN_METRICS)

    check = await asyncio.create_subprocess_exec(
        *(promtool, "check", "metrics"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await check.communicate(told.encode())
    assert (check.returncode, said.decode()) == (0, "")

    lines = told.splitlines()
    python = platform.python_version()
    build = f'gateway_build_info{{python="{python}",version="{version("commerce-gateway")}"}} 1.0'
    assert build in lines
    assert "gateway_ready 1.0" in lines
    assert 'gateway_readiness_check_passed{check="store"} 1.0' in lines
    # What is to be alerted on is there before it happens.
    for shop in ("flagship", "mini", "swan", "weixin"):
        assert f'gateway_token_fetches_total{{outcome="refused",shop="{shop}"}} 0.0' in lines
        assert f'gateway_event_attempts_total{{outcome="given_up",shop="{shop}"}} 0.0' in lines
    assert 'gateway_upstream_quota_calls{period="day",shop="weixin"} 500000.0' in lines
    for text in (told, open_metrics.text):
        assert "_created" not in text
    families = list(parser.text_string_to_metric_families(open_metrics.text))  # type: ignore[no-untyped-call]
    assert {family.name.partition("_")[0] for family in families} == {"gateway", "process"}
