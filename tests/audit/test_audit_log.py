"""The audit log of one process: what waits is written in groups, and never lost in silence."""

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from gateway.audit import AuditLog, Origin
from gateway.audit.audit_log import MOST_WAITING
from gateway.errors import StoreUnavailable
from gateway.logs import configure_logging
from gateway.settings import LogSettings
from gateway.store.store import Store
from gateway.store.tables import audit_events
from tests.fixtures_ledger import NOW

ORIGIN = Origin("front", "r1", "10.0.0.7")


pytestmark = pytest.mark.usefixtures("logging_as_it_was")


@pytest.fixture
def log(ledger: Store) -> AuditLog:
    return AuditLog(lambda: ledger, lambda: NOW)


def in_store(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "gateway.db", isolation_level=None)) as database:
        database.execute(statement)


async def count(ledger: Store) -> int:
    async with ledger.transaction() as transaction:
        rows = select(func.count()).select_from(audit_events)
        found: int = (await transaction.connection.execute(rows)).scalar_one()
    return found


async def test_what_waits_is_written_in_one_transaction_and_logged(
    log: AuditLog, ledger: Store
) -> None:
    for _ in range(3):
        log.note(ORIGIN, "orders", shops=["mini"], revealed=2)
    assert await count(ledger) == 0
    before = ledger.commits

    stream = io.StringIO()
    configure_logging(LogSettings(), stream=stream)
    await log.flush()
    await log.flush()

    assert ledger.commits == before + 1
    assert await count(ledger) == 3
    expected = {
        "level": "info",
        "event": "audit.event.recorded",
        "message": "An audit event was recorded.",
        "logger": "gateway.audit.audit_log",
        "at": NOW,
        "actor": "front",
        "action": "orders",
        "shops": ["mini"],
        "subject": None,
        "revealed": 2,
        "outcome": "OK",
        "request_id": "r1",
        "peer": "10.0.0.7",
    }
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert all(line.pop("time") for line in lines)
    assert lines == [expected] * 3


async def test_what_cannot_be_written_waits_on(
    log: AuditLog, ledger: Store, tmp_path: Path
) -> None:
    log.note(ORIGIN, "orders", revealed=1)
    in_store(tmp_path, "ALTER TABLE audit_events RENAME TO elsewhere")
    with capture_logs() as lines, pytest.raises(StoreUnavailable):
        await log.flush()
    in_store(tmp_path, "ALTER TABLE elsewhere RENAME TO audit_events")
    await log.flush()

    assert await count(ledger) == 1
    assert lines == []


async def test_more_than_can_wait_is_dropped_and_told(log: AuditLog, ledger: Store) -> None:
    for _ in range(MOST_WAITING + 2):
        log.note(ORIGIN, "orders", revealed=1)
    with capture_logs() as lines:
        await log.flush()
        await log.flush()

    assert await count(ledger) == MOST_WAITING
    assert [(line["event"], line["events"]) for line in lines if "events" in line] == [
        ("audit.events.dropped", 2)
    ]


async def test_what_is_lost_at_the_end_is_told(log: AuditLog, tmp_path: Path) -> None:
    log.note(ORIGIN, "orders", revealed=1)
    in_store(tmp_path, "DROP TABLE audit_events")
    with capture_logs() as lines:
        await log.close()

    assert [(line["event"], line["events"]) for line in lines] == [("audit.events.not_written", 1)]


async def test_for_people_an_event_is_a_line_like_any_other(log: AuditLog) -> None:
    stream = io.StringIO()
    configure_logging(LogSettings(format="console"), stream=stream)
    log.note(ORIGIN, "orders", revealed=1)
    await log.flush()

    assert "audit.event.recorded" in stream.getvalue()


async def test_below_its_level_no_event_is_logged(log: AuditLog, ledger: Store) -> None:
    stream = io.StringIO()
    configure_logging(LogSettings(level="error"), stream=stream)
    log.note(ORIGIN, "orders", revealed=1)
    await log.flush()

    assert stream.getvalue() == ""
    assert await count(ledger) == 1
