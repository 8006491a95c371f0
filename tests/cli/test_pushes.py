"""`gateway pushes` and `gateway erase` on a ledger of their own."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from gateway.cli import main
from gateway.cli.progress import ProgressLine
from gateway.cli.table import moment
from gateway.outbox.message import OrderPayload, written
from gateway.store.documents import OrderPersonal
from gateway.store.pushes import NewPush
from gateway.store.row_numbers import PUSHES
from gateway.store.store import Store
from gateway.store.tables import pushes
from schema.key import Key
from tests.cli.conftest import STORE_KEY, Configure
from tests.fixtures_redis import RedisServer
from tests.store.samples import order


def rows(told: str) -> list[list[str]]:
    """The cells of each line of a table."""
    return [re.split(r" {2,}", line) for line in told.splitlines()]


async def fill(path: Path) -> None:
    """Leave an order in the ledger whose import was refused, and another that waits."""
    store = await Store.open(f"sqlite:///{path}", encryption_key=STORE_KEY, clock=time.time)
    personal = OrderPersonal(open_id="buyer-1")
    try:
        async with store.transaction() as transaction:
            for number in ("1", "2"):
                document = order(number)
                await store.orders.put(transaction, "swan", document, personal)
                push = NewPush(
                    shop="swan",
                    operation="ORDER_IMPORT",
                    aggregate=f"order/{number}",
                    version=1,
                    payload=written(OrderPayload(order=document)),
                    personal=personal,
                    order_id=number,
                )
                await store.pushes.add(transaction, push)
            refused = {
                "state": "REJECTED",
                "attempts": 1,
                "last_error": '{"endpoint":"add.main.info","message":"no","code":"72001"}',
            }
            statement = update(pushes).where(pushes.c.id == 1).values(refused)
            await transaction.connection.execute(statement)
    finally:
        await store.close()


async def push_id(path: Path, number: int) -> str:
    """The id of a push, as the API gives it."""
    store = await Store.open(f"sqlite:///{path}", encryption_key=STORE_KEY, clock=time.time)
    await store.close()
    return Key("Push", "swan", store.row_numbers.conceal(PUSHES, number)).encode()


@pytest.fixture
def config(configure: Configure, tmp_path: Path) -> Path:
    asyncio.run(fill(tmp_path / "gateway.db"))
    return configure()


def run(config: Path, *arguments: str) -> int:
    return main([*arguments, "--config", str(config)])


def shown(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """Answer the table's cells but the times."""
    return [line.split()[:6] for line in capsys.readouterr().out.splitlines()]


def test_pushes_are_listed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "pushes", "list") == 0

    assert shown(capsys) == [
        ["ID", "SHOP", "OPERATION", "ORDER", "STATE", "TRIES"],
        ["2", "swan", "ORDER_IMPORT", "2", "PENDING", "0"],
        ["1", "swan", "ORDER_IMPORT", "1", "REJECTED", "1"],
    ]
    assert run(config, "pushes", "list", "--states", "rejected", "--shops", "swan") == 0
    out = capsys.readouterr().out
    assert out.splitlines()[1].endswith("add.main.info: 72001 no")
    assert run(config, "pushes", "list", "--most", "1") == 0
    assert len(shown(capsys)) == 2
    assert run(config, "pushes", "list", "--json") == 0
    waiting, refused = json.loads(capsys.readouterr().out)
    assert waiting.pop("queuedAt") <= moment(time.time())
    assert waiting == {
        "id": 2,
        "shop": "swan",
        "operation": "ORDER_IMPORT",
        "order": "2",
        "state": "PENDING",
        "tries": 0,
        "lastError": None,
    }
    assert refused["lastError"] == {"endpoint": "add.main.info", "code": "72001", "message": "no"}


def test_a_push_is_sent_again_and_given_up(
    config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(config, "pushes", "retry", "1") == 0
    assert capsys.readouterr().out == "queued: a running gateway sends it within a second\n"
    assert run(config, "pushes", "discard", asyncio.run(push_id(tmp_path / "gateway.db", 2))) == 0
    assert capsys.readouterr().out == "discarded: it is not sent any more\n"

    assert run(config, "pushes", "list") == 0
    assert [row[4] for row in shown(capsys)[1:]] == ["DISCARDED", "PENDING"]


@pytest.mark.parametrize(
    ("push_id", "words"),
    [
        ("9", "There is no such push."),
        ("x", "expected a number"),
        (Key("Order", "swan", "1").encode(), "expected a number"),
    ],
)
def test_what_is_no_push_is_told(
    config: Path, capsys: pytest.CaptureFixture[str], push_id: str, words: str
) -> None:
    assert run(config, "pushes", "retry", push_id) == 1

    assert words in capsys.readouterr().err


def test_a_push_that_has_ended_stays(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "pushes", "discard", "1") == 0

    assert run(config, "pushes", "discard", "1") == 1
    assert "DISCARDED and cannot be discarded" in capsys.readouterr().err


def test_wrong_use_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "pushes", "list", "--states", "gone") == 2
    assert "expected PENDING" in capsys.readouterr().err


