"""After a write, every read through the gateway shows it, on every replica."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from tests.e2e.order_samples import IMPORT, baidu_order
from tests.e2e.product_samples import CREATE, READ, UPDATE, new_product
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

LIST = """{ products(first: 100, filter: {shops: ["flagship"]}) {
  sources { state }
  nodes { id title status details { ... on WechatStoreProductDetails { purchaseLimit } } }
} }"""
ORDERS = "{ orders(first: 100) { nodes { platformId } } }"
SET_STATUS = """
mutation ($ids: [ID!]!) { productSetStatus(ids: $ids, status: ON_SHELF) { userErrors { code } } }"""
ADJUST = "mutation ($id: ID!) { skuAdjustStock(id: $id, delta: 7) { userErrors { code } } }"
DELETE = "mutation ($id: ID!) { productDelete(id: $id) { userErrors { code } } }"


async def _listed(gateway: Client) -> tuple[str, dict[str, Any]]:
    """How fresh the list is, and its products by id."""
    products = (await gateway.ask(LIST)).data["products"]
    return products["sources"][0]["state"], {one["id"]: one for one in products["nodes"]}


async def _read(gateway: Client, id_: str) -> Any:
    return (await gateway.ask(READ, {"id": id_})).data["product"]


async def test_each_write_is_seen_by_the_other_replica(serve: Serve, redis_url: str) -> None:
    cache = {"url": redis_url}
    async with serve(cache=cache) as writer, serve(cache=cache) as reader:
        await _listed(reader)
        assert (await _listed(reader))[0] == "CACHED"

        created = (await writer.ask(CREATE, new_product())).data["productCreate"]["product"]
        id_ = created["id"]
        assert id_ in (await _listed(reader))[1]
        assert await _read(reader, id_) == created

        change = {"input": {"id": id_, "purchaseLimit": 4}}
        await writer.ask(UPDATE, change)
        assert (await _listed(reader))[1][id_]["details"] == {"purchaseLimit": 4}
        assert (await _read(reader, id_))["details"]["purchaseLimit"] == 4

        await writer.ask(SET_STATUS, {"ids": [id_]})
        assert (await _listed(reader))[1][id_]["status"] == "ON_SHELF"
        assert (await _read(reader, id_))["status"] == "ON_SHELF"

        await writer.ask(ADJUST, {"id": created["skus"][0]["id"]})
        assert [sku["stock"] for sku in (await _read(reader, id_))["skus"]] == [807, 800]

        await writer.ask(DELETE, {"id": id_})
        assert await _read(reader, id_) is None
        assert id_ not in (await _listed(reader))[1]


async def test_the_other_replica_knows_what_was_written(serve: Serve, redis_url: str) -> None:
    cache = {"url": redis_url}
    async with serve(cache=cache) as first, serve(cache=cache) as second:
        created = (await first.ask(CREATE, new_product())).data["productCreate"]["product"]

        change = {"input": {"id": created["id"], "purchaseLimit": 4}}
        updated = (await second.ask(UPDATE, change)).data["productUpdate"]

    assert updated["userErrors"] == []
    assert updated["product"]["details"]["blocks"] == created["details"]["blocks"]


async def test_changes_made_at_once_undo_nothing(serve: Serve, redis_url: str) -> None:
    cache = {"url": redis_url}
    async with serve(cache=cache) as first, serve(cache=cache) as second:
        created = (await first.ask(CREATE, new_product())).data["productCreate"]["product"]
        changes: list[dict[str, Any]] = [
            {"purchaseLimit": 4},
            {"postageFree": True},
            {"hasReceipt": False},
            {"supportsReplacement": True},
        ]

        answers = await asyncio.gather(
            *(
                gateway.ask(UPDATE, {"input": {"id": created["id"], **change}})
                for change, gateway in zip(changes, (first, second) * 2, strict=True)
            )
        )

        details = (await _read(first, created["id"]))["details"]
    assert [answer.data["productUpdate"]["userErrors"] for answer in answers] == [[]] * 4
    for change in changes:
        assert details | change == details


async def test_a_read_joins_none_that_began_before_a_write(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("latency", 2, path="/merchant/order/getbyfilter")
    order = baidu_order("B1", createdAt=datetime.now(UTC).isoformat())
    first = asyncio.create_task(gateway.ask(ORDERS))
    # Until it has read the ledger and waits for the slow platform.
    await asyncio.sleep(0.7)
    payload = (await gateway.ask(IMPORT, {"input": order})).data["orderImport"]
    second = asyncio.create_task(gateway.ask(ORDERS))

    before, after = (
        [order["platformId"] for order in answer.data["orders"]["nodes"]]
        for answer in await asyncio.gather(first, second)
    )
    assert payload["order"]["platformId"] == "B1"
    assert "B1" not in before
    assert "B1" in after
