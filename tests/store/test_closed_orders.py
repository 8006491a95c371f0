from gateway.store.order_overlays import Look
from gateway.store.store import Store


async def test_closed_orders_are_remembered_for_each_shop(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.order_overlays.close(transaction, "flagship", "1")
        await store.order_overlays.close(transaction, "flagship", "2")
        await store.order_overlays.close(transaction, "other", "3")
        await store.order_overlays.close(transaction, "flagship", "1")

    assert await store.order_overlays.closed("flagship") == {"1", "2"}
    assert await store.order_overlays.closed("other") == {"3"}
    assert await store.order_overlays.closed("nowhere") == frozenset()


async def test_an_order_that_was_only_seen_is_not_closed(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.order_overlays.see(transaction, "flagship", "1", "SHIPPED", 1.0, Look.NEWS)
        await store.order_overlays.see(transaction, "flagship", "2", "SHIPPED", 1.0, Look.NEWS)
        await store.order_overlays.close(transaction, "flagship", "2")

    assert await store.order_overlays.closed("flagship") == {"2"}
