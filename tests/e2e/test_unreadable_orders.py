"""An order whose buyer cannot be decrypted: it stands in its list, only its buyer is missing."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.mutations import run
from tests.e2e.order_samples import IMPORT, UPDATE, mini_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

WORDS = (
    "orders.personal of shop mini in the ledger cannot be decrypted:"
    " it was written with another key, or was tampered with"
)
LIST = """query($from: DateTime, $to: DateTime) {
  orders(first: 5, filter: {shops: ["mini"], createdFrom: $from, createdTo: $to}) {
    nodes {
      platformId status buyer { openId } shippingAddress { city }
      details { ... on MiniProgramOrderDetails { brandPhone invoice { title } } }
    }
    sources { state count }
  }
}"""
DAY = {"from": "2024-01-31T00:00:00+08:00", "to": "2024-02-01T00:00:00+08:00"}


def spoil(folder: Path) -> None:
    """Damage what is sealed, not on the gateway's own loop."""
    with sqlite3.connect(folder / "gateway.db") as connection:
        connection.execute("UPDATE orders SET personal = x'00' WHERE platform_id = 'M2'")


@pytest.fixture
async def order_id(gateway: Client, tmp_path: Path) -> str:
    """Answer the id of an order that was damaged; a sound one stands beside it."""
    await run(gateway, IMPORT, mini_order("M1"))
    payload = await run(gateway, IMPORT, mini_order("M2"))
    await asyncio.to_thread(spoil, tmp_path)
    name: str = payload["order"]["id"]
    return name


# More than once: the second time the query is compiled.
@pytest.mark.parametrize("times", [1, 3])
async def test_a_list_tells_all_of_it_but_its_buyer(
    gateway: Client, order_id: str, times: int
) -> None:
    assert order_id
    for _ in range(times):
        asked = await gateway.ask(LIST, DAY)

    spoiled, sound = asked.body["data"]["orders"]["nodes"]
    assert spoiled == {
        "platformId": "M2",
        "status": "AWAITING_SHIPMENT",
        "buyer": None,
        "shippingAddress": None,
        "details": {"brandPhone": "400-000-0000", "invoice": None},
    }
    assert sound["buyer"] == {"openId": "oMiniSampleBuyer00000000001"}
    assert asked.body["data"]["orders"]["sources"] == [{"state": "LIVE", "count": 2}]
    at = ["orders", "nodes", 0]
    assert [(error["message"], error["path"]) for error in asked.body["errors"]] == [
        (WORDS, [*at, "buyer"]),
        (WORDS, [*at, "shippingAddress"]),
        (WORDS, [*at, "details", "invoice"]),
    ]
    assert asked.codes == ["STORE_UNAVAILABLE"] * 3


async def test_what_does_not_ask_for_its_buyer_notices_nothing(
    gateway: Client, order_id: str
) -> None:
    asked = await gateway.ask(
        "query($id: ID!) { node(id: $id) { ... on Order { total { fen } } } }", {"id": order_id}
    )
    assert asked.data["node"] == {"total": {"fen": 20300}}


async def test_an_update_would_lose_its_buyer_and_an_import_mends_it(
    gateway: Client, sandbox: Sandbox, order_id: str
) -> None:
    sandbox.clear_log()
    refused = await gateway.ask(UPDATE, {"input": {"id": order_id, "status": "CLOSED"}})
    assert [error["message"] for error in refused.body["errors"]] == [WORDS]
    assert refused.codes == ["STORE_UNAVAILABLE"]
    assert sandbox.counts() == {}

    repaired = await run(gateway, IMPORT, mini_order("M2") | {"overwrite": True})
    assert repaired["push"]["state"] == "DELIVERED"
    asked = await gateway.ask(LIST, DAY)
    assert [order["buyer"] for order in asked.data["orders"]["nodes"]] == [
        {"openId": "oMiniSampleBuyer00000000001"}
    ] * 2
