"""Retention: audit events are kept for as many days as the configuration says."""

from gateway.concurrency.clock import DAY
from gateway.runtime.retention import RetentionJob
from gateway.store.audit_events import AuditEntry, AuditQuery
from gateway.store.store import Store
from tests.fixtures_ledger import NOW


async def test_audit_events_are_deleted_after_their_days(ledger: Store) -> None:
    entries = [
        AuditEntry(at=NOW - days * DAY, actor="front", action="orders", request_id=f"r{days}")
        for days in (29, 31)
    ]
    async with ledger.transaction() as transaction:
        await ledger.audit_events.append(transaction, entries)
    job = RetentionJob(ledger, [], retention_days=365, changes_days=7, audit_days=30)

    await job.once()

    left = await ledger.audit_events.page(AuditQuery(), limit=10)
    assert [event.entry.request_id for event in left] == ["r29"]
