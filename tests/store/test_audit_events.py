"""The audit log: events in the order of their time, page by page, and never changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.errors import StoreUnavailable
from gateway.store.audit_events import MOST_COUNTED, AuditEntry, AuditPosition, AuditQuery
from gateway.store.batches import no_progress
from gateway.store.engine import Database
from gateway.store.retention import AUDIT
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import NOW


def event(number: int, **changes: object) -> AuditEntry:
    """One event a second."""
    facts: dict[str, object] = {
        "at": NOW + number,
        "actor": "front",
        "action": "orders",
        "shops": ("flagship",),
        "request_id": f"r{number}",
    }
    return AuditEntry(**{**facts, **changes})  # type: ignore[arg-type] # as the struct's fields


async def add(store: Store, *entries: AuditEntry) -> None:
    async with store.transaction() as transaction:
        await store.audit_events.append(transaction, entries)


async def ids(store: Store, query: AuditQuery) -> list[str]:
    found = [one.entry.request_id for one in await store.audit_events.page(query, limit=100)]
    assert await store.audit_events.count(query) == len(found)
    return found


async def test_an_event_is_read_as_it_was_written(store: Store) -> None:
    whole = event(
        1,
        shops=("flagship", "mini"),
        subject="abc",
        revealed=3,
        outcome="FORBIDDEN",
        peer="10.0.0.7",
    )
    bare = event(0, shops=())
    await add(store, whole, bare)
    await add(store)

    found = await store.audit_events.page(AuditQuery(), limit=100)

    assert [one.entry for one in found] == [whole, bare]
    places = [one.position for one in found]
    assert await store.audit_events.get_many(places) == dict(zip(places, found, strict=True))
    assert await store.audit_events.get_many([AuditPosition(NOW, 1)]) == {}
    assert await store.audit_events.get_many([]) == {}


async def test_pages_follow_each_other_also_within_one_moment(store: Store) -> None:
    await add(store, *(event(number // 3) for number in range(12)))
    query, after, pages = AuditQuery(), None, []
    while page := await store.audit_events.page(query, after=after, limit=5):
        pages.append(page)
        after = page[-1].position

    assert [len(page) for page in pages] == [5, 5, 2]
    places = [one.position for page in pages for one in page]
    assert places == sorted(set(places), reverse=True)


async def test_a_query_chooses(store: Store) -> None:
    await add(
        store,
        event(0, actor="back", shops=("flagship", "mini")),
        event(1, action="orderImport", shops=("mini-2",)),
        event(2, shops=()),
    )

    assert await ids(store, AuditQuery(actors=["back"])) == ["r0"]
    assert await ids(store, AuditQuery(actions=["orderImport", "orders"])) == ["r2", "r1", "r0"]
    assert await ids(store, AuditQuery(shops=["mini"])) == ["r0"]
    assert await ids(store, AuditQuery(shops=["mini", "mini-2", "%"])) == ["r1", "r0"]
    assert await ids(store, AuditQuery(shops=[])) == []
    assert await ids(store, AuditQuery(start=NOW + 1)) == ["r2", "r1"]
    assert await ids(store, AuditQuery(start=NOW, end=NOW + 1)) == ["r1", "r0"]


async def test_what_is_rolled_back_leaves_no_event(store: Store) -> None:
    done: list[str] = []

    async def fail() -> None:
        async with store.transaction() as transaction:
            await store.audit_events.append(transaction, [event(0)])
            transaction.on_commit.append(lambda: done.append("no"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.transaction() as transaction:
        transaction.on_commit.append(lambda: done.append("yes"))

    assert await ids(store, AuditQuery()) == []
    assert done == ["yes"]


async def test_old_events_are_deleted(store: Store, clock: Clock) -> None:
    await add(store, event(0), event(1))
    clock.now = NOW + 11
    assert await store.retention.apply(AUDIT, 10.0, "test", no_progress) == 1

    assert await ids(store, AuditQuery()) == ["r1"]


async def test_no_event_is_ever_changed(store: Store, store_url: str, clock: Clock) -> None:
    await add(store, event(0))
    database = Database(store_url, clock=clock)

    try:
        with pytest.raises((DBAPIError, StoreUnavailable)) as refused:
            async with database.transaction() as transaction:
                await transaction.connection.execute(text("UPDATE audit_events SET actor = 'x'"))
    finally:
        await database.close()

    cause: BaseException | None = refused.value
    assert "audit events are never changed" in f"{cause} {cause and cause.__cause__}"

    assert (await store.audit_events.page(AuditQuery(), limit=1))[0].entry.actor == "front"


async def test_more_events_than_are_counted_have_no_number(store: Store) -> None:
    await add(store, *(event(number) for number in range(MOST_COUNTED)))
    assert await store.audit_events.count(AuditQuery()) == MOST_COUNTED

    await add(store, event(MOST_COUNTED, actor="back"))

    assert await store.audit_events.count(AuditQuery()) is None
    assert await store.audit_events.count(AuditQuery(actors=["back"])) == 1
    both = AuditQuery(actors=["back", "front"], actions=["orders"])
    assert [one.entry.actor for one in await store.audit_events.page(both, limit=2)] == [
        "back",
        "front",
    ]
