"""Endpoints of webhooks: made, changed, turned off and on, and their secrets, on each database."""

import asyncio

import pytest
from sqlalchemy import select

from gateway.store.batches import no_progress
from gateway.store.object_changes import NewObjectChange
from gateway.store.order_changes import NewOrderChange
from gateway.store.store import Store
from gateway.store.webhook_deliveries import EXPIRED_DELIVERIES
from gateway.store.webhook_endpoints import StoredWebhookEndpoint
from gateway.store.webhook_tables import webhook_endpoints
from tests.store.conftest import Clock
from tests.store.samples import NOW
from tests.store.webhook_rows import (
    SECRET,
    URL,
    add_endpoint,
    claim,
    endpoint,
    message,
    record,
)

ORDER = NewOrderChange(
    shop="mini", platform_id="1", status="PAID", previous_status=None, cause="POLL"
)
PRODUCT = NewObjectChange(kind="Product", shop="mini", platform_id="p", status=None, cause="POLL")
#: The database makes no difference to these.
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


async def get(store: Store, number: int) -> StoredWebhookEndpoint:
    return (await store.webhook_endpoints.get_many([number]))[number]


async def test_an_endpoint_is_read_as_it_was_made(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.order_changes.append(transaction, [ORDER, ORDER])
        await store.object_changes.append(transaction, [PRODUCT])
    new = endpoint(topics=["ORDER_CHANGED", "PUSH_FAILED"], shops=["mini", "swan"])
    number = await add_endpoint(store, new)

    assert await store.webhook_endpoints.all() == [
        StoredWebhookEndpoint(
            id=number,
            url=URL,
            topics=frozenset({"ORDER_CHANGED", "PUSH_FAILED"}),
            shops=frozenset({"mini", "swan"}),
            enabled=True,
            disabled_reason=None,
            key_name="front",
            key_id="k1",
            order_cursor=2,
            object_cursor=1,
            begun_at=NOW,
            failing_since=None,
            created_at=NOW,
        )
    ]


@on_sqlite
async def test_a_key_sees_its_own_endpoints(store: Store) -> None:
    mine = await add_endpoint(store)
    other = await add_endpoint(store, endpoint(key_id="k2"))

    of_key = [one.id for one in await store.webhook_endpoints.all("k2")]
    assert of_key == [other]
    assert [one.id for one in await store.webhook_endpoints.all()] == [mine, other]
    assert await store.webhook_endpoints.get_many([]) == {}


async def test_two_requests_cannot_both_make_the_last_endpoint_of_a_key(store: Store) -> None:
    async def add() -> int | None:
        async with store.transaction() as transaction:
            return await store.webhook_endpoints.add(transaction, endpoint(), most=1)

    made = await asyncio.gather(add(), add(), add())

    assert sorted(one is None for one in made) == [False, True, True]
    assert len(await store.webhook_endpoints.all()) == 1


@on_sqlite
async def test_what_an_endpoint_asks_for(store: Store) -> None:
    number = await add_endpoint(store, endpoint(shops=["mini"]))
    one = await get(store, number)
    assert one.wants("ORDER_CHANGED", "mini")
    assert one.wants("ORDER_CHANGED", None)
    assert not one.wants("ORDER_CHANGED", "swan")
    assert not one.wants("PUSH_FAILED", "mini")

    async with store.transaction() as transaction:
        await store.webhook_endpoints.update(
            transaction, number, url="https://b", topics=frozenset({"PUSH_FAILED"}), shops=None
        )
    changed = await get(store, number)
    assert (changed.url, changed.shops) == ("https://b", None)
    assert changed.wants("PUSH_FAILED", "swan")


async def test_an_endpoint_that_is_turned_on_again_is_told_what_follows(
    store: Store, clock: Clock
) -> None:
    number = await add_endpoint(store)
    endpoints = store.webhook_endpoints
    async with store.transaction() as transaction:
        assert await endpoints.note_failure(transaction, number) == NOW
        assert await endpoints.turn_off(transaction, number, "five days without a success")
        assert not await endpoints.turn_off(transaction, number, "again")
        await store.order_changes.append(transaction, [ORDER])
    off = await get(store, number)
    assert (off.enabled, off.disabled_reason) == (False, "five days without a success")
    assert await endpoints.enabled() == []

    clock.now += 10
    async with store.transaction() as transaction:
        assert await endpoints.turn_on(transaction, number)
        assert not await endpoints.turn_on(transaction, number)
        assert not await endpoints.turn_on(transaction, number + 1)
    (again,) = await endpoints.enabled()
    assert (again.disabled_reason, again.failing_since) == (None, None)
    assert (again.order_cursor, again.object_cursor, again.begun_at) == (1, 0, NOW + 10)


async def test_what_waited_while_an_endpoint_was_off_goes_on_in_order(
    store: Store, clock: Clock
) -> None:
    number = await add_endpoint(store)
    await record(store, message(number, "order 1", "1"))
    clock.now += 100
    await record(store, message(number, "order 1", "2"), message(number, "order 1", "3"))
    async with store.transaction() as transaction:
        await store.webhook_endpoints.turn_off(transaction, number, None)
    # The first of the line is past its time.
    assert await store.retention.apply(EXPIRED_DELIVERIES, 50, "me", no_progress) == 1
    assert await claim(store, number) == []

    async with store.transaction() as transaction:
        await store.webhook_endpoints.turn_on(transaction, number)

    assert [one.body for one in await claim(store, number)] == ["2"]


@on_sqlite
async def test_the_first_failure_since_the_last_success_is_kept(store: Store, clock: Clock) -> None:
    number = await add_endpoint(store)
    endpoints = store.webhook_endpoints
    async with store.transaction() as transaction:
        await endpoints.note_failure(transaction, number)
    clock.now += 60
    async with store.transaction() as transaction:
        assert await endpoints.note_failure(transaction, number) == NOW
        await endpoints.note_success(transaction, number)
        assert await endpoints.note_failure(transaction, number) == NOW + 60
        assert await endpoints.note_failure(transaction, number + 1) is None
    assert (await get(store, number)).failing_since == NOW + 60


@on_sqlite
async def test_both_secrets_sign_for_a_while(store: Store, clock: Clock) -> None:
    number = await add_endpoint(store)
    endpoints = store.webhook_endpoints
    assert await endpoints.secrets(number) == [SECRET]

    async with store.transaction() as transaction:
        assert await endpoints.rotate_secret(transaction, number, "whsec_new", overlap=60)
        assert not await endpoints.rotate_secret(transaction, 99, "whsec_new", overlap=60)
    assert await endpoints.secrets(number) == ["whsec_new", SECRET]
    clock.now += 60
    assert await endpoints.secrets(number) == ["whsec_new"]
    assert await endpoints.secrets(99) == []


async def test_secrets_are_sealed(store: Store) -> None:
    number = await add_endpoint(store)
    async with store.transaction() as transaction:
        await store.webhook_endpoints.rotate_secret(transaction, number, "whsec_new", overlap=60)
        found = await transaction.connection.execute(select(webhook_endpoints))
        row = found.one()

    assert SECRET.encode() not in row.previous_secret
    assert b"whsec_new" not in row.secret
    place = {"shop": "", "row": str(number), "column": "webhook_endpoints.previous_secret"}
    assert store.vault.unseal(row.previous_secret, **place) == SECRET.encode()


@on_sqlite
async def test_a_deleted_endpoint_is_gone_and_its_deliveries_are_sent_no_more(
    store: Store,
) -> None:
    number = await add_endpoint(store)
    await record(store, message(number, "order 1"))
    async with store.transaction() as transaction:
        assert await store.webhook_endpoints.delete(transaction, number)
        assert not await store.webhook_endpoints.delete(transaction, number)
        assert await store.webhook_endpoints.lock(transaction, number) is None

    assert await store.webhook_endpoints.get_many([number]) == {}
    assert await store.webhook_deliveries.due_endpoints(NOW) == []
    # Its number is not given out again.
    assert await add_endpoint(store) == number + 1
