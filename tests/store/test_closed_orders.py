from gateway.store.store import Store


async def test_closed_orders_are_remembered_for_each_shop(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.closed_orders.add(transaction, "flagship", "1")
        await store.closed_orders.add(transaction, "flagship", "2")
        await store.closed_orders.add(transaction, "other", "3")
        await store.closed_orders.add(transaction, "flagship", "1")

    assert await store.closed_orders.of("flagship") == {"1", "2"}
    assert await store.closed_orders.of("other") == {"3"}
    assert await store.closed_orders.of("nowhere") == frozenset()


async def test_an_order_that_was_only_seen_is_not_closed(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.order_overlays.see(transaction, "flagship", "1", "SHIPPED", 1.0)
        await store.order_overlays.see(transaction, "flagship", "2", "SHIPPED", 1.0)
        await store.closed_orders.add(transaction, "flagship", "2")

    assert await store.closed_orders.of("flagship") == {"2"}
