"""The changes of orders: a cursor that grows, and how far back they go."""

import asyncio
from typing import Any

from gateway.store.batches import no_progress
from gateway.store.documents import Shipment
from gateway.store.order_changes import CursorRange, NewOrderChange, StoredOrderChange
from gateway.store.retention import CHANGES
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import NOW


def change(order_id: str, **more: Any) -> NewOrderChange:
    facts: dict[str, Any] = {
        "shop": "swan",
        "platform_id": order_id,
        "status": "SHIPPED",
        "previous_status": None,
        "cause": "MUTATION",
    }
    return NewOrderChange(**facts | more)


async def append(store: Store, *changes: NewOrderChange) -> None:
    async with store.transaction() as transaction:
        await store.order_changes.append(transaction, changes)


async def test_a_change_is_read_as_it_was_written(store: Store) -> None:
    parcel = Shipment(carrier_code="SF", tracking_number="SF1", shipped_at=1_600_000_009)
    facts = {"platform_status": "3", "paid_at": 1_600_000_005, "shipment": parcel}
    await append(store, change("42", open_id="buyer", created_at=1_600_000_000, **facts))

    (read,) = await store.order_changes.after(0, limit=9)

    assert read == StoredOrderChange(
        cursor=1,
        shop="swan",
        platform_id="42",
        partner_app_id=None,
        status="SHIPPED",
        previous_status=None,
        cause="MUTATION",
        buyer=next(iter(store.order_changes.buyer_indexes("swan", "buyer"))),
        created_at=1_600_000_000,
        platform_status="3",
        paid_at=1_600_000_005,
        shipment=parcel,
        written_at=NOW,
    )


async def test_the_cursor_grows_by_one_with_each_change(store: Store) -> None:
    await append(store)
    await append(store, change("1"), change("2"))
    await asyncio.gather(*(append(store, change(str(number))) for number in range(3, 8)))

    first = await store.order_changes.after(0, limit=3)
    rest = await store.order_changes.after(first[-1].cursor, limit=99)

    assert [one.cursor for one in (*first, *rest)] == [1, 2, 3, 4, 5, 6, 7]
    assert [one.platform_id for one in first[:2]] == ["1", "2"]


async def test_what_is_kept_is_told_and_the_cursor_never_goes_back(
    store: Store, clock: Clock
) -> None:
    assert await store.order_changes.kept() == CursorRange(0, 0)
    await append(store, change("1"), change("2"))
    clock.now = NOW + 100
    await append(store, change("3"))
    assert await store.order_changes.kept() == CursorRange(0, 3)

    assert await store.retention.apply(CHANGES, 50, "test", no_progress) == 2
    assert await store.order_changes.kept() == CursorRange(2, 3)
    assert await store.retention.apply(CHANGES, -1, "test", no_progress) == 1

    assert await store.order_changes.kept() == CursorRange(3, 3)
    await append(store, change("4"))
    assert [one.cursor for one in await store.order_changes.after(0, limit=9)] == [4]
