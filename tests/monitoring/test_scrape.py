"""What a running gateway tells Prometheus is named and written as Prometheus wants it."""

import asyncio
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from prometheus_client.openmetrics import parser

from gateway.telemetry import SHARED_FOLDER
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration, weixin_shop

READ = "{ orders(first: 2) { nodes { id } } products(first: 2) { nodes { id } } }"
OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


WORKER = """
from gateway.telemetry import Telemetry
telemetry = Telemetry()
telemetry.expect(["swan"], ["swan"])
telemetry.operation("query", "OK", 0.02)
telemetry.readiness(["store"], [], ready=True)
telemetry.quota_used("swan", "day", 3, 10)
print(telemetry.exposition(None)[0].decode(), end="")
"""


async def checked(promtool: Path, text: str) -> tuple[int | None, str]:
    """What promtool's linter says of metrics, and its exit status."""
    check = await asyncio.create_subprocess_exec(
        *(promtool, "check", "metrics"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await check.communicate(text.encode())
    return check.returncode, said.decode()


async def test_promtool_finds_nothing_to_mend_in_a_real_scrape(
    promtool: Path, serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    shops = [*configuration(sandbox, tmp_path)["shops"], weixin_shop(sandbox)]
    async with serve(shops=shops) as client:
        assert (await client.ask(READ)).data
        await client.ask("{ nothing }")
        told = (await client.http.get("/metrics")).text
        open_metrics = await client.http.get("/metrics", headers=OPEN_METRICS)

    assert await checked(promtool, told) == (0, "")

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


async def test_nor_does_it_in_what_several_processes_tell_together(
    promtool: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WORKER),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, SHARED_FOLDER: str(tmp_path)},
        )
        said, _ = await worker.communicate()
    told = said.decode()

    assert await checked(promtool, told) == (0, "")
    lines = told.splitlines()
    python = platform.python_version()
    build = f'gateway_build_info{{python="{python}",version="{version("commerce-gateway")}"}} 1.0'
    assert build in lines
    assert 'gateway_operations_total{code="OK",kind="query"} 2.0' in lines
    assert 'gateway_token_fetches_total{outcome="refused",shop="swan"} 0.0' in lines
    assert "_created" not in told
