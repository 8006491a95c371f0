"""`gateway events` on a ledger of its own."""

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.cli import main
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.store import Store
from gateway.store.tables import inbox_events
from tests.cli.conftest import STORE_KEY, Configure
from tests.wechat.deliveries import merchant_order

BROKEN = b"<xml><MsgType>ev\xffnt</MsgType><FromUserName>oBuyer</FromUserName></xml>"
CHAT = b"<xml><MsgType>text</MsgType><Content>hello</Content></xml>"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def partner_event(order_id: str) -> NewEvent:
    return NewEvent(
        shop="mini",
        kind="cooperation_shop_order",
        identity=("cooperation_shop_order", order_id),
        trusted=True,
        event_at=1_720_000_000,
        body=EventBody(order_id=order_id, partner_app_id="wx1111"),
    )


async def with_ledger(path: Path, work: Callable[[Store], Awaitable[None]]) -> None:
    store = await Store.open(f"sqlite:///{path}", encryption_key=STORE_KEY, clock=time.time)
    try:
        await work(store)
    finally:
        await store.close()


async def give_up(store: Store, event: NewEvent) -> None:
    async with store.transaction() as transaction:
        await store.inbox.receive(transaction, event)
        [claimed] = await store.inbox.claim(transaction, "one", lease=60.0, limit=9)
        await store.dead_letters.give_up(
            transaction, "one", claimed, "the platform does not know the order"
        )


async def keep(store: Store, message: bytes, shop: str = "flagship") -> None:
    async with store.transaction() as transaction:
        await store.dead_letters.keep(
            transaction, shop, message, trusted=False, reason="a message without MsgType"
        )


@pytest.fixture
def config(configure: Configure, tmp_path: Path) -> Path:
    """A configuration over a ledger with an event that was given up and a broken message."""
    path = configure()
    taking_events = re.sub(
        r'key = "(flagship|mini)"', r'\g<0>\nevent_token = "t"', path.read_text()
    )
    path.write_text(taking_events)

    async def fill(store: Store) -> None:
        await give_up(store, partner_event("3704480"))
        await keep(store, BROKEN)

    asyncio.run(with_ledger(tmp_path / "gateway.db", fill))
    return path


def run(config: Path, *arguments: str) -> int:
    return main(["events", *arguments, "--config", str(config)])


def ids(config: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The ids that are listed, the latest first."""
    assert run(config, "list", "--json") == 0
    return [letter["id"] for letter in json.loads(capsys.readouterr().out)]


def states(folder: Path) -> list[tuple[str, str, int]]:
    """What the ledger has of events: kind, state and attempts."""
    found: list[tuple[str, str, int]] = []
    columns = inbox_events.c

    async def look(store: Store) -> None:
        statement = select(columns.kind, columns.state, columns.attempts).order_by(columns.kind)
        async with store.transaction() as transaction:
            found.extend(map(tuple, await transaction.connection.execute(statement)))

    asyncio.run(with_ledger(folder / "gateway.db", look))
    return found


def test_events_are_listed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "list") == 0

    head, broken, given_up = capsys.readouterr().out.splitlines()
    assert head.split() == ["ID", "SHOP", "EVENT", "ABOUT", "SIGNED", "TRIES", "RECEIVED", "REASON"]
    assert re.fullmatch(
        rf"[0-9a-f]{{12}}  flagship  unreadable +-  +no +0  +{TIME}  a message without MsgType",
        broken,
    )
    assert re.fullmatch(
        r"[0-9a-f]{12}  mini      cooperation_shop_order  3704480  yes     1 "
        rf" +{TIME}  the platform does not know the order",
        given_up,
    )
    assert run(config, "list", "--shops", "mini") == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["SHOP", "mini"]
    assert run(config, "list", "--most", "1") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_events_are_listed_for_programs(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "list", "--json", "--shops", "mini") == 0

    [letter] = json.loads(capsys.readouterr().out)
    for name in ("id", "receivedAt", "deadAt"):
        assert re.fullmatch(rf"[0-9a-f]{{12}}|{TIME}", letter.pop(name))
    assert letter == {
        "shop": "mini",
        "event": "cooperation_shop_order",
        "order": "3704480",
        "afterSale": None,
        "product": None,
        "payment": None,
        "partnerAppId": "wx1111",
        "signed": True,
        "tries": 1,
        "reason": "the platform does not know the order",
    }


def test_an_event_is_replayed_once(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, given_up = ids(config, capsys)

    assert run(config, "replay", given_up) == 0
    assert capsys.readouterr().out == "queued: a running gateway processes it within a second\n"
    assert states(tmp_path) == [("cooperation_shop_order", "PENDING", 0), ("unreadable", "DEAD", 0)]
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as database:
        events = database.execute("SELECT action, shops, outcome FROM audit_events").fetchall()
    assert events == [("gateway events replay", ",mini,", "OK")]
    assert run(config, "replay", given_up) == 1
    assert capsys.readouterr().err == "gateway: There is no such event.\n"


def test_a_message_that_still_cannot_be_read_stays(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, _ = ids(config, capsys)

    assert run(config, "replay", broken) == 1
    assert capsys.readouterr().err == (
        "gateway: The message still cannot be read: a message without MsgType.\n"
    )
    assert states(tmp_path)[1] == ("unreadable", "DEAD", 0)


def test_all_are_replayed_the_oldest_first(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def more(store: Store) -> None:
        await keep(store, merchant_order("42").encode())
        await keep(store, CHAT)
        await keep(store, CHAT, "swan")

    asyncio.run(with_ledger(tmp_path / "gateway.db", more))

    assert run(config, "replay", "--all") == 1

    out, err = capsys.readouterr()
    assert [line[14:] for line in out.splitlines()] == [
        "mini  queued: a running gateway processes it within a second",
        "flagship  left: The message still cannot be read: a message without MsgType.",
        "flagship  queued: a running gateway processes it within a second",
        "flagship  removed: it is about nothing that is followed, or is an event that came before",
        "swan  left: Shop swan takes no messages here.",
    ]
    assert err == "gateway: 2 of 5 events cannot be replayed\n"
    assert states(tmp_path) == [
        ("cooperation_shop_order", "PENDING", 0),
        ("merchant_order", "PENDING", 0),
        ("unreadable", "DEAD", 0),
        ("unreadable", "DEAD", 0),
    ]


def test_what_was_erased_is_not_replayed(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def erase(store: Store) -> None:
        async with store.transaction() as transaction:
            await transaction.connection.execute(update(inbox_events).values(body=None))

    asyncio.run(with_ledger(tmp_path / "gateway.db", erase))

    for letter in ids(config, capsys):
        assert run(config, "replay", letter) == 1
        told = "gateway: Nothing is left to replay: its content was erased.\n"
        assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    ("letter", "words"),
    [
        ("1", "expected an id"),
        ("%" * 12, "expected an id"),
        ("0" * 65, "expected an id"),
        ("0" * 12, "There is no such event."),
    ],
)
def test_what_is_no_event_is_told(
    config: Path, capsys: pytest.CaptureFixture[str], letter: str, words: str
) -> None:
    assert run(config, "replay", letter) == 1

    assert words in capsys.readouterr().err
