"""What of the changes is recorded for which endpoint, once."""

import asyncio
import json
from collections.abc import Mapping

from gateway.store.bulk_operations import BulkCaller, NewBulkOperation
from gateway.store.object_changes import NewObjectChange
from gateway.store.row_numbers import BULK_OPERATIONS, PUSHES
from gateway.webhooks.bodies import Topic
from schema.key import Key
from schema.scope import Scope
from tests.webhooks.worlds import RECORD, World, changed, world

PRODUCT = NewObjectChange(
    kind="Product", shop="mini", platform_id="p1", status="ON_SHELF", cause="MUTATION"
)


def push(state: str) -> NewObjectChange:
    return NewObjectChange(
        kind="Push",
        shop="mini",
        platform_id="7",
        order_id="1",
        status=state,
        previous_status="PENDING",
        cause="DELIVERY",
    )


def bulk(key_id: str, shop: str | None = None) -> NewBulkOperation:
    caller = BulkCaller(name="front", key_id=key_id, by_key=True, scopes=frozenset(), shops=None)
    return NewBulkOperation(kind="ORDERS", caller=caller, shop=shop)


async def record_all(here: World) -> int:
    """Record until there is nothing left; answer how many changes there were."""
    recorder, count = here.recorder(), 0
    while recorded := await recorder.once():
        count += recorded
    return count


async def subjects(here: World, endpoint: int) -> list[tuple[str, str | None]]:
    return [(one.topic, one.subject) for one in await here.deliveries(endpoint)]


def order_id(number: str, shop: str = "mini") -> str:
    return Key("Order", shop, number).encode()


async def bodies(here: World, endpoint: int) -> list[Mapping[str, object]]:
    async with here.store.transaction() as transaction:
        claimed = await here.store.webhook_deliveries.claim(
            transaction, "reader", endpoint, lease=1, limit=99
        )
    return [json.loads(one.body) for one in sorted(claimed, key=lambda one: one.id)]


async def test_without_endpoints_nothing_is_written(here: World) -> None:
    await here.orders(("1", "PAID"))
    commits = here.store.commits

    assert await record_all(here) == 0
    assert here.store.commits == commits


async def test_an_endpoint_is_told_what_follows_it(here: World) -> None:
    await here.orders(("1", "PAID"))
    first = await here.endpoint()
    await here.orders(("2", "PAID"))
    second = await here.endpoint()
    await here.orders(("3", "PAID"), ("2", "SHIPPED"))

    assert await record_all(here) == 3
    assert await subjects(here, first) == [
        ("ORDER_CHANGED", order_id("2")),
        ("ORDER_CHANGED", order_id("3")),
        ("ORDER_CHANGED", order_id("2")),
    ]
    assert await subjects(here, second) == [
        ("ORDER_CHANGED", order_id("3")),
        ("ORDER_CHANGED", order_id("2")),
    ]
    assert await record_all(here) == 0


async def test_an_endpoint_is_told_of_its_topics_and_shops(here: World) -> None:
    orders = await here.endpoint(topics=[Topic.ORDER_CHANGED], shops=["swan"])
    products = await here.endpoint(topics=[Topic.PRODUCT_CHANGED])
    await here.orders(("1", "PAID"))
    await here.orders(("2", "PAID"), shop="swan")
    await here.objects(PRODUCT)

    await record_all(here)
    assert await subjects(here, orders) == [("ORDER_CHANGED", order_id("2", "swan"))]
    assert await subjects(here, products) == [
        ("PRODUCT_CHANGED", Key("Product", "mini", "p1").encode())
    ]


async def test_what_the_key_may_not_see_is_not_recorded(here: World) -> None:
    number = await here.endpoint()
    here.keys[:] = [changed(shops=frozenset({"swan"}), scopes=frozenset({Scope.CATALOG_READ}))]
    await here.orders(("1", "PAID"))
    await here.orders(("1", "PAID"), shop="swan")
    await here.objects(PRODUCT)
    assert await record_all(here) == 3

    here.keys.clear()
    await here.orders(("2", "PAID"), shop="swan")
    assert await record_all(here) == 1
    assert await subjects(here, number) == []


async def test_an_endpoint_that_is_off_is_told_nothing_of_that_time(here: World) -> None:
    number = await here.endpoint()
    other = await here.endpoint()
    endpoints = here.store.webhook_endpoints
    async with here.store.transaction() as transaction:
        await endpoints.turn_off(transaction, number, None)
    await here.orders(("1", "PAID"))
    async with here.store.transaction() as transaction:
        await endpoints.turn_on(transaction, number)
    await here.orders(("2", "PAID"))

    await record_all(here)
    assert await subjects(here, number) == [("ORDER_CHANGED", order_id("2"))]
    assert len(await subjects(here, other)) == 2


async def test_processes_record_each_change_once(here: World) -> None:
    await record_at_once(here)


async def test_processes_record_each_change_once_on_postgres(migrated_postgres_url: str) -> None:
    """There they write at the same time."""
    async with world(migrated_postgres_url) as here:
        await record_at_once(here)


async def record_at_once(here: World) -> None:
    """Let three recorders record the same changes."""
    number = await here.endpoint()
    names = [str(name) for name in range(600)]
    await here.orders(*((name, "PAID") for name in names))

    recorders = [here.recorder() for _ in range(3)]
    for _ in range(4):
        await asyncio.gather(*(one.once() for one in recorders))

    assert [one.subject for one in await here.deliveries(number)] == [
        order_id(name) for name in names
    ]


async def test_pushes_that_failed_are_told(here: World) -> None:
    number = await here.endpoint()
    await here.objects(*map(push, ("DEAD", "PENDING", "REJECTED", "OUTCOME_UNKNOWN", "DISCARDED")))

    assert await record_all(here) == 5
    name = Key("Push", "mini", here.store.row_numbers.conceal(PUSHES, 7)).encode()
    assert await subjects(here, number) == [("PUSH_FAILED", name)] * 3
    assert (await bodies(here, number))[0] == {
        "type": "push.failed",
        "timestamp": "2023-11-14T22:13:20.500Z",
        "data": {"id": name, "shop": "mini", "orderId": order_id("1"), "state": "DEAD"},
    }


async def test_the_end_of_a_bulk_operation_is_told_to_its_key(here: World) -> None:
    number = await here.endpoint()
    store = here.store.bulk_operations
    for key_id in (RECORD.id, "another"):
        async with here.store.transaction() as transaction:
            await store.create(transaction, bulk(key_id))
            claimed = await store.claim(transaction, "me", ["ORDERS"], lease=60)
            assert claimed is not None
            await store.finish(transaction, claimed, "DONE", None)
    async with here.store.transaction() as transaction:
        waiting = await store.create(transaction, bulk(RECORD.id, "mini"))
        assert await store.cancel(transaction, waiting)
    assert await record_all(here) == 3

    keys = [
        Key("BulkOperation", shop, here.store.row_numbers.conceal(BULK_OPERATIONS, number))
        for shop, number in (("*", 1), ("mini", waiting))
    ]
    assert [one["data"] for one in await bodies(here, number)] == [
        {"id": keys[0].encode(), "shop": None, "kind": "ORDERS", "state": "DONE"},
        {"id": keys[1].encode(), "shop": "mini", "kind": "ORDERS", "state": "CANCELLED"},
    ]
