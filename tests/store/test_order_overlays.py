"""What was seen of orders last: the later look counts, whichever is written down first."""

import pytest

from gateway.store.order_overlays import Look, OrderTimes, Sight
from gateway.store.store import Store
from tests.store.conftest import Clock

NEWS, POLL, FIRST = Look.NEWS, Look.POLL, Look.FIRST_POLL
PAID, SHIPPED, DONE = "AWAITING_SHIPMENT", "SHIPPED", "COMPLETED"
KNOWN = Sight(newer=True, changed=False, status=None)


def told(before: str | None) -> Sight:
    return Sight(newer=True, changed=True, status=before)


async def see(store: Store, status: str, read_at: float, look: Look = NEWS) -> Sight:
    async with store.transaction() as transaction:
        return await store.order_overlays.see(transaction, "flagship", "42", status, read_at, look)


async def test_the_later_look_counts(store: Store) -> None:
    assert await see(store, PAID, 10.0) == told(None)
    assert await see(store, DONE, 30.0) == told(PAID)
    assert await see(store, SHIPPED, 20.0) == Sight(newer=False, changed=False, status=None)
    assert await see(store, DONE, 40.0) == KNOWN


@pytest.mark.parametrize(
    ("looks", "sights"),
    [
        # A status that was recorded silently is news once, for an event or a mutation.
        ([(FIRST, PAID), (NEWS, PAID), (NEWS, PAID)], [KNOWN, told(None), KNOWN]),
        ([(FIRST, PAID), (FIRST, PAID), (POLL, PAID), (NEWS, PAID)], [KNOWN] * 3 + [told(None)]),
        ([(FIRST, PAID), (POLL, PAID), (POLL, SHIPPED)], [KNOWN, KNOWN, told(PAID)]),
        ([(FIRST, PAID), (POLL, SHIPPED), (NEWS, SHIPPED)], [KNOWN, told(PAID), KNOWN]),
        # The first poll is silent about orders of which nothing is known, and no others.
        ([(NEWS, PAID), (FIRST, PAID), (NEWS, PAID)], [told(None), KNOWN, KNOWN]),
        ([(NEWS, PAID), (FIRST, SHIPPED), (NEWS, SHIPPED)], [told(None), told(PAID), KNOWN]),
        ([(FIRST, PAID), (FIRST, SHIPPED), (NEWS, SHIPPED)], [KNOWN, told(PAID), KNOWN]),
        ([(POLL, PAID), (NEWS, PAID)], [told(None), KNOWN]),
    ],
)
async def test_each_status_is_told_once(
    store: Store, looks: list[tuple[Look, str]], sights: list[Sight]
) -> None:
    found = [await see(store, status, float(at), look) for at, (look, status) in enumerate(looks)]

    # A row that has not been seen has no status: it counts as KNOWN where nothing is told.
    assert found == sights


async def test_an_order_that_was_closed_here_first_is_told_when_it_is_read(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.order_overlays.close(transaction, "flagship", "42")
        at = transaction.now
    assert await see(store, PAID, at + 1, NEWS) == told(None)


async def test_the_first_times_of_payment_and_shipping_stay(store: Store, clock: Clock) -> None:
    overlays = store.order_overlays
    assert await overlays.times("flagship", ["42"]) == {}
    await see(store, PAID, 10.0, FIRST)
    assert await overlays.times("flagship", ["42"]) == {}
    first = int(clock.now)
    for paid_at in (100, 200):
        async with store.transaction() as transaction:
            await overlays.pay(transaction, "flagship", "42", paid_at)
            await overlays.pay(transaction, "flagship", "unseen", paid_at)
            await overlays.ship(transaction, "flagship", "42")
            await overlays.ship(transaction, "flagship", "43")
        clock.now += 60

    assert await overlays.times("flagship", ["42", "43", "unseen"]) == {
        "42": OrderTimes(100, first, None),
        "43": OrderTimes(None, first, None),
    }
    assert await overlays.times("other", ["42"]) == {}
    assert await overlays.times("flagship", []) == {}


async def test_the_last_change_that_was_told_has_its_time(store: Store, clock: Clock) -> None:
    overlays = store.order_overlays
    changed = []
    for status, read_at in ((PAID, 10.0), (PAID, 20.0), (SHIPPED, 15.0), (SHIPPED, 30.0)):
        await see(store, status, read_at)
        changed.append((await overlays.times("flagship", ["42"]))["42"].changed_at)
        clock.now += 60

    began = int(clock.now) - 240
    assert changed == [began, began, began, began + 180]
