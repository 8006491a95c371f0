"""What retention leaves of pushes and bulk operations, and when."""

import pytest
from sqlalchemy import select

from gateway.concurrency.clock import DAY
from gateway.store import tables
from gateway.store.batches import no_progress
from gateway.store.outbox import QueueKey, Settlement
from gateway.store.pushes import NewPush
from gateway.store.retention import RetentionPeriods, rules
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import PERSONAL

PERIODS = RetentionPeriods(personal=365, changes=7, pushes=90, bulk=7, audit=365)


async def retain(store: Store) -> None:
    for rule, seconds in rules(PERIODS):
        await store.retention.apply(rule, seconds, "one", no_progress)


async def push(
    store: Store, order_id: str, state: str, *, version: int = 1, delivered_at: float | None = None
) -> int:
    """Queue a push of an order and settle it."""
    new = NewPush(
        shop="mini",
        operation="ORDER_IMPORT",
        aggregate=f"order/{order_id}",
        version=version,
        payload='{"order":1}',
        personal=PERSONAL,
        order_id=order_id,
    )
    async with store.transaction() as transaction:
        push_id = await store.pushes.add(transaction, new)
        if state != "PENDING":
            line = QueueKey("mini", new.aggregate)
            (claimed,) = await store.outbox.claim_lines(transaction, "me", [line], lease=60)
            settled = Settlement(state=state, delivered_at=delivered_at)
            assert await store.outbox.settle(transaction, "me", claimed, settled)
    return push_id


async def left(store: Store) -> dict[int, bool]:
    """The pushes that are left, with whether they have what is sent, and whom it is of."""
    async with store.transaction() as transaction:
        rows = (await transaction.connection.execute(select(tables.pushes))).all()
    found = {}
    for row in rows:
        has = {bool(row.payload), row.personal is not None, row.buyer is not None}
        assert len(has) == 1
        found[row.id] = has.pop()
    return found


async def test_a_push_loses_what_it_sent_after_a_week_and_goes_after_its_days(
    store: Store, clock: Clock
) -> None:
    delivered = await push(store, "1", "DELIVERED", delivered_at=clock.now)
    late = await push(store, "2", "DELIVERED", delivered_at=clock.now + 30 * DAY)
    superseded = await push(store, "3", "SUPERSEDED")
    discarded = await push(store, "4", "DISCARDED")
    states = ("PENDING", "REJECTED", "OUTCOME_UNKNOWN", "DEAD")
    open_pushes = [await push(store, state, state) for state in states]
    kept = dict.fromkeys(open_pushes, True)

    clock.now += 6 * DAY
    await retain(store)
    everything = {delivered: True, late: True, superseded: True, discarded: True}
    assert await left(store) == everything | kept

    clock.now += 2 * DAY
    await retain(store)
    assert await left(store) == {
        delivered: False,
        late: True,
        superseded: False,
        discarded: True,
        **kept,
    }

    clock.now += 83 * DAY
    await retain(store)
    assert await left(store) == {late: False, **kept}

    clock.now += 30 * DAY
    await retain(store)
    assert await left(store) == kept


async def test_the_pushes_of_an_order_stay_while_one_of_them_needs_a_person(
    store: Store, clock: Clock
) -> None:
    first = await push(store, "1", "DELIVERED", delivered_at=clock.now)
    second = await push(store, "1", "DISCARDED", version=2)
    refused = await push(store, "1", "REJECTED", version=3)
    clock.now += 100 * DAY

    await retain(store)

    assert await left(store) == {first: False, second: True, refused: True}
    async with store.transaction() as transaction:
        await store.outbox.discard(transaction, refused)
    await retain(store)
    assert await left(store) == {}


async def test_an_order_of_which_pushes_were_deleted_does_not_count_as_refused(
    store: Store, clock: Clock
) -> None:
    await push(store, "1", "DELIVERED", delivered_at=clock.now)
    await push(store, "2", "REJECTED")
    clock.now += 100 * DAY
    await retain(store)
    await push(store, "1", "REJECTED", version=2)
    await push(store, "2", "REJECTED", version=2)

    assert await store.pushes.all_refused("mini", ["1", "2"]) == {"2"}


@pytest.mark.parametrize("days", [1, 90])
def test_what_was_sent_goes_no_later_than_the_push(days: int) -> None:
    periods = RetentionPeriods(personal=365, changes=7, pushes=days, bulk=7, audit=365)

    kept = {rule.name: seconds for rule, seconds in rules(periods)}

    assert kept["what pushes sent"] == min(7, days) * DAY
    assert (kept["discarded pushes"], kept["delivered pushes"]) == (days * DAY, days * DAY)
    assert kept["outcomes of mutations"] == 2 * DAY
