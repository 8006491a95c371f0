"""Claiming pushes in order, with leases; what is written about them only by who holds them."""

from typing import Any

import pytest

from gateway.store.outbox import ClaimedPush, Due, Position, QueueKey, Settlement
from gateway.store.pushes import NewPush, PushError, PushQuery
from gateway.store.store import Store
from tests.store.claims import claim_due, due_ids
from tests.store.conftest import Clock
from tests.store.samples import NOW, PERSONAL

ALL = PushQuery(["mini", "swan"])
LEASE = 60.0


def new_push(order_id: str, **changes: Any) -> NewPush:
    facts: dict[str, Any] = {
        "shop": "mini",
        "operation": "ORDER_UPDATE",
        "aggregate": f"order/{order_id}",
        "version": 1,
        "payload": '{"total":1980}',
        "personal": PERSONAL,
        "order_id": order_id,
    }
    return NewPush(**facts | changes)


async def add(store: Store, *given: NewPush) -> list[int]:
    async with store.transaction() as transaction:
        return [await store.pushes.add(transaction, push) for push in given]


async def claim(store: Store, owner: str = "me", shop: str = "mini") -> list[ClaimedPush]:
    async with store.transaction() as transaction:
        return await claim_due(store, transaction, owner, shop, lease=LEASE, limit=10)


async def due(store: Store, shop: str) -> list[int]:
    """Answer the ids of the pushes that could be claimed."""
    async with store.transaction() as transaction:
        return await due_ids(store, transaction, shop)


async def settle(store: Store, push: ClaimedPush, owner: str = "me", **settlement: Any) -> bool:
    async with store.transaction() as transaction:
        return await store.outbox.settle(transaction, owner, push, Settlement(**settlement))


async def states(store: Store) -> list[str]:
    """Answer the states of all pushes, the oldest first."""
    return [push.state for push in await store.pushes.page(ALL, limit=100)][::-1]


async def test_only_the_first_push_of_a_line_is_claimed(store: Store) -> None:
    first, _, other = await add(
        store, new_push("1"), new_push("1", version=2), new_push("2", version=7)
    )

    claimed = await claim(store)

    assert [(push.id, push.attempt, push.lost) for push in claimed] == [
        (first, 1, False),
        (other, 1, False),
    ]
    assert claimed[0].personal == PERSONAL
    assert claimed[0].line == QueueKey("mini", "order/1")
    assert await claim(store, "another") == []


async def test_the_next_of_the_line_follows_once_the_first_has_ended(store: Store) -> None:
    _, second = await add(store, new_push("1"), new_push("1", version=2))
    (claimed,) = await claim(store)

    assert await settle(store, claimed, state="DELIVERED", delivered_at=NOW)

    (behind,) = await claim(store)
    assert behind.id == second
    assert await states(store) == ["DELIVERED", "PENDING"]


async def test_what_failed_waits_and_holds_up_its_line(store: Store, clock: Clock) -> None:
    await add(store, new_push("1"), new_push("1", version=2))
    (claimed,) = await claim(store)
    error = PushError(endpoint="importorder.update", message="busy", code="-1")

    await settle(store, claimed, state="PENDING", error=error, next_attempt_at=NOW + 4)

    assert await claim(store) == []
    assert await due(store, "mini") == []
    clock.now = NOW + 4
    assert await due(store, "mini") == [claimed.id]
    assert await due(store, "swan") == []
    (again,) = await claim(store)
    assert (again.id, again.attempt, again.last_error) == (claimed.id, 2, error)


async def test_a_lease_that_ran_out_is_taken_over_as_lost(store: Store, clock: Clock) -> None:
    await add(store, new_push("1"))
    (mine,) = await claim(store)

    clock.now = NOW + LEASE
    (taken,) = await claim(store, "another")

    assert (taken.id, taken.attempt, taken.lost) == (mine.id, 2, True)
    assert not await settle(store, mine, state="DELIVERED", delivered_at=clock.now)
    assert await states(store) == ["PENDING"]
    assert await settle(store, taken, "another", state="DELIVERED", delivered_at=clock.now)


async def test_an_owner_cannot_settle_its_own_earlier_attempt(store: Store, clock: Clock) -> None:
    await add(store, new_push("1"))
    (first,) = await claim(store)
    clock.now = NOW + LEASE
    (second,) = await claim(store)

    assert not await settle(store, first, state="REJECTED")
    assert await settle(store, second, state="DELIVERED", delivered_at=clock.now)


