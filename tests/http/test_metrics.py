"""The figures, and who may see them."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.errors import Forbidden, Unauthenticated
from gateway.http.api import create_api
from gateway.http.local_callers import LocalCallers
from gateway.http.metrics import add_metrics_routes
from gateway.http.request import RequestInfo
from gateway.telemetry import SHARED_FOLDER, Telemetry


async def admission(request: RequestInfo) -> None:
    """Lets one key pass, knows another."""
    if request.authorization is None:
        raise Unauthenticated("an API key is required")
    if request.authorization != "Bearer ops":
        raise Forbidden("the key lacks the scope ops:read")


def counted() -> Telemetry:
    """Telemetry of a little work."""
    telemetry = Telemetry()
    telemetry.operation("query", "OK", 0.02)
    telemetry.operation("query", "OK", 0.2)
    telemetry.operation("mutation", "INTERNAL", 1)
    telemetry.called("flagship", "order.getbyid", "ok", 0.1)
    telemetry.left_alone("flagship", "order.getbyid", alone=True)
    telemetry.breaker_opened("flagship", "order.getbyid")
    telemetry.refused("flagship", "order.getbyid")
    telemetry.retried("flagship", "order.getbyid")
    telemetry.token_fetched("flagship", "refused")
    telemetry.token_taken("flagship", 1_700_000_000.0)
    telemetry.task_succeeded("retention", 1_700_000_000.0)
    telemetry.task_failed("retention")
    telemetry.retained("orders", 3)
    telemetry.retention_overdue("orders", 60.0)
    telemetry.retention_done(1_700_000_000.0)
    return telemetry


async def ask(client: tuple[str, int] = ("10.0.0.9", 5), **headers: str) -> httpx.Response:
    """What /metrics answers to somebody."""
    app = create_api()
    add_metrics_routes(app, counted().exposition, admission, LocalCallers(possible=True))
    transport = httpx.ASGITransport(app, client=client)
    sent: dict[str, Any] = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        return await http.get("/metrics", headers=sent)


async def test_the_figures_are_counted() -> None:
    lines = (await ask(authorization="Bearer ops")).text.splitlines()

    for line in (
        'gateway_operations_total{code="OK",kind="query"} 2.0',
        'gateway_operations_total{code="INTERNAL",kind="mutation"} 1.0',
        'gateway_operation_seconds_bucket{kind="query",le="0.025"} 1.0',
        'gateway_operation_seconds_sum{kind="query"} 0.22',
        'gateway_upstream_calls_total{endpoint="order.getbyid",outcome="ok",shop="flagship"} 1.0',
        'gateway_upstream_call_seconds_count{endpoint="order.getbyid",shop="flagship"} 1.0',
        'gateway_upstream_breaker_open{endpoint="order.getbyid",shop="flagship"} 1.0',
        'gateway_upstream_breaker_openings_total{endpoint="order.getbyid",shop="flagship"} 1.0',
        'gateway_upstream_attempts_refused_total{endpoint="order.getbyid",shop="flagship"} 1.0',
        'gateway_upstream_retries_total{endpoint="order.getbyid",shop="flagship"} 1.0',
        'gateway_token_fetches_total{outcome="refused",shop="flagship"} 1.0',
        'gateway_token_expires_timestamp_seconds{shop="flagship"} 1.7e+09',
        'gateway_background_task_last_success_timestamp_seconds{task="retention"} 1.7e+09',
        'gateway_background_task_failures_total{task="retention"} 1.0',
        'gateway_retention_rows_total{kind="orders"} 3.0',
        'gateway_retention_overdue_seconds{kind="orders"} 60.0',
        "gateway_retention_last_success_timestamp_seconds 1.7e+09",
    ):
        assert line in lines


async def test_readiness_is_measured_when_it_is_asked_for() -> None:
    app, telemetry, asked = create_api(), Telemetry(), []

    async def measure() -> None:
        asked.append("store")
        telemetry.readiness(["store", "disk"], ["store"], ready=False)

    add_metrics_routes(app, telemetry.exposition, admission, LocalCallers(possible=True), measure)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gateway"
    ) as http:
        refused = await http.get("/metrics")
        lines = (
            await http.get("/metrics", headers={"authorization": "Bearer ops"})
        ).text.splitlines()

    assert (refused.status_code, asked) == (401, ["store"])
    assert "gateway_ready 0.0" in lines
    assert 'gateway_readiness_check_passed{check="store"} 0.0' in lines
    assert 'gateway_readiness_check_passed{check="disk"} 1.0' in lines


async def test_the_reader_may_ask_for_openmetrics() -> None:
    response = await ask(authorization="Bearer ops", accept="application/openmetrics-text")

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        (("10.0.0.9", 5), {}, 401),
        (("10.0.0.9", 5), {"authorization": "Bearer other"}, 403),
        (("10.0.0.9", 5), {"authorization": "Bearer ops"}, 200),
        (("10.0.0.9", 5), {"host": "localhost"}, 401),
        (("127.0.0.1", 5), {"host": "localhost:8000"}, 200),
        (("127.0.0.1", 5), {"host": "127.0.0.1:8000"}, 200),
        (("::1", 5), {"host": "[::1]:8000"}, 200),
        (("127.0.0.1", 5), {"host": "shop.example"}, 401),
        (("127.0.0.1", 5), {"host": "localhost", "x_forwarded_for": "10.0.0.9"}, 401),
        (("not an address", 5), {"host": "localhost"}, 401),
    ],
)
async def test_only_who_may_sees_them(
    client: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    response = await ask(client, **headers)

    assert response.status_code == status
    assert ("gateway_operations_total" in response.text) is (status == 200)


WORKER = """
from gateway.telemetry import Telemetry
telemetry = Telemetry()
telemetry.operation("query", "OK", 0.02)
telemetry.following(1)
print(telemetry.exposition(None)[0].decode())
"""


def test_the_figures_of_several_processes_are_added_up(tmp_path: Path) -> None:
    environment = {**os.environ, SHARED_FOLDER: str(tmp_path)}

    said = [
        subprocess.run(
            [sys.executable, "-c", WORKER],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(3)
    ]

    assert 'gateway_operations_total{code="OK",kind="query"} 3.0' in said[-1]
    # Those of processes that are gone are open no more.
    assert "gateway_subscriptions 1.0" in said[-1]


BESIDE = """
import sys
from gateway.telemetry import Telemetry
telemetry = Telemetry()
alone, ends = sys.argv[1] == "alone", float(sys.argv[2])
telemetry.left_alone("flagship", "order.getbyid", alone=alone)
telemetry.token_fetched("flagship", "ok")
telemetry.token_taken("flagship", ends)
telemetry.task_succeeded("outbox_dispatch/flagship", 3_400_000_500 - ends)
for _ in sys.stdin:
    figures = telemetry.exposition(None)[0].decode().splitlines()
    print([line for line in figures if 'flagship"' in line], flush=True)
