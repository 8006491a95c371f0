"""Events in the ledger: once each, claimed by one, done once."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from gateway.errors import LedgerUnreadable
from gateway.store.batches import no_progress
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.retention import SETTLED_EVENTS
from gateway.store.store import Store
from gateway.store.tables import inbox_events
from tests.store.conftest import Clock

EVENT = NewEvent(
    shop="flagship",
    kind="merchant_order",
    identity=("merchant_order", "", "42", "2", "1700000000", "buyer"),
    trusted=True,
    event_at=1_700_000_000,
    body=EventBody(order_id="42", status="2"),
)
LEASE = 60.0


async def receive(store: Store, event: NewEvent = EVENT) -> bool:
    async with store.transaction() as transaction:
        return await store.inbox.receive(transaction, event)


async def test_an_event_is_kept_once(store: Store) -> None:
    assert await receive(store)
    assert not await receive(store)
    assert await receive(store, replace(EVENT, shop="another"))
    assert await receive(store, replace(EVENT, identity=("merchant_order", "43")))

    assert await store.inbox.waiting("flagship") == 2


async def test_one_owner_at_a_time_has_an_event(store: Store, clock: Clock) -> None:
    await receive(store)
    inbox = store.inbox
    async with store.transaction() as transaction:
        [mine] = await inbox.claim(transaction, "one", lease=LEASE, limit=9)
        assert await inbox.claim(transaction, "other", lease=LEASE, limit=9) == []
    assert mine.body == EVENT.body
    assert (mine.attempt, mine.trusted, mine.kind) == (1, True, "merchant_order")
    assert not await inbox.is_due(clock.now)

    clock.now += LEASE
    assert await inbox.is_due(clock.now)
    async with store.transaction() as transaction:
        [theirs] = await inbox.claim(transaction, "other", lease=LEASE, limit=9)
        # Whoever comes back after its lease ran out writes nothing.
        assert not await inbox.done(transaction, "one", mine)
        assert await inbox.done(transaction, "other", theirs)
        assert not await inbox.done(transaction, "other", theirs)
    assert theirs.attempt == 2


@pytest.mark.parametrize(
    ("body", "words"), [(None, "its content was erased"), (b"damaged", "cannot be decrypted")]
)
async def test_an_event_that_tells_nothing_any_more_spoils_no_other(
    store: Store, body: bytes | None, words: str
) -> None:
    await receive(store)
    spoiled = update(inbox_events).values(body=body)
    async with store.transaction() as transaction:
        await transaction.connection.execute(spoiled)
    await receive(store, replace(EVENT, shop="another", event_at=1_700_000_001))

    async with store.transaction() as transaction:
        lost, sound = await store.inbox.claim(transaction, "one", lease=LEASE, limit=9)
        assert await store.inbox.done(transaction, "one", lost)
    with pytest.raises(LedgerUnreadable, match=words):
        assert lost.body is None
    assert sound.body == EVENT.body
    assert await store.inbox.waiting("flagship") == 0


async def test_an_event_that_was_put_off_waits(store: Store, clock: Clock) -> None:
    await receive(store)
    async with store.transaction() as transaction:
        [event] = await store.inbox.claim(transaction, "one", lease=LEASE, limit=9)
        assert await store.inbox.put_off(transaction, "one", event, 30.0)
    assert not await store.inbox.is_due(clock.now + 29)
    assert await store.inbox.is_due(clock.now + 30)


async def test_what_is_given_back_is_free_at_once(store: Store, clock: Clock) -> None:
    await receive(store)
    async with store.transaction() as transaction:
        await store.inbox.claim(transaction, "one", lease=LEASE, limit=9)
        await store.inbox.release(transaction, "one")
    assert await store.inbox.is_due(clock.now)


async def test_what_is_done_is_known_until_it_is_forgotten(store: Store, clock: Clock) -> None:
    await receive(store)
    await receive(store, replace(EVENT, identity=("waiting",)))
    async with store.transaction() as transaction:
        claimed = await store.inbox.claim(transaction, "one", lease=LEASE, limit=9)
        await store.inbox.done(
            transaction, "one", next(event for event in claimed if event.body == EVENT.body)
        )
    assert not await receive(store)

    clock.now += 1_000
    assert await store.retention.apply(SETTLED_EVENTS, 2_000, "test", no_progress) == 0
    assert await store.retention.apply(SETTLED_EVENTS, 500, "test", no_progress) == 1
    assert await store.inbox.waiting("flagship") == 1


async def test_the_time_of_receipt_stands_for_one_that_is_not_known(
    store: Store, clock: Clock
) -> None:
    await receive(store, replace(EVENT, event_at=None))

    async with store.transaction() as transaction:
        [event] = await store.inbox.claim(transaction, "one", lease=LEASE, limit=9)
    assert event.event_at == int(clock.now)