async def test_lines_are_claimed_before_their_time_unless_the_platform_named_one(
    store: Store,
) -> None:
    await add(store, new_push("1"), new_push("2"))
    for claimed in await claim(store):
        held = claimed.line.aggregate == "order/2"
        error = PushError(endpoint="x", message='"held":true', held=held)
        await settle(store, claimed, state="PENDING", error=error, next_attempt_at=NOW + 99)

    async with store.transaction() as transaction:
        lines = [
            QueueKey("mini", "order/1"),
            QueueKey("mini", "order/2"),
            QueueKey("swan", "order/1"),
        ]
        found = await store.outbox.claim_lines(transaction, "me", lines, lease=LEASE)

    assert [push.line for push in found] == [QueueKey("mini", "order/1")]


async def test_backoffs_are_cut_short_but_not_what_the_platform_holds(store: Store) -> None:
    waits, _ = await add(store, new_push("1"), new_push("2"))
    for claimed in await claim(store):
        held = claimed.line.aggregate == "order/2"
        error = PushError(endpoint="x", message="no", held=held)
        await settle(store, claimed, state="PENDING", error=error, next_attempt_at=NOW + 99)

    found = await store.outbox.due("mini", "ORDER_UPDATE", NOW, limit=9, until=NOW + 98)
    assert found == Due([], None)
    found = await store.outbox.due("mini", "ORDER_UPDATE", NOW, limit=9, until=NOW + 99)
    assert found == Due([waits], None)


