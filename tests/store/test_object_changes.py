"""Changes of after-sales, products and pushes: a cursor of their own, in commit order."""

from gateway.store.batches import no_progress
from gateway.store.object_changes import NewObjectChange, StoredObjectChange
from gateway.store.order_changes import CursorRange
from gateway.store.retention import OBJECT_CHANGES
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import NOW

REFUND = NewObjectChange(
    kind="AfterSale",
    shop="swan",
    platform_id="a1",
    order_id="42",
    status="REFUNDED",
    previous_status="APPLYING",
    cause="MUTATION",
)
PRODUCT = NewObjectChange(
    kind="Product", shop="mini", platform_id="p1", status=None, cause="DELETED"
)


async def append(store: Store, *changes: NewObjectChange) -> None:
    async with store.transaction() as transaction:
        await store.object_changes.append(transaction, changes)


async def test_changes_are_read_as_they_were_written(store: Store) -> None:
    assert await store.object_changes.kept() == CursorRange(0, 0)
    await append(store)
    await append(store, REFUND)
    await append(store, PRODUCT, REFUND)

    assert await store.object_changes.after(0, limit=2) == [
        StoredObjectChange(1, REFUND, NOW),
        StoredObjectChange(2, PRODUCT, NOW),
    ]
    assert await store.object_changes.after(2, limit=9) == [StoredObjectChange(3, REFUND, NOW)]
    assert await store.object_changes.kept() == CursorRange(0, 3)


async def test_old_changes_are_deleted_in_their_order(store: Store, clock: Clock) -> None:
    await append(store, REFUND)
    clock.now += 100
    await append(store, PRODUCT)
    await store.retention.begin("me")

    assert await store.retention.apply(OBJECT_CHANGES, 50, "me", no_progress) == 1

    assert await store.object_changes.kept() == CursorRange(1, 2)
