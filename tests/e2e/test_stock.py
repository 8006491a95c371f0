"""Stock goes up and down by GraphQL over HTTP."""

from typing import Any

import pytest

from tests.e2e.product_samples import CREATE, given, new_product, sample
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

ADJUST = """
mutation ($id: ID!, $delta: Int!) {
  skuAdjustStock(id: $id, delta: $delta) {
    sku { id stock product { totalStock } }
    userErrors { code field message platformError { endpoint code } }
  }
}"""


async def _product(gateway: Client, **changes: Any) -> dict[str, Any]:
    payload = (await gateway.ask(CREATE, new_product(**changes))).data["productCreate"]
    product: dict[str, Any] = payload["product"]
    return product


def _with_sku(sku_id: str) -> dict[str, Any]:
    """A product's one SKU, with the table that its id needs."""
    pairs = [pair.split(":") for pair in sku_id.split(";")]
    return {
        "skuAttributes": [{"nameId": name, "valueIds": [value]} for name, value in pairs],
        "skus": [{**given("create")["skus"][0], "platformId": sku_id}],
    }


async def _adjust(gateway: Client, id_: str, delta: int) -> dict[str, Any]:
    payload: dict[str, Any] = (await gateway.ask(ADJUST, {"id": id_, "delta": delta})).data[
        "skuAdjustStock"
    ]
    return payload


@pytest.mark.parametrize(
    ("call", "delta", "left"), [("stock.add", 20, 820), ("stock.reduce", -20, 780)]
)
async def test_a_change_is_sent_as_the_manual_s_sample(
    gateway: Client, sandbox: Sandbox, call: str, delta: int, left: int
) -> None:
    wanted = sample(call)
    product = await _product(gateway, **_with_sku(wanted["sku_info"]))
    (sku,) = product["skus"]

    payload = await _adjust(gateway, sku["id"], delta)

    assert payload["userErrors"] == []
    assert payload["sku"] == {
        "id": sku["id"],
        "stock": left,
        "product": {"totalStock": left},
    }
    (sent,) = sandbox.requests(f"/merchant/{call.replace('.', '/')}")
    assert sent["body"] == {**wanted, "product_id": product["platformId"]}


async def test_two_changes_in_one_request_each_show_what_they_made(gateway: Client) -> None:
    sku = (await _product(gateway))["skus"][0]["id"]

    answer = await gateway.ask(
        "mutation ($id: ID!) {"
        " a: skuAdjustStock(id: $id, delta: 1) { sku { product { totalStock } } }"
        " b: skuAdjustStock(id: $id, delta: 1) { sku { product { totalStock } } } }",
        {"id": sku},
    )

    assert [answer.data[name]["sku"]["product"]["totalStock"] for name in "ab"] == [1601, 1602]


async def test_nothing_is_asked_for_a_change_of_nothing(gateway: Client, sandbox: Sandbox) -> None:
    sku = (await _product(gateway))["skus"][0]["id"]

    payload = await _adjust(gateway, sku, 0)

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("INVALID", ["delta"])
    ]
    assert sandbox.requests("/merchant/stock/add") == []
    assert sandbox.requests("/merchant/stock/reduce") == []


async def test_more_than_there_is_cannot_be_taken_away(gateway: Client) -> None:
    sku = (await _product(gateway))["skus"][0]["id"]

    payload = await _adjust(gateway, sku, -801)

    assert payload["sku"] is None
    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("REJECTED_BY_PLATFORM", None)
    assert error["platformError"]["endpoint"] == "stock.reduce"


async def test_a_sku_that_is_not_there_is_not_found(gateway: Client) -> None:
    product = await _product(gateway)
    gone = product["skus"][0]["id"]
    await gateway.ask(
        "mutation ($id: ID!) { productDelete(id: $id) { deletedId } }", {"id": product["id"]}
    )

    payload = await _adjust(gateway, gone, 1)

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [("NOT_FOUND", ["id"])]


async def test_a_lost_change_is_not_repeated(gateway: Client, sandbox: Sandbox) -> None:
    sku = (await _product(gateway))["skus"][0]["id"]
    sandbox.fault("reset", path="/merchant/stock/add", after=True)

    payload = await _adjust(gateway, sku, 5)

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("OUTCOME_UNKNOWN", None)
    ]
    assert sandbox.counts()["/merchant/stock/add"] == 1
    read = await gateway.ask("query ($id: ID!) { sku(id: $id) { stock } }", {"id": sku})
    assert read.data["sku"]["stock"] == 805