def test_a_shops_answers_are_erased_from_redis(
    config: Path,
    configure: Configure,
    redis_server: RedisServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(more=f'[cache]\nurl = "{redis_server.url}"')
    with redis_server.client() as redis:
        redis.mset({"answer:swan:a:1": b"1", "answer:swan:a:2": b"2", "answer:mini:a:1": b"3"})
        assert run(config, "erase", "buyer", "swan", "buyer-1") == 0
        left = redis.keys("answer:*")

    assert left == [b"answer:mini:a:1"]
    assert ["answers in Redis", "2"] in rows(capsys.readouterr().out)


def test_a_redis_that_is_away_is_told(
    config: Path, configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(more='[cache]\nurl = "redis://127.0.0.1:1/0"')
    assert run(config, "erase", "buyer", "swan", "buyer-1") == 0

    assert ["answers in Redis", "not reached: try again"] in rows(capsys.readouterr().out)


def test_a_buyer_is_erased(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "erase", "buyer", "swan", "buyer-1") == 0
    assert rows(capsys.readouterr().out) == [
        ["outcomes of mutations", "0"],
        ["files and results of bulk operations", "0"],
        ["requests of bulk operations", "0"],
        ["order changes", "0"],
        ["orders", "2"],
        ["calls of pushes", "0"],
        ["pushes", "2"],
        ["want-to-buy lists", "0"],
        ["buyer links", "0"],
        ["events and unreadable messages", "0"],
        ["metadata of orders", "0"],
        ["indexed after-sales", "0"],
        ["indexed orders", "0"],
        ["mirrors", "0"],
        ["answers in Redis", "not used"],
        ["answers in memory", "dropped by running gateways within 2 s"],
        ["4 rows held personal data; it is erased"],
    ]

    assert run(config, "erase", "buyer", "swan", "buyer-1") == 0
    assert capsys.readouterr().out.endswith("\n0 rows held personal data; it is erased\n")
    (config.parent / "gateway.db.before-0001").touch()
    assert run(config, "erase", "older", "1") == 0
    assert capsys.readouterr().out.endswith(
        "not erased: gateway.db.before-0001, a copy made before a migration; delete it\n"
    )
    assert run(config, "erase", "buyer", "nowhere", "buyer-1") == 1
    assert "there is no shop 'nowhere'" in capsys.readouterr().err
    assert run(config, "erase", "older", "30") == 0


def test_what_waits_for_a_shop_that_is_no_more_is_listed_and_told(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text().replace('key = "swan"', 'key = "bear"'))

    run(config, "pushes", "list", "--states", "PENDING")
    assert [row[1] for row in shown(capsys)] == ["SHOP", "swan"]
    run(config, "doctor")
    assert (
        "warn  store            pushes for swan, which takes none here, wait for ever: 1; "
        "configure the shop as it was, or `gateway pushes discard` them\n"
    ) in capsys.readouterr().out


def age(path: Path) -> None:
    """Let all rows be from long ago."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE orders SET written_at = 1")
        database.execute("UPDATE pushes SET queued_at = 1")


#: Progress on a terminal, where it has a bar, and elsewhere.
SHOWN = {
    "terminal": f"\r\x1b[Korders  [{'#' * 24}] 2 of 2 rows",
    "file": "orders: 2 of 2 rows\n",
}


@pytest.mark.parametrize("stderr", list(SHOWN))
def test_what_is_old_is_erased_with_progress(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, stderr: str
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: stderr == "terminal")
    age(config.with_name("gateway.db"))

    assert run(config, "erase", "older", "365") == 0

    told = capsys.readouterr()
    assert ["orders", "2"] in rows(told.out)
    assert told.out.endswith("4 rows held personal data; it is erased\n")
    # On a slow machine there is time to show more.
    assert told.err.startswith(SHOWN[stderr])
    assert told.err.endswith("\r\x1b[K" if stderr == "terminal" else "\n")
    assert run(config, "erase", "older", "365") == 0
    assert capsys.readouterr().out.endswith("0 rows held personal data; it is erased\n")


def test_an_erasure_that_is_interrupted_says_that_it_can_go_on(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    age(config.with_name("gateway.db"))

    def interrupt(_line: ProgressLine, _text: str) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(ProgressLine, "show", interrupt)
    # A command that served in this process before leaves the signal ignored.
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert run(config, "erase", "older", "365") == 1
    finally:
        signal.signal(signal.SIGINT, former)

    assert capsys.readouterr().err == (
        "What is erased stays erased; run the command again to erase the rest.\n"
        "gateway: interrupted\n"
    )
