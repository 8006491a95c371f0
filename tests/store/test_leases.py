"""Leases: one owner at a time, and a fence that grows."""

from gateway.store.store import Store
from tests.store.conftest import Clock


async def take(store: Store, owner: str) -> int | None:
    async with store.transaction() as transaction:
        return await store.leases.take(transaction, "reconciler", owner, 60.0)


async def test_one_owner_at_a_time(store: Store, clock: Clock) -> None:
    assert await take(store, "one") == 1
    assert await take(store, "other") is None
    assert await take(store, "one") == 2

    clock.now += 60
    assert await take(store, "other") == 3
    assert await take(store, "one") is None


async def test_a_lease_that_was_given_back_is_free(store: Store) -> None:
    await take(store, "one")
    async with store.transaction() as transaction:
        await store.leases.release(transaction, "reconciler", "other")
    assert await take(store, "other") is None

    async with store.transaction() as transaction:
        await store.leases.release(transaction, "reconciler", "one")
    assert await take(store, "other") is not None


async def test_reconciliations_are_remembered(store: Store) -> None:
    assert await store.reconciliations.last("flagship") is None
    for at in (1_700_000_000.25, 1_700_000_100.5):
        async with store.transaction() as transaction:
            await store.reconciliations.note(transaction, "flagship", at)

        assert await store.reconciliations.last("flagship") == at
    assert await store.reconciliations.last("another") is None
