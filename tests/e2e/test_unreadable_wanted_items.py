"""A line whose buyer cannot be decrypted: it stands in its list, and can be taken off."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gateway.platforms.mini_program.sandbox.state import MINI
from tests.e2e.mutations import told
from tests.e2e.test_wanted_items import BUYER, REMOVE, line, put
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

WORDS = (
    "wanted_items.open_id of shop mini in the ledger cannot be decrypted:"
    " it was written with another key, or was tampered with"
)
LIST = """query ($openId: String!) {
  wantedItems(shop: "mini", openId: $openId, first: 9) {
    totalCount nodes { platformSkuId openId }
  }
}"""
TAKE_OFF = """mutation ($openId: String!, $items: [WantedItemKeyInput!]!) {
  wantedItemsRemove(shop: "mini", openId: $openId, items: $items) {
    wantedItems { platformSkuId openId } pushes { state } userErrors { code field }
  }
}"""
CLEAR = """mutation ($openId: String!) {
  wantedItemsClear(shop: "mini", openId: $openId) {
    wantedItems { platformSkuId openId } pushes { state } userErrors { code field }
  }
}"""


@pytest.fixture
async def line_id(gateway: Client, tmp_path: Path) -> str:
    """Answer the id of a line that was damaged; two sound ones stand beside it."""
    answer = await put(gateway, *(line(f"s{number}") for number in (1, 2, 3)))
    await asyncio.to_thread(spoil, tmp_path, "s2")
    name: str = answer["wantedItems"][1]["id"]
    return name


def spoil(folder: Path, sku: str) -> None:
    """Damage the sealed open id of a line."""
    with sqlite3.connect(folder / "gateway.db") as connection:
        connection.execute(
            "UPDATE wanted_items SET open_id = x'00' WHERE document LIKE ?",
            (f'%"platform_sku_id":"{sku}"%',),
        )


async def listed(gateway: Client) -> tuple[dict[str, Any], list[Any]]:
    """Answer the open id of each line by its SKU, and what is told beside."""
    body = (await gateway.ask(LIST, {"openId": BUYER})).body
    nodes = body["data"]["wantedItems"]["nodes"]
    assert body["data"]["wantedItems"]["totalCount"] == len(nodes)
    errors = [
        (error["message"], nodes[error["path"][2]]["platformSkuId"], error["path"][3])
        for error in body.get("errors", [])
    ]
    return {node["platformSkuId"]: node["openId"] for node in nodes}, errors


async def test_a_list_tells_all_of_it_but_its_buyer(gateway: Client, line_id: str) -> None:
    assert line_id
    # More than once: the second time the query is compiled.
    for _ in range(3):
        nodes, errors = await listed(gateway)

        assert nodes == {"s1": BUYER, "s2": None, "s3": BUYER}
        assert errors == [(WORDS, "s2", "openId")]


async def test_what_does_not_ask_for_its_buyer_notices_nothing(
    gateway: Client, line_id: str
) -> None:
    node = "query ($id: ID!) { node(id: $id) { ... on WantedItem { %s } } }"

    asked = await gateway.ask(node % "title quantity", {"id": line_id})
    refused = await gateway.ask(node % "openId", {"id": line_id})

    assert asked.data["node"] == {"title": "T恤", "quantity": None}
    assert refused.body["data"] == {"node": {"openId": None}}
    assert refused.codes == ["STORE_UNAVAILABLE"]


async def test_an_import_mends_it(gateway: Client, line_id: str) -> None:
    answer = await put(gateway, line("s2"))

    assert told(answer) == []
    assert [(one["id"], one["openId"]) for one in answer["wantedItems"]] == [(line_id, BUYER)]
    assert await listed(gateway) == ({"s1": BUYER, "s2": BUYER, "s3": BUYER}, [])


async def test_it_is_taken_off_as_its_buyer_s(
    gateway: Client, sandbox: Sandbox, line_id: str
) -> None:
    assert line_id
    items = [{"platformProductId": "p1", "platformSkuId": name} for name in ("s1", "s2")]
    given = {"openId": BUYER, "items": items}
    key = {"Idempotency-Key": "take-off"}

    asked = [await gateway.ask(TAKE_OFF, given, key) for _ in range(2)]

    for answer in asked:
        assert answer.data["wantedItemsRemove"] == {
            "wantedItems": [{"platformSkuId": name, "openId": BUYER} for name in ("s1", "s2")],
            "pushes": [{"state": "DELIVERED"}] * 2,
            "userErrors": [],
        }
    assert len(sandbox.requests(REMOVE)) == 1
    assert await listed(gateway) == ({"s3": BUYER}, [])


async def test_a_list_with_it_is_emptied(gateway: Client, sandbox: Sandbox, line_id: str) -> None:
    assert line_id

    done = (await gateway.ask(CLEAR, {"openId": BUYER})).data["wantedItemsClear"]

    assert {one["platformSkuId"]: one["openId"] for one in done["wantedItems"]} == dict.fromkeys(
        ("s1", "s2", "s3"), BUYER
    )
    assert done["pushes"] == [{"state": "DELIVERED"}] * 3
    assert sandbox.shops("mini_program")[MINI.app_id]["wanted"][BUYER] == []
    assert await listed(gateway) == ({}, [])
