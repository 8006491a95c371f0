"""What is shown of products without being a field of the platform, by GraphQL over HTTP."""

from typing import Any, Final

import pytest

from tests.e2e.product_samples import CREATE, UPDATE, new_product
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

PRODUCTS: Final = """
query ($statuses: [ProductStatus!]) {
  products(first: 100, filter: {shops: ["flagship"], statuses: $statuses}) {
    totalCount nodes { id status skus { platformId status stock } }
  }
}"""
PRODUCT: Final = """
query ($id: ID!) {
  product(id: $id) {
    id status description skus { platformId status stock }
    details { ... on WechatStoreProductDetails { properties { nameId name valueId value } } }
  }
}"""
FRESH: Final = {"Cache-Control": "no-cache"}


async def _listed(gateway: Client, *statuses: str) -> list[dict[str, Any]]:
    found = (await gateway.ask(PRODUCTS, {"statuses": list(statuses) or None})).data["products"]
    nodes: list[dict[str, Any]] = found["nodes"]
    assert found["totalCount"] == len(nodes)
    return nodes


async def _one(gateway: Client, id_: str, **headers: str) -> dict[str, Any]:
    product: dict[str, Any] = (await gateway.ask(PRODUCT, {"id": id_}, headers)).data["product"]
    return product


async def test_a_product_without_stock_is_sold_out_wherever_it_is_read(gateway: Client) -> None:
    everything = await _listed(gateway)
    listed = {
        status: [one for one in everything if one["status"] == status]
        for status in ("ON_SHELF", "OFF_SHELF", "SOLD_OUT")
    }

    for status, products in listed.items():
        assert products
        assert await _listed(gateway, status) == products
        first = products[0]
        alone = await _one(gateway, first["id"], **FRESH)
        assert {name: alone[name] for name in first} == first
    assert {
        sku["status"] == ("SOLD_OUT" if sku["stock"] == 0 else "ON_SHELF")
        for product in (*listed["ON_SHELF"], *listed["SOLD_OUT"])
        for sku in product["skus"]
    } == {True}
    off = {sku["status"] for product in listed["OFF_SHELF"] for sku in product["skus"]}
    assert off == {"OFF_SHELF"}


async def test_the_last_unit_that_is_taken_sells_a_product_out(gateway: Client) -> None:
    listed = await _listed(gateway, "ON_SHELF")
    product = next(one for one in listed if len(one["skus"]) == 1)
    asked = await gateway.ask(
        "query ($id: ID!) { product(id: $id) { skus { id stock } } }", {"id": product["id"]}
    )
    (sku,) = asked.data["product"]["skus"]

    await gateway.ask(
        "mutation ($id: ID!, $delta: Int!) { skuAdjustStock(id: $id, delta: $delta)"
        " { userErrors { message } } }",
        {"id": sku["id"], "delta": -sku["stock"]},
    )

    alone = await _one(gateway, product["id"])
    assert (alone["status"], alone["skus"][0]["status"]) == ("SOLD_OUT", "SOLD_OUT")


async def test_the_description_is_the_text_of_the_blocks(gateway: Client) -> None:
    created = (await gateway.ask(CREATE, new_product())).data["productCreate"]["product"]
    seeded = (await _listed(gateway))[0]["id"]

    assert (await _one(gateway, created["id"]))["description"] == "test first\ntest again"
    assert (await _one(gateway, seeded))["description"] is None


async def test_a_busy_category_makes_no_name_an_id(gateway: Client, sandbox: Sandbox) -> None:
    created = (await gateway.ask(CREATE, new_product())).data["productCreate"]["product"]
    known = (await _one(gateway, created["id"], **FRESH))["details"]["properties"]
    assert known[0] == {
        "nameId": "1075741879",
        "name": "品牌",
        "valueId": "1079749967",
        "value": "Fujifilm/富士",
    }
    sandbox.fault("errcode", -1, path="/merchant/category/getproperty", times=50)

    busy = await gateway.ask(PRODUCT, {"id": created["id"]}, FRESH)
    sandbox.fault("body", {"errcode": 0, "properties": []}, path="/merchant/category/getproperty")
    empty = await gateway.ask(PRODUCT, {"id": created["id"]}, FRESH)

    for answer in (busy, empty):
        shown = answer.body["data"]["product"]["details"]["properties"]
        for before, pair in zip(known, shown or known, strict=True):
            assert pair["nameId"] in {None, before["nameId"]}
            assert pair["valueId"] in {None, before["valueId"]}


@pytest.mark.parametrize(
    ("pair", "field"),
    [
        ({"nameId": "品牌", "valueId": "1079749967"}, "nameId"),
        ({"nameId": "1075741879", "valueId": "Fujifilm/富士"}, "valueId"),
    ],
)
async def test_a_name_is_not_sent_as_an_id(
    gateway: Client, sandbox: Sandbox, pair: dict[str, str], field: str
) -> None:
    created = (await gateway.ask(CREATE, new_product())).data["productCreate"]["product"]
    change = {"id": created["id"], "properties": [pair]}

    done = (await gateway.ask(UPDATE, {"input": change})).data["productUpdate"]

    (error,) = done["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["properties", "0", field])
    assert sandbox.requests("/merchant/update") == []


async def test_the_platform_refuses_an_unknown_property(gateway: Client) -> None:
    properties = [{"nameId": "1075741879", "valueId": "7"}]

    done = (await gateway.ask(CREATE, new_product(properties=properties))).data["productCreate"]

    assert done["product"] is None
    assert [error["code"] for error in done["userErrors"]] == ["REJECTED_BY_PLATFORM"]
