import asyncio

import pytest

from gateway.store.store import Store
from tests.store.conftest import Clock

#: Noon in China.
NOON = 1_795_752_000.0
DAY = 86_400.0


async def test_the_later_of_two_uses_is_kept(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.key_uses.put(transaction, {"a": 200.5, "b": 100.0})
        await store.key_uses.put(transaction, {"a": 150.0, "b": 300.0, "c": 1.0})
        await store.key_uses.put(transaction, {})

    assert await store.key_uses.all() == {"a": 200.5, "b": 300.0, "c": 1.0}


async def test_refunds_of_a_day_stop_at_the_ceiling(store: Store, clock: Clock) -> None:
    clock.now = NOON
    totals = store.refund_totals

    async with store.transaction() as transaction:
        assert await totals.add(transaction, "key", 600, 1_000)
        assert not await totals.add(transaction, "key", 401, 1_000)
        assert await totals.add(transaction, "other", 401, 1_000)
        assert await totals.add(transaction, "key", 400, 1_000)
        assert await totals.today(transaction, "key") == 1_000
        await totals.give_back(transaction, "key", 300)
        assert await totals.today(transaction, "key") == 700
        # Not more than was counted.
        await totals.give_back(transaction, "key", 701)
        assert await totals.today(transaction, "key") == 700
        assert await totals.today(transaction, "unused") == 0


async def test_the_count_begins_again_at_midnight_in_china(store: Store, clock: Clock) -> None:
    clock.now = NOON + DAY / 2 - 1
    async with store.transaction() as transaction:
        assert await store.refund_totals.add(transaction, "key", 1_000, 1_000)
    clock.now += 1
    async with store.transaction() as transaction:
        assert await store.refund_totals.today(transaction, "key") == 0
        assert await store.refund_totals.add(transaction, "key", 1_000, 1_000)


async def test_refunds_at_once_do_not_exceed_the_ceiling_together(
    store: Store, clock: Clock
) -> None:
    clock.now = NOON

    async def one() -> bool:
        async with store.transaction() as transaction:
            return await store.refund_totals.add(transaction, "key", 300, 1_000)

    added = await asyncio.gather(*(one() for _ in range(5)))

    assert sorted(added) == [False, False, True, True, True]


async def test_a_transaction_that_fails_counts_nothing(store: Store, clock: Clock) -> None:
    clock.now = NOON

    async def fail() -> None:
        async with store.transaction() as transaction:
            await store.refund_totals.add(transaction, "key", 300, 1_000)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()

    async with store.transaction() as transaction:
        assert await store.refund_totals.today(transaction, "key") == 0
