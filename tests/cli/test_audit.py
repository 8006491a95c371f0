"""What the command line does is in the audit log, in the transaction of what it does."""

import asyncio
import getpass
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main
from gateway.store.row_numbers import PUSHES
from gateway.store.store import Store
from schema.key import Key
from tests.cli.conftest import STORE_KEY, Configure
from tests.cli.test_pushes import fill


@pytest.fixture
def config(configure: Configure, tmp_path: Path) -> Path:
    asyncio.run(fill(tmp_path / "gateway.db"))
    return configure()


def run(config: Path, *arguments: str) -> int:
    return main([*arguments, "--config", str(config)])


def events(config: Path, file: str = "gateway.db") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(config.with_name(file))) as database:
        return database.execute(
            "SELECT actor, action, shops, subject, outcome FROM audit_events ORDER BY at"
        ).fetchall()


async def ids_of_pushes(config: Path, *numbers: int) -> list[str]:
    """The ids of these rows, as the API shows them."""
    url = f"sqlite:///{config.with_name('gateway.db')}"
    store = await Store.open(url, encryption_key=STORE_KEY, clock=time.time)
    try:
        opaque = [store.row_numbers.conceal(PUSHES, number) for number in numbers]
    finally:
        await store.close()
    return [Key("Push", "swan", name).encode() for name in opaque]


def test_each_act_has_an_event(config: Path) -> None:
    user = f"cli:{getpass.getuser()}"

    assert run(config, "pushes", "list") == 0
    assert run(config, "pushes", "retry", "1") == 0
    assert run(config, "pushes", "discard", "2") == 0
    assert run(config, "erase", "buyer", "swan", "buyer-1") == 0
    assert run(config, "erase", "older", "30") == 0

    first, second = asyncio.run(ids_of_pushes(config, 1, 2))
    assert events(config) == [
        (user, "gateway pushes retry", ",swan,", first, "OK"),
        (user, "gateway pushes discard", ",swan,", second, "OK"),
        (user, "gateway erase buyer", ",swan,", None, "OK"),
        (user, "gateway erase older", "", None, "OK"),
    ]


def test_an_act_that_is_refused_has_none(config: Path) -> None:
    assert run(config, "pushes", "retry", "9") == 1
    assert run(config, "erase", "buyer", "nowhere", "buyer-1") == 1

    assert events(config) == []


def test_what_cannot_be_written_to_the_log_is_not_done(config: Path) -> None:
    with closing(sqlite3.connect(config.with_name("gateway.db"))) as database:
        database.execute("ALTER TABLE audit_events RENAME TO elsewhere")

    assert run(config, "pushes", "discard", "2") == 1

    with closing(sqlite3.connect(config.with_name("gateway.db"))) as database:
        assert database.execute("SELECT state FROM pushes WHERE id = 2").fetchall() == [
            ("PENDING",)
        ]


def test_a_log_that_is_off_has_no_event(configure: Configure, tmp_path: Path) -> None:
    asyncio.run(fill(tmp_path / "gateway.db"))
    config = configure(more="[audit]\nenabled = false")

    assert run(config, "erase", "older", "30") == 0

    assert events(config) == []


def test_a_migration_is_told_once(configure: Configure) -> None:
    config = configure(store='url = "sqlite:///ledger.db"')

    assert run(config, "migrate") == 0
    assert run(config, "migrate") == 0

    assert [event[1] for event in events(config, "ledger.db")] == ["gateway migrate"]


def test_a_user_without_a_name_is_told_by_number(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert run(config, "erase", "older", "30") == 0

    assert events(config)[0][0] == f"cli:{os.getuid()}"
