"""What was seen of orders last: the later look counts, whichever is written down first."""

import pytest

from gateway.store.order_overlays import Look, Sight
from gateway.store.store import Store

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
