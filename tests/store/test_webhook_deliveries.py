"""Deliveries of webhooks: claimed by lines, settled under a lease, on each database."""

import asyncio

import pytest

from gateway.store.batches import no_progress
from gateway.store.store import Store
from gateway.store.webhook_deliveries import (
    EXPIRED_DELIVERIES,
    ClaimedWebhookDelivery,
    StoredWebhookDelivery,
    WebhookDeliveryQuery,
    WebhookSettlement,
)
from tests.store.conftest import Clock
from tests.store.samples import NOW
from tests.store.webhook_rows import add_endpoint, claim, message, record, settle

DELIVERED = WebhookSettlement("DELIVERED", status=200)
DEAD = WebhookSettlement("DEAD", status=500, error="HTTP 500")
LATER = WebhookSettlement("PENDING", status=500, error="HTTP 500", next_attempt_at=NOW + 30)


def bodies(claimed: list[ClaimedWebhookDelivery]) -> list[str]:
    return [one.body for one in claimed]


#: The database makes no difference to these.
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


async def stored(store: Store, number: int) -> StoredWebhookDelivery:
    return (await store.webhook_deliveries.get_many([number]))[number]


async def test_a_delivery_is_claimed_once_and_settled(store: Store, clock: Clock) -> None:
    endpoint = await add_endpoint(store)
    await record(store, message(endpoint, "order 1", '{"n":1}'))
    assert await store.webhook_deliveries.due_endpoints(NOW) == [endpoint]
    (claimed,) = await claim(store, endpoint)
    assert claimed == ClaimedWebhookDelivery(
        id=claimed.id,
        endpoint=endpoint,
        topic="ORDER_CHANGED",
        shop="mini",
        subject="order 1",
        body='{"n":1}',
        queued_at=NOW,
        attempt=1,
    )
    assert await store.webhook_deliveries.due_endpoints(NOW) == []
    assert await claim(store, endpoint, owner="another") == []

    clock.now += 1
    assert await settle(store, claimed, DELIVERED)
    assert await stored(store, claimed.id) == StoredWebhookDelivery(
        id=claimed.id,
        endpoint=endpoint,
        topic="ORDER_CHANGED",
        shop="mini",
        subject="order 1",
        state="DELIVERED",
        attempts=1,
        queued_at=NOW,
        delivered_at=NOW + 1,
        next_attempt_at=None,
        last_status=200,
        last_error=None,
    )


async def test_the_deliveries_of_a_subject_go_one_after_the_other(store: Store) -> None:
    endpoint, other = await add_endpoint(store), await add_endpoint(store)
    await record(store, message(endpoint, "1", "a"), message(endpoint, "1", "b"))
    await record(
        store,
        message(endpoint, "2", "c"),
        message(endpoint, "1", "d"),
        message(endpoint, None, "e"),
        message(endpoint, None, "f"),
        message(other, "1", "g"),
    )
    first = await claim(store, endpoint)
    assert bodies(first) == ["a", "c", "e", "f"]
    assert bodies(await claim(store, other)) == ["g"]

    assert await settle(store, first[0], DELIVERED)
    (second,) = await claim(store, endpoint)
    assert second.body == "b"
    assert await settle(store, second, LATER)
    assert await claim(store, endpoint) == []


@on_sqlite
async def test_a_dead_delivery_lets_the_next_one_go(store: Store) -> None:
    endpoint = await add_endpoint(store)
    await record(store, message(endpoint, "1", "a"), message(endpoint, "1", "b"))
    (first,) = await claim(store, endpoint)
    assert await settle(store, first, DEAD)

    assert bodies(await claim(store, endpoint)) == ["b"]


async def test_a_dead_letter_is_retried_as_the_next_of_its_line(store: Store, clock: Clock) -> None:
    endpoint = await add_endpoint(store)
    await record(store, *(message(endpoint, "1", body) for body in "abc"))
    (first,) = await claim(store, endpoint)
    await settle(store, first, DEAD)
    (second,) = await claim(store, endpoint)
    clock.now += 5
    dead = await stored(store, first.id)
    async with store.transaction() as transaction:
        assert await store.webhook_deliveries.retry(transaction, dead)
        assert not await store.webhook_deliveries.retry(transaction, dead)
    again = await stored(store, first.id)
    assert (again.state, again.queued_at, again.next_attempt_at) == ("PENDING", NOW + 5, None)
    # The one that is being sent ends first.
    assert await claim(store, endpoint) == []

    await settle(store, second, DELIVERED)
    (retried,) = await claim(store, endpoint)
    assert (retried.body, retried.attempt) == ("a", 2)
    await settle(store, retried, DELIVERED)
    assert bodies(await claim(store, endpoint)) == ["c"]


@on_sqlite
async def test_a_dead_letter_alone_in_its_line_is_due_at_once(store: Store) -> None:
    endpoint = await add_endpoint(store)
    await record(store, message(endpoint, "1"), message(endpoint, None))
    for one in await claim(store, endpoint):
        await settle(store, one, DEAD)
        async with store.transaction() as transaction:
            await store.webhook_deliveries.retry(transaction, await stored(store, one.id))

    assert len(await claim(store, endpoint)) == 2