async def test_a_scan_goes_on_behind_what_it_found_or_looked_at(store: Store) -> None:
    ids = await add(store, *(new_push(str(number // 2), version=number) for number in range(6)))
    operation = "ORDER_UPDATE"

    first = await store.outbox.due("mini", operation, NOW, limit=2)
    assert first == Due([ids[0], ids[2]], Position(NOW, ids[2]))
    assert first.read_to is not None
    rest = await store.outbox.due("mini", operation, NOW, limit=2, after=first.read_to)
    assert rest == Due([ids[4]], None)


async def test_a_later_push_supersedes_what_it_carries_and_nobody_sends(store: Store) -> None:
    await add(
        store,
        new_push("1", version=1),
        new_push("1", version=2, operation="ORDER_STATUS"),
        new_push("1", version=3, operation="ORDER_IMPORT"),
        new_push("2"),
    )
    await claim(store)
    (last,) = await add(store, new_push("1", version=4))

    async with store.transaction() as transaction:
        operations = {"ORDER_UPDATE", "ORDER_STATUS"}
        line = QueueKey("mini", "order/1")
        assert await store.outbox.supersede(transaction, line, last, operations) == 1

    assert await states(store) == ["PENDING", "SUPERSEDED", "PENDING", "PENDING", "PENDING"]


async def test_one_that_was_put_back_waits_for_what_is_being_sent(store: Store) -> None:
    first, second = await add(store, new_push("1"), new_push("1", version=2))
    (claimed,) = await claim(store)
    await settle(store, claimed, state="REJECTED")
    (under_way,) = await claim(store)
    async with store.transaction() as transaction:
        locked = await store.outbox.lock(transaction, first)
        assert locked is not None
        await store.outbox.requeue(transaction, locked, "{}", PERSONAL)
    line = QueueKey("mini", "order/1")

    async with store.transaction() as transaction:
        assert await store.outbox.claim_lines(transaction, "another", [line], lease=LEASE) == []
    assert await due(store, "mini") == []
    await settle(store, under_way, state="DELIVERED", delivered_at=NOW)

    assert under_way.id == second
    assert [push.id for push in await claim(store)] == [first]


@pytest.mark.parametrize(
    ("operation", "state", "lost"),
    [
        ("ORDER_IMPORT", "DEAD", True),
        # Somebody looked at the platform.
        ("ORDER_IMPORT", "OUTCOME_UNKNOWN", False),
        ("AFTER_SALE_IMPORT", "REJECTED", True),
    ],
)
async def test_what_may_have_been_done_stays_so_when_it_is_put_back(
    store: Store, operation: str, state: str, *, lost: bool
) -> None:
    await add(store, new_push("1", operation=operation))
    (claimed,) = await claim(store)
    error = PushError(endpoint="x", message="no", lost=state != "REJECTED")
    await settle(store, claimed, state=state, error=error)

    async with store.transaction() as transaction:
        locked = await store.outbox.lock(transaction, claimed.id)
        assert locked is not None
        await store.outbox.requeue(transaction, locked, "{}", PERSONAL)

    (again,) = await claim(store)
    assert again.lost is lost


async def test_whether_a_later_push_covers_one(store: Store) -> None:
    await add(store, new_push("1"), new_push("1", version=2))
    (first,) = await claim(store)

    async with store.transaction() as transaction:
        assert await store.outbox.is_superseded(transaction, first, {"ORDER_UPDATE"})
        assert not await store.outbox.is_superseded(transaction, first, {"ORDER_IMPORT"})


async def test_what_is_given_back_is_free_at_once(store: Store) -> None:
    await add(store, new_push("1"), new_push("2"), new_push("3"))
    one, two, three = await claim(store)

    async with store.transaction() as transaction:
        await store.outbox.give_back(transaction, "me", [one.id, two.id])
        await store.outbox.end_leases(transaction, "me", [three.id])

    again = await claim(store, "another")
    assert [(push.id, push.lost) for push in again] == [
        (one.id, False),
        (two.id, False),
        (three.id, True),
    ]


async def test_a_push_that_ended_can_be_put_back(store: Store, clock: Clock) -> None:
    await add(store, new_push("1"))
    (claimed,) = await claim(store)
    await settle(store, claimed, state="REJECTED", error=PushError(endpoint="x", message="no"))
    clock.now = NOW + 9

    async with store.transaction() as transaction:
        locked = await store.outbox.lock(transaction, claimed.id)
        assert locked is not None
        assert (locked.state, locked.attempt) == ("REJECTED", 1)
        await store.outbox.requeue(transaction, locked, '{"total":1}', PERSONAL)
        assert await store.outbox.lock(transaction, 10_000) is None

    (again,) = await claim(store)
    assert (again.payload, again.personal, again.attempt) == ('{"total":1}', PERSONAL, 2)
    assert again.last_error is None
    assert not again.lost


async def test_the_day_of_a_push_that_is_put_back_begins_anew(store: Store) -> None:
    await add(store, new_push("1"))
    (claimed,) = await claim(store)
    error = PushError(endpoint="x", message="no", lost=True, waited=86_400.0)
    await settle(store, claimed, state="DEAD", error=error)

    async with store.transaction() as transaction:
        locked = await store.outbox.lock(transaction, claimed.id)
        assert locked is not None
        await store.outbox.requeue(transaction, locked, "{}", PERSONAL)

    (again,) = await claim(store)
    assert again.last_error == PushError(endpoint="x", message="no", lost=True)


async def test_a_push_can_be_discarded(store: Store) -> None:
    (push_id,) = await add(store, new_push("1"))

    async with store.transaction() as transaction:
        await store.outbox.discard(transaction, push_id)

    assert await claim(store) == []
    assert await states(store) == ["DISCARDED"]


async def test_a_push_that_is_held_waits_until_it_is_put_back(store: Store, clock: Clock) -> None:
    held, behind = await add(store, new_push("1"), new_push("1", version=2))
    async with store.transaction() as transaction:
        await store.outbox.hold(transaction, held, "nobody knows whose it is")
    clock.now += 100_000

    assert await claim(store) == []
    async with store.transaction() as transaction:
        line = QueueKey("mini", "order/1")
        assert await store.outbox.claim_lines(transaction, "me", [line], lease=LEASE) == []
        (waiting,) = await store.outbox.waiting(transaction, line)
        assert (waiting.id, waiting.attempt) == (held, 0)
        await store.outbox.requeue(transaction, waiting, "{}", PERSONAL)

    (claimed,) = await claim(store)
    assert (claimed.id, claimed.payload, claimed.lost) == (held, "{}", False)
    assert await settle(store, claimed, state="DELIVERED", delivered_at=NOW)
    assert [push.id for push in await claim(store)] == [behind]


async def test_a_push_under_way_stays_lost_when_it_is_put_back(store: Store, clock: Clock) -> None:
    await add(store, new_push("1"))
    await claim(store)
    clock.now += LEASE + 1
    async with store.transaction() as transaction:
        line = QueueKey("mini", "order/1")
        (taken,) = await store.outbox.claim_lines(transaction, "me", [line], lease=LEASE)
        await store.outbox.requeue(transaction, taken, "{}", PERSONAL)

    (claimed,) = await claim(store)
    assert (taken.lost, claimed.lost) == (True, True)
