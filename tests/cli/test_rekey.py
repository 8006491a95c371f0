"""`gateway store rekey` on a ledger of its own."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cli import main
from tests.cli.conftest import STORE_KEY, Configure
from tests.cli.test_audit import events
from tests.cli.test_pushes import fill

NEW_KEY = "5a" * 32


@pytest.fixture
def config(configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with a new key, over a ledger that the old key wrote."""
    asyncio.run(fill(tmp_path / "gateway.db"))
    monkeypatch.setenv("OLD_KEY", STORE_KEY)
    monkeypatch.setenv("STORE_KEY", NEW_KEY)
    return configure(store='former_encryption_keys = [{ env = "OLD_KEY" }]')


def run(config: Path) -> int:
    return main(["store", "rekey", "--config", str(config)])


def test_a_store_is_rekeyed_and_says_what_is_left(
    config: Path, configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config) == 0

    told = capsys.readouterr()
    *places, left, done = told.out.splitlines()
    assert dict(line.rsplit(" rewritten", 1)[0].split() for line in places)["pushes"] == "2"
    assert left == "0 rows left under a former key"
    assert done == "the store needs no former key any more"
    # The second line would come ten seconds later.
    assert told.err == "orders: 2 of 2 rows\n"
    assert [event[1] for event in events(config)] == ["gateway store rekey"]
    assert run(configure()) == 0
    assert "pushes            0 rewritten\n" in capsys.readouterr().out


def test_a_key_that_the_store_does_not_know_is_refused(
    config: Path, configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    assert config == configure()
    assert run(config) == 1

    assert capsys.readouterr().err == (
        "gateway: store.encryption_key: this store was written with another key; give that one,"
        " name it in store.former_encryption_keys, or give another store.url\n"
    )


def test_what_is_left_is_counted_and_the_former_key_stays_needed(
    config: Path, configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(config.with_name("gateway.db"))) as database, database:
        database.execute(
            "INSERT INTO order_changes (cursor, shop, platform_id, cause, buyer, written_at)"
            " VALUES (1, 'swan', 'unknown', 'MUTATION', x'00', 1)"
        )

    assert run(config) == 1

    told = capsys.readouterr()
    assert told.out.endswith("\n1 rows left under a former key\n")
    (_progress, failure) = told.err.splitlines()
    assert failure.startswith(
        "gateway: left under a former key: order_changes (1); keep store.former_encryption_keys."
    )
    assert run(configure()) == 1


def test_a_terminal_shows_the_progress(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    assert run(config) == 0

    shown = capsys.readouterr().err
    assert f"\r\x1b[Korders  [{'#' * 24}] 2 of 2 rows\r" in shown
    assert shown.endswith("\r\x1b[K")
