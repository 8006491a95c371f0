"""A push that is sent again while a worker claims: never two of one order under way."""

import asyncio

import pytest

from gateway.outbox.dead_letters import NotRetryable, retry_push
from gateway.store.outbox import ClaimedPush, Settlement
from tests.outbox.conftest import Office, command
from tests.store.claims import claim_due

ROUNDS = 15


@pytest.fixture
async def rejected(office: Office) -> int:
    """Answer the number of a push that was rejected; one that it does not carry along is due."""
    return await two_pushes(office, "A")


async def two_pushes(office: Office, order_id: str) -> int:
    store = office.store
    async with store.transaction() as transaction:
        await office.intake.accept(transaction, [command(order_id, "ORDER_STATUS")])
        (first,) = await claim_due(store, transaction, "one", "swan", lease=60, limit=9)
        await store.outbox.settle(transaction, "one", first, Settlement(state="REJECTED"))
        await office.intake.accept(transaction, [command(order_id)])
    return first.id


async def again(office: Office, number: int) -> list[ClaimedPush]:
    """Send a push again, as an operator does."""
    async with office.store.transaction() as transaction:
        push = await retry_push(office.store, transaction, number)
        return await office.dispatcher.claim(transaction, [push.line])


async def due(office: Office) -> list[ClaimedPush]:
    """Claim what is due, as a worker does."""
    async with office.store.transaction() as transaction:
        return await claim_due(office.store, transaction, "worker", "swan", lease=60, limit=9)


async def test_what_is_sent_again_sees_what_a_worker_is_about_to_send(
    office: Office, rejected: int
) -> None:
    async with office.store.transaction() as transaction:
        claimed = await claim_due(office.store, transaction, "worker", "swan", lease=60, limit=9)
        retrying = asyncio.create_task(again(office, rejected))
        await asyncio.sleep(0.2)

    assert [push.id for push in claimed] == [rejected + 1]
    assert await retrying == []
    assert await office.states() == ["PENDING", "PENDING"]


async def test_a_worker_sees_what_is_about_to_be_sent_again(office: Office, rejected: int) -> None:
    async with office.store.transaction() as transaction:
        push = await retry_push(office.store, transaction, rejected)
        claimed = await office.dispatcher.claim(transaction, [push.line])
        working = asyncio.create_task(due(office))
        await asyncio.sleep(0.2)

    assert [push.id for push in claimed] == [rejected]
    assert await working == []


async def test_what_is_sent_again_and_a_change_of_its_order_do_not_wait_for_each_other(
    office: Office,
) -> None:
    async with office.store.transaction() as transaction:
        await office.intake.accept(transaction, [command("A", "ORDER_STATUS")])

    async with office.store.transaction() as transaction:
        await office.store.orders.lock_many(transaction, "swan", ["A"])
        retrying = asyncio.create_task(again(office, 1))
        await asyncio.sleep(0.2)
        await office.intake.accept(transaction, [command("A")])

    with pytest.raises(NotRetryable, match="SUPERSEDED"):
        await retrying
    assert await office.states() == ["SUPERSEDED", "PENDING"]


async def test_whoever_comes_first_one_push_of_an_order_is_under_way(office: Office) -> None:
    for number in range(ROUNDS):
        rejected = await two_pushes(office, f"O{number}")

        mine, theirs = await asyncio.gather(again(office, rejected), due(office))

        under_way = [push.id for push in (*mine, *theirs)]
        assert len(under_way) <= 1, under_way
        async with office.store.transaction() as transaction:
            for push in (*mine, *theirs):
                owner = office.dispatcher.owner if push in mine else "worker"
                done = Settlement(state="DELIVERED", delivered_at=transaction.now)
                assert await office.store.outbox.settle(transaction, owner, push, done)
        while left := await due(office):
            async with office.store.transaction() as transaction:
                for push in left:
                    done = Settlement(state="DELIVERED", delivered_at=transaction.now)
                    assert await office.store.outbox.settle(transaction, "worker", push, done)
    assert await office.states() == ["DELIVERED"] * 2 * ROUNDS
