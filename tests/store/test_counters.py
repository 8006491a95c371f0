from gateway.store.store import Store


async def test_numbers_grow_by_name(store: Store) -> None:
    async with store.transaction() as transaction:
        assert await store.counters.take(transaction, "mini") == range(1, 2)
        assert await store.counters.take(transaction, "mini", 3) == range(2, 5)
        assert await store.counters.take(transaction, "swan", 2) == range(1, 3)
