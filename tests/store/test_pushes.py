from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from gateway.mutation_progress import queueing_for
from gateway.store.pushes import NewPush, PushError, PushPosition, PushQuery, StoredPush
from gateway.store.store import Store
from gateway.store.tables import pushes
from tests.store.conftest import Clock
from tests.store.samples import NOW, PERSONAL

ALL = PushQuery(["mini", "swan"])


def new_push(order_id: str, version: int = 1, **changes: Any) -> NewPush:
    """Answer the push of an order."""
    facts: dict[str, Any] = {
        "shop": "mini",
        "operation": "ORDER_IMPORT",
        "aggregate": f"order/{order_id}",
        "version": version,
        "payload": '{"total":1980}',
        "personal": PERSONAL,
        "subject_kind": "Order",
        "subject_id": order_id,
        "order_id": order_id,
    }
    return NewPush(**facts | changes)


async def add(store: Store, *given: NewPush) -> list[int]:
    async with store.transaction() as transaction:
        return [await store.pushes.add(transaction, push) for push in given]


async def change(store: Store, push_id: int, **values: object) -> None:
    """Change a push as its delivery does."""
    async with store.transaction() as transaction:
        statement = update(pushes).where(pushes.c.id == push_id).values(values)
        await transaction.connection.execute(statement)


async def ids(store: Store, query: PushQuery) -> list[int]:
    page = await store.pushes.page(query, limit=100)
    assert await store.pushes.count(query) == len(page)
    return [push.id for push in page]


async def test_a_new_push_is_pending_and_due_at_once(store: Store) -> None:
    with queueing_for("warehouse"):
        (push_id,) = await add(store, new_push("42", version=7))

    expected = StoredPush(
        id=push_id,
        shop="mini",
        operation="ORDER_IMPORT",
        state="PENDING",
        subject_kind="Order",
        subject_id="42",
        order_id="42",
        version=7,
        attempts=0,
        queued_at=NOW,
        delivered_at=None,
        next_attempt_at=NOW,
        last_error=None,
        queued_by="warehouse",
    )
    assert await store.pushes.page(ALL, limit=1) == [expected]
    assert await store.pushes.get_many([push_id, push_id + 1]) == {push_id: expected}
    assert await store.pushes.get_many([]) == {}


async def test_a_push_tells_how_it_went(store: Store) -> None:
    (push_id,) = await add(store, new_push("42"))
    await change(
        store,
        push_id,
        state="REJECTED",
        attempts=2,
        delivered_at=NOW + 0.25,
        next_attempt_at=None,
        last_error='{"endpoint":"order.import","message":"refused","code":"9009098"}',
    )

    (push,) = (await store.pushes.get_many([push_id])).values()

    assert (push.state, push.attempts, push.delivered_at) == ("REJECTED", 2, NOW + 0.25)
    assert push.last_error == PushError(endpoint="order.import", message="refused", code="9009098")


async def test_the_same_version_is_not_queued_twice(store: Store) -> None:
    await add(store, new_push("42"), new_push("42", shop="swan"), new_push("42", version=2))

    with pytest.raises(IntegrityError):
        await add(store, new_push("42"))


async def test_a_push_may_have_no_subject_and_nothing_personal(store: Store) -> None:
    push = NewPush(
        shop="mini", operation="PRODUCTS_SYNC", aggregate="products", version=1, payload="[]"
    )
    await add(store, push)

    (stored,) = await store.pushes.page(ALL, limit=1)
    assert (stored.subject_kind, stored.subject_id, stored.order_id) == (None, None, None)


async def test_pages_go_from_the_newest_to_the_oldest(store: Store, clock: Clock) -> None:
    queued = []
    for number in range(5):
        # The clock may stand still or go back: the order of queueing counts.
        clock.now -= number
        queued += await add(store, new_push(str(number)))

    first = await store.pushes.page(ALL, limit=2)
    rest = await store.pushes.page(ALL, after=PushPosition(first[-1].id), limit=9)

    assert [push.id for push in (*first, *rest)] == queued[::-1]


async def test_pushes_of_a_range_of_time_go_by_their_times(store: Store, clock: Clock) -> None:
    queued = []
    for number in range(6):
        clock.now = NOW + 10 * number
        queued += await add(store, new_push(str(number)))
    # A retry counts as queued then.
    await change(store, queued[0], queued_at=NOW + 25)
    query = replace(ALL, queued_from=NOW + 10, queued_to=NOW + 40)

    first = await store.pushes.page(query, limit=2)
    place = PushPosition(first[-1].id, first[-1].queued_at)
    rest = await store.pushes.page(query, after=place, limit=9)
    of_order = await store.pushes.page(replace(query, shops=["mini"], order_id="3"), limit=9)

    assert [push.id for push in first] == [queued[3], queued[0]]
    assert [push.id for push in rest] == [queued[2], queued[1]]
    assert await store.pushes.count(query) is None
    assert [push.id for push in of_order] == [queued[3]]
    assert await store.pushes.count(replace(query, shops=["mini"], order_id="5")) == 0


async def test_a_query_finds_what_it_asks_for(store: Store) -> None:
    first, second, third = await add(
        store,
        new_push("1"),
        new_push("1", version=2, operation="ORDER_UPDATE"),
        new_push("1", shop="swan"),
    )
    await change(store, first, state="DELIVERED")

    assert await ids(store, ALL) == [third, second, first]
    assert await ids(store, PushQuery([])) == []
    assert await ids(store, PushQuery(["mini"])) == [second, first]
    assert await ids(store, PushQuery(["mini"], states=["DELIVERED", "DEAD"])) == [first]
    assert await ids(store, PushQuery(["mini"], operations=["ORDER_UPDATE"])) == [second]
    assert await ids(store, PushQuery(["swan"], order_id="1")) == [third]
    assert await ids(store, PushQuery(["swan"], order_id="2")) == []
    assert await ids(store, PushQuery(["mini"], states=[], order_id="1")) == []


async def test_what_is_personal_in_a_push_is_sealed(store: Store) -> None:
    (push_id,) = await add(store, new_push("42"))

    async with store.transaction() as transaction:
        row = (await transaction.connection.execute(pushes.select())).one()
    assert row.id == push_id
    assert b"13800138000" not in row.personal
    assert "13800138000" not in row.payload


async def test_what_was_never_sent_to_a_buyer_is_known(store: Store) -> None:
    async def never_sent(order_id: str, buyer: str) -> bool:
        async with store.transaction() as transaction:
            return await store.pushes.never_sent(transaction, "mini", order_id, buyer)

    buyer = PERSONAL.open_id or ""
    first, second = await add(store, new_push("1"), new_push("1", 2, operation="ORDER_UPDATE"))
    await add(store, new_push("2", 3, operation="ORDER_UPDATE"))

    assert await never_sent("1", buyer) is True
    # Of another buyer nothing is known, nor of one whose import was deleted long ago.
    assert await never_sent("1", "another") is False
    assert await never_sent("2", buyer) is False
    await change(store, first, state="REJECTED", attempts=1)
    assert await never_sent("1", buyer) is True
    await change(store, second, attempts=1)
    assert await never_sent("1", buyer) is False
