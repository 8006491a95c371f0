"""The feed records changes of after-sales, products and pushes, each with what it was before."""

from pathlib import Path
from typing import Any

from tests.e2e.mutations import run, told
from tests.e2e.product_samples import CREATE, new_product
from tests.e2e.test_after_sale_writes import IMPORT_THEM, SET_STATUS, named, order, refund
from tests.e2e.test_product_status import DELETE
from tests.e2e.test_product_status import SET_STATUS as SET_LISTING
from tests.e2e.test_wanted_items import ADD, SYNC_PRODUCTS, line, product, put
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client
from tests.inbox.test_webhooks import rows

DISCARD = "mutation ($id: ID!) { pushDiscard(id: $id) { userErrors { code } } }"
RETRY = "mutation ($id: ID!) { pushRetry(id: $id) { userErrors { code } } }"


def recorded(folder: Path, kind: str) -> list[list[Any]]:
    """The changes of a kind in their order, without their times."""
    found = rows(
        folder,
        "select kind, shop, platform_id, order_id, previous_status, status, cause"
        " from object_changes order by cursor",
    )
    return [change for name, *change in found if name == kind]


async def test_after_sales_are_recorded_when_they_begin_and_move_on(
    gateway: Client, tmp_path: Path
) -> None:
    order_id = await order(gateway, refund("a1"))
    given = {"orderId": order_id, "afterSales": [refund("a2")]}
    assert told(await run(gateway, IMPORT_THEM, given)) == []
    moved = [{"id": named("a1"), "status": "REFUNDED"}]
    assert told(await run(gateway, SET_STATUS, moved)) == []

    assert recorded(tmp_path, "AfterSale") == [
        ["swan", "a1", "B1", None, "APPLYING", "MUTATION"],
        ["swan", "a2", "B1", None, "APPLYING", "MUTATION"],
        ["swan", "a1", "B1", "APPLYING", "REFUNDED", "MUTATION"],
    ]


async def test_products_are_recorded_wherever_they_are_kept(
    gateway: Client, tmp_path: Path
) -> None:
    sold_out = [{"platformId": "s1", "price": {"fen": 1}, "status": "SOLD_OUT"}]
    for more in ({}, {"skus": sold_out}):
        given = {"shop": "mini", "products": [product("p1", **more)]}
        await gateway.ask(SYNC_PRODUCTS, {"input": given})
    created = (await gateway.ask(CREATE, new_product())).data["productCreate"]["product"]
    await gateway.ask(SET_LISTING, {"ids": [created["id"]], "status": "ON_SHELF"})
    await gateway.ask(DELETE, {"id": created["id"]})

    name = created["platformId"]
    assert recorded(tmp_path, "Product") == [
        ["mini", "p1", None, None, "ON_SHELF", "MUTATION"],
        ["mini", "p1", None, "ON_SHELF", "SOLD_OUT", "MUTATION"],
        ["flagship", name, None, None, "OFF_SHELF", "MUTATION"],
        ["flagship", name, None, None, "ON_SHELF", "MUTATION"],
        ["flagship", name, None, None, None, "DELETED"],
    ]


async def test_pushes_are_recorded_when_they_need_a_person_and_when_one_decided(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    await put(gateway, line("delivered"))
    sandbox.fault("errcode", 9009203, path=ADD, times=None)
    await put(gateway, line("refused"))
    (push,) = (await gateway.ask("{ pushes(first: 1) { nodes { id } } }")).data["pushes"]["nodes"]
    await gateway.ask(RETRY, push)
    await gateway.ask(DISCARD, push)

    assert recorded(tmp_path, "Push") == [
        ["mini", "2", None, "PENDING", "REJECTED", "DELIVERY"],
        ["mini", "2", None, "REJECTED", "PENDING", "MUTATION"],
        ["mini", "2", None, "PENDING", "REJECTED", "DELIVERY"],
        ["mini", "2", None, "REJECTED", "DISCARDED", "MUTATION"],
    ]
