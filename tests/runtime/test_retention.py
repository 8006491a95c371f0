"""Retention job: one process at a time; metrics and log say what it did, and if it is late."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from gateway.concurrency.clock import DAY
from gateway.runtime.retention import RetentionJob
from gateway.store.audit_events import AuditEntry, AuditQuery
from gateway.store.idempotency import KeyName
from gateway.store.retention import RetentionPeriods
from gateway.store.store import Store
from tests.fixtures_ledger import NOW
from tests.store.samples import PERSONAL, order

PERIODS = RetentionPeriods(personal=365, changes=7, pushes=90, bulk=7, audit=30)


_STAYS = (
    "CREATE TRIGGER stays BEFORE DELETE ON idempotency_keys BEGIN SELECT RAISE(ABORT, 'stays'); END"
)


@dataclass
class Metrics:
    """What a job reports."""

    rows: dict[str, int] = field(default_factory=dict)
    overdue: dict[str, float] = field(default_factory=dict)
    done_at: float | None = None

    def retained(self, rule: str, rows: int) -> None:
        self.rows[rule] = self.rows.get(rule, 0) + rows

    def retention_overdue(self, rule: str, seconds: float) -> None:
        self.overdue[rule] = seconds

    def retention_done(self, at: float) -> None:
        self.done_at = at


def retention_job(
    store: Store,
    shops: Collection[str] = (),
    *,
    now: Callable[[], float] = lambda: NOW,
    owner: str = "one",
    metrics: Metrics | None = None,
) -> RetentionJob:
    """Answer the job of one process."""
    return RetentionJob(store, shops, PERIODS, metrics or Metrics(), owner=owner, now=now)


async def import_old_order(store: Store) -> None:
    """Leave an order that was last written two years ago."""
    async with store.transaction() as transaction:
        await store.orders.put(transaction, "mini", order("1"), PERSONAL)
        await transaction.connection.execute(
            text("UPDATE orders SET written_at = :then"), {"then": NOW - 730 * DAY}
        )


async def has_buyer(store: Store) -> bool:
    stored = await store.orders.get("mini", "1")
    assert stored is not None
    return stored.personal is not None


async def test_audit_events_are_deleted_after_their_days(ledger: Store) -> None:
    entries = [
        AuditEntry(at=NOW - days * DAY, actor="front", action="orders", request_id=f"r{days}")
        for days in (29, 31)
    ]
    async with ledger.transaction() as transaction:
        await ledger.audit_events.append(transaction, entries)

    await retention_job(ledger).once()

    left = await ledger.audit_events.page(AuditQuery(), limit=10)
    assert [event.entry.request_id for event in left] == ["r29"]


async def test_what_was_deleted_is_counted_and_logged(ledger: Store) -> None:
    await import_old_order(ledger)
    before, metrics = await ledger.retention.overdue(PERIODS), Metrics()

    with capture_logs() as lines:
        await retention_job(ledger, metrics=metrics).once()

    assert before["orders"] == 365 * DAY
    assert metrics.overdue == dict.fromkeys(before, 0.0)
    assert (metrics.rows, metrics.done_at) == ({"orders": 1}, NOW)
    assert [(line["event"], line["rows"]) for line in lines] == [
        ("retention.data.deleted", {"orders": 1})
    ]
    assert not await has_buyer(ledger)


async def test_one_process_deletes_and_the_others_report(ledger: Store) -> None:
    await import_old_order(ledger)
    assert await ledger.retention.begin("other")
    metrics = Metrics()

    await retention_job(ledger, metrics=metrics).once()

    assert await has_buyer(ledger)
    assert (metrics.rows, metrics.done_at) == ({}, None)
    assert metrics.overdue["orders"] == 365 * DAY
    await ledger.retention.end("other", NOW - 60)
    await retention_job(ledger, metrics=metrics).once()
    assert (metrics.rows, metrics.done_at) == ({"orders": 1}, NOW)


async def test_a_job_whose_lease_was_taken_over_ends_without_an_error(ledger: Store) -> None:
    await import_old_order(ledger)
    async with ledger.transaction() as transaction:
        # Whoever looks next finds that another one renewed it.
        await transaction.connection.execute(
            text(
                "CREATE TRIGGER taken AFTER INSERT ON leases BEGIN"
                " UPDATE leases SET owner = 'other', until = 9e9; END"
            )
        )
    metrics = Metrics()

    await retention_job(ledger, metrics=metrics).once()

    assert await has_buyer(ledger)
    assert (metrics.rows, metrics.done_at) == ({}, None)


@pytest.mark.parametrize(
    ("done_at", "hours"), [(None, 4.0), (NOW, 4.0), (NOW + 3_600, None)], ids=str
)
async def test_retention_that_is_late_is_an_error(
    ledger: Store, done_at: float | None, hours: float | None
) -> None:
    clock = [NOW]
    job = retention_job(ledger, now=lambda: clock[0])
    if done_at is not None:
        await ledger.retention.begin("other")
        await ledger.retention.end("other", done_at)
    assert await ledger.retention.begin("other")
    clock[0] += 4 * 3_600

    with capture_logs() as lines:
        await job.once()

    late = [line for line in lines if line["event"] == "retention.round.overdue"]
    assert [(line["log_level"], line["hours"]) for line in late] == (
        [] if hours is None else [("error", hours)]
    )


async def test_a_kind_that_cannot_be_deleted_does_not_keep_the_others(ledger: Store) -> None:
    await import_old_order(ledger)
    async with ledger.transaction() as transaction:
        await ledger.idempotency.claim(transaction, KeyName("web", "k", "me"), b"op", 1.0)
        execute = transaction.connection.execute
        await execute(
            text("UPDATE idempotency_keys SET written_at = :then"), {"then": NOW - 3 * DAY}
        )
        await execute(text(_STAYS))
    metrics = Metrics()

    with pytest.RaisesGroup(Exception) as refused:
        await retention_job(ledger, metrics=metrics).once()

    (error,) = refused.value.exceptions
    assert error.__notes__ == ["while outcomes of mutations were deleted"]
    assert not await has_buyer(ledger)
    assert (metrics.rows, metrics.done_at) == ({"orders": 1}, None)
    assert metrics.overdue["outcomes of mutations"] == DAY
    # Nobody has to wait for the lease.
    assert await ledger.retention.begin("other")
