"""What was seen of orders last: the later look counts, whichever is written down first."""

from gateway.store.order_overlays import Sight
from gateway.store.store import Store


async def see(store: Store, status: str, read_at: float) -> Sight:
    async with store.transaction() as transaction:
        return await store.order_overlays.see(transaction, "flagship", "42", status, read_at)


async def test_the_later_look_counts(store: Store) -> None:
    assert await see(store, "AWAITING_SHIPMENT", 10.0) == Sight(newer=True, status=None)
    assert await see(store, "COMPLETED", 30.0) == Sight(newer=True, status="AWAITING_SHIPMENT")
    assert await see(store, "SHIPPED", 20.0) == Sight(newer=False, status="COMPLETED")
    assert await see(store, "COMPLETED", 40.0) == Sight(newer=True, status="COMPLETED")