@on_sqlite
async def test_a_lost_lease_writes_nothing(store: Store, clock: Clock) -> None:
    endpoint = await add_endpoint(store)
    await record(store, message(endpoint, "1"))
    (lost,) = await claim(store, endpoint, owner="killed")
    clock.now += 60
    (taken,) = await claim(store, endpoint, owner="me")
    assert taken.attempt == 2

    assert not await settle(store, lost, DELIVERED, owner="killed")
    assert (await stored(store, lost.id)).state == "PENDING"
    assert await settle(store, taken, DELIVERED)


@on_sqlite
async def test_what_was_not_sent_is_given_back(store: Store) -> None:
    endpoint = await add_endpoint(store)
    await record(store, message(endpoint, "1"))
    (one,) = await claim(store, endpoint)
    async with store.transaction() as transaction:
        await store.webhook_deliveries.give_back(transaction, "another", one)
        await store.webhook_deliveries.give_back(transaction, "me", one)

    (again,) = await claim(store, endpoint, owner="another")
    assert again.attempt == 1


async def test_two_replicas_never_claim_the_same_delivery(store: Store) -> None:
    endpoint = await add_endpoint(store)
    await record(store, *(message(endpoint, str(number)) for number in range(40)))

    claimed = await asyncio.gather(
        *(claim(store, endpoint, owner=owner, limit=30) for owner in ("one", "two"))
    )

    ids = [one.id for some in claimed for one in some]
    assert len(ids) == len(set(ids)) == 40


async def test_what_is_added_while_the_one_before_is_settled_is_not_forgotten(
    store: Store,
) -> None:
    """On PostgreSQL neither transaction sees the other's rows; the endpoint's lock parts them."""
    endpoint = await add_endpoint(store)

    async def add(number: int) -> None:
        async with store.transaction() as transaction:
            await store.webhook_endpoints.lock(transaction, endpoint)
            await store.webhook_deliveries.record(
                transaction, [message(endpoint, "1", str(number))]
            )

    seen: list[str] = []
    await add(0)
    for number in range(1, 20):
        (one,) = await claim(store, endpoint)
        seen.append(one.body)
        await asyncio.gather(settle(store, one, DELIVERED), add(number))

    assert seen == [str(number) for number in range(19)]


async def test_pages_and_counts(store: Store) -> None:
    endpoint, other = await add_endpoint(store), await add_endpoint(store)
    await record(
        store,
        message(endpoint, "1"),
        message(endpoint, "2"),
        message(other, "1"),
        message(endpoint, "1"),
    )
    (first, _) = await claim(store, endpoint)
    await settle(store, first, DELIVERED)
    deliveries = store.webhook_deliveries
    both = WebhookDeliveryQuery(endpoints=[endpoint, other], subject="1")
    mine = WebhookDeliveryQuery(endpoints=[endpoint])

    page = await deliveries.page(both, limit=2)
    assert [one.endpoint for one in page] == [endpoint, other]
    rest = await deliveries.page(both, after=page[-1].id, limit=2)
    assert [one.id for one in rest] == [first.id]
    delivered = WebhookDeliveryQuery(endpoints=[endpoint], states=["DELIVERED"])
    assert [one.id for one in await deliveries.page(delivered, limit=9)] == [first.id]
    assert await deliveries.count(mine) == 3
    assert await deliveries.count(both) == 3
    assert await deliveries.count(delivered) == 1
    assert await deliveries.count(WebhookDeliveryQuery(endpoints=[])) == 0
    assert await deliveries.page(WebhookDeliveryQuery(endpoints=[]), limit=9) == []
    assert await deliveries.get_many([]) == {}


@on_sqlite
async def test_the_oldest_that_waits_for_an_endpoint_that_is_on(store: Store, clock: Clock) -> None:
    endpoint, off = await add_endpoint(store), await add_endpoint(store)
    assert await store.webhook_deliveries.oldest_pending() is None
    await record(store, message(off, "1"))
    clock.now += 7
    await record(store, message(endpoint, "1"))
    assert await store.webhook_deliveries.oldest_pending() == NOW

    async with store.transaction() as transaction:
        await store.webhook_endpoints.turn_off(transaction, off, None)
    assert await store.webhook_deliveries.oldest_pending() == NOW + 7


async def test_retention_keeps_what_is_still_to_be_sent(store: Store, clock: Clock) -> None:
    endpoint, deleted = await add_endpoint(store), await add_endpoint(store)
    await record(store, message(endpoint, "1"), message(endpoint, "2"), message(deleted, "1"))
    (done, waits) = await claim(store, endpoint)
    await settle(store, done, DELIVERED)
    async with store.transaction() as transaction:
        await store.webhook_endpoints.delete(transaction, deleted)
    clock.now += 100
    await record(store, message(endpoint, "3"))

    assert await store.retention.apply(EXPIRED_DELIVERIES, 50, "me", no_progress) == 2
    left = await store.webhook_deliveries.page(
        WebhookDeliveryQuery(endpoints=[endpoint, deleted]), limit=9
    )
    assert [one.subject for one in left] == ["3", "2"]
    assert left[1].id == waits.id
