"""`gateway status` on a store of its own, with and without a running gateway."""

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from gateway.cli import main
from gateway.cli.running_gateway import RunningGateway, ask_gateway
from gateway.cli.table import span, table
from gateway.outbox.message import OrderPayload, written
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store.documents import OrderPersonal
from gateway.store.index_progress import IndexReach
from gateway.store.pushes import NewPush
from gateway.store.store import Store
from gateway.store.tables import pushes
from gateway.store.webhook_endpoints import NewWebhookEndpoint
from tests.cli.conftest import STORE_KEY, Configure
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration
from tests.store.samples import order

ERROR = '{"endpoint":"add.main.info","message":"no","code":"72001"}'
PRODUCTS = '{ products(first: 1, filter: {shops: ["flagship"]}) { sources { state } } }'
#: Nothing listens there.
NOWHERE = "[server]\nport = 9\n"


async def fill(path: Path) -> None:
    """Leave a push that was refused, one that waits, an index begun, and a failing webhook."""
    store = await Store.open(f"sqlite:///{path}", encryption_key=STORE_KEY, clock=time.time)
    try:
        async with store.transaction() as transaction:
            for number in ("1", "2"):
                document = order(number)
                await store.orders.put(transaction, "swan", document, OrderPersonal())
                push = NewPush(
                    shop="swan",
                    operation="ORDER_IMPORT",
                    aggregate=f"order/{number}",
                    version=1,
                    payload=written(OrderPayload(order=document)),
                    personal=OrderPersonal(),
                    order_id=number,
                )
                await store.pushes.add(transaction, push)
            refused = {"state": "REJECTED", "attempts": 1, "last_error": ERROR}
            statement = update(pushes).where(pushes.c.id == 1).values(refused)
            await transaction.connection.execute(statement)
            reach = IndexReach(
                shop="flagship", kind="orders", complete_from=1_700_000_000, seen=5, expected=9
            )
            await store.index_progress.put(transaction, reach)
            endpoint = NewWebhookEndpoint(
                url="https://crm.example/hooks/canary-4f1c9a",
                topics=frozenset({"ORDER_CHANGED"}),
                shops=None,
                key_name="crm",
                key_id="k1",
                secret="whsec_AAAA",
            )
            made = await store.webhook_endpoints.add(transaction, endpoint, most=1)
            assert made is not None
            await store.webhook_endpoints.note_failure(transaction, made)
    finally:
        await store.close()


def status(config: Path, *arguments: str) -> int:
    return main(["status", *arguments, "--config", str(config)])


@pytest.fixture
def config(configure: Configure, tmp_path: Path) -> Path:
    asyncio.run(fill(tmp_path / "gateway.db"))
    return configure(more=NOWHERE)