"""


def test_processes_side_by_side_tell_what_any_of_them_leaves_alone(tmp_path: Path) -> None:
    def begin(*arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", BESIDE, *arguments],
            env={**os.environ, SHARED_FOLDER: str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def told(process: "subprocess.Popen[str]") -> list[str]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        figures: list[str] = ast.literal_eval(process.stdout.readline())
        return sorted(figures)

    ends = 'gateway_token_expires_timestamp_seconds{shop="flagship"}'
    fetches = 'gateway_token_fetches_total{outcome="ok",shop="flagship"}'
    alone = 'gateway_upstream_breaker_open{endpoint="order.getbyid",shop="flagship"}'
    success = "gateway_background_task_last_success_timestamp_seconds"
    success += '{task="outbox_dispatch/flagship"}'
    nothing_yet = [
        'gateway_background_task_failures_total{task="outbox_dispatch/flagship"} 0.0',
        *(
            f'gateway_upstream_{what}_total{{endpoint="order.getbyid",shop="flagship"}} 0.0'
            for what in ("attempts_refused", "breaker_openings", "retries")
        ),
    ]
    with begin("alone", "1700000500") as first:
        told(first)
        with begin("not", "1700000000") as second:
            shared = [f"{ends} 1.7e+09", f"{fetches} 2.0", *nothing_yet]
            assert told(second) == sorted([f"{success} 1.7e+09", *shared, f"{alone} 1.0"])
            first.kill()
            first.wait()
            assert told(second) == sorted([f"{success} 1.7000005e+09", *shared, f"{alone} 0.0"])