def test_shops_backlog_webhooks_and_errors_are_shown(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(config) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "gateway  unreachable at http://127.0.0.1:9"
    shops = [re.split(r" {2,}", line) for line in lines[2:6]]
    assert shops[0] == ["SHOP", "PLATFORM", "HEALTH", "TOKEN UNTIL", "INDEX", "PUSHES", "EVENTS"]
    index = "orders since 2023-11-14, 5 of 9 read"
    assert shops[1] == ["flagship", "wechat_store", "-", "-", index, "0", "0"]
    assert shops[2] == ["mini", "mini_program", "-", "-", "-", "0", "0"]
    pushes = shops[3].pop(5)
    assert shops[3] == ["swan", "baidu", "-", "-", "-", "0"]
    assert re.fullmatch(r"1 waiting for \d+ (s|min), 1 failed", pushes)
    assert lines[7].split() == ["WEBHOOK", "HOST", "KEY", "STATE", "WAITING", "FAILED"]
    assert lines[8].split()[:5] == ["1", "crm.example", "crm", "failing", "since"]
    assert lines[10:] == ["last errors", "  swan  push 1, REJECTED: add.main.info: 72001 no"]


def test_programs_get_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(config, "--json") == 0

    out = capsys.readouterr().out
    assert "canary" not in out
    told: dict[str, Any] = json.loads(out)
    assert told["gateway"] == {
        "address": "http://127.0.0.1:9",
        "state": "unreachable",
        "version": None,
    }
    assert told["store"] == {"readable": True, "problem": None}
    flagship, _, swan = told["shops"]
    assert flagship == {
        "key": "flagship",
        "platform": "wechat_store",
        "openBreakers": None,
        "tokenExpiresAt": None,
        "index": {
            "completeFrom": "2023-11-14T22:13:20Z",
            "done": False,
            "seen": 5,
            "expected": 9,
            "inStepAt": None,
        },
        "pushes": {"waiting": 0, "oldest": None, "failed": 0, "lastError": None},
        "events": {"waiting": 0, "oldest": None, "lastGivenUp": None},
    }
    assert swan["pushes"].pop("oldest") is not None
    assert swan["pushes"] == {
        "waiting": 1,
        "failed": 1,
        "lastError": {
            "push": 1,
            "state": "REJECTED",
            "endpoint": "add.main.info",
            "code": "72001",
            "message": "no",
        },
    }
    (webhook,) = told["webhooks"]
    assert webhook.pop("failingSince") is not None
    assert webhook == {
        "id": 1,
        "host": "crm.example",
        "key": "crm",
        "enabled": True,
        "disabledReason": None,
        "waiting": 0,
        "failed": 0,
    }


@pytest.mark.parametrize(
    ("terminal", "no_color", "coloured"),
    [(True, "", True), (True, "1", False), (False, "", False)],
)
def test_a_terminal_gets_colours_unless_no_color_is_set(
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,  # noqa: FBT001 - a case of the table
    no_color: str,
    coloured: bool,  # noqa: FBT001 - a case of the table
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    monkeypatch.setenv("NO_COLOR", no_color)

    assert status(config) == 0

    out = capsys.readouterr().out
    assert ("\x1b[33munreachable\x1b[0m" in out) is coloured
    assert ("\x1b[" in out) is coloured


def test_a_store_that_is_not_there_is_told_and_not_made(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure(more=NOWHERE)

    assert status(config) == 1

    told = capsys.readouterr()
    assert told.out.splitlines()[-1].split() == ["swan", "baidu", "-", "-", "-", "-", "-"]
    file = config.with_name("gateway.db")
    assert told.err == f"gateway: store.url: there is no {file} yet; the first start makes it\n"
    assert not file.exists()
    assert status(config, "--json") == 1
    assert json.loads(capsys.readouterr().out)["store"]["readable"] is False


async def test_a_running_gateway_is_asked_for_health_and_tokens(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve() as client:
        await client.ask(
            '{ products(first: 1, filter: {shops: ["flagship"]}) { sources { state } } }'
        )
        port = client.http.base_url.port
        document = configuration(sandbox, tmp_path, server={"port": port})
        told = await ask_gateway(Settings.from_dict(PLATFORMS, document), within=180.0)

    assert (told.address, told.state) == (f"http://127.0.0.1:{port}", "ready")
    assert told.version is not None
    assert told.open_breakers == {}
    assert list(told.tokens) == ["flagship"]
    assert told.tokens["flagship"] > 1_700_000_000


async def test_metrics_that_are_not_for_this_caller_leave_health_open(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    server = {"public_url": "https://api.example"}
    async with serve(server=server, auth={"mode": "keys"}) as client:
        port = client.http.base_url.port
        document = configuration(sandbox, tmp_path, server={"port": port})
        told = await ask_gateway(Settings.from_dict(PLATFORMS, document), within=180.0)

    assert told == RunningGateway(f"http://127.0.0.1:{port}", "ready")


def test_columns_are_as_wide_as_a_terminal_shows_them() -> None:
    assert list(table(("A", "B"), [("店", "x"), ("y", "z")])) == [
        "\x1b[1mA   B\x1b[0m\n",
        "店  x\n",
        "y   z\n",
    ]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-1.0, "0 s"), (119.9, "119 s"), (120.0, "2 min"), (7_200.0, "2 h"), (172_800.0, "2 d")],
)
def test_a_length_of_time_has_one_unit(seconds: float, told: str) -> None:
    assert span(seconds) == told
