"""Metadata of orders and products, by GraphQL over HTTP."""

from typing import Any, Final

import pytest

from gateway.auth.key_manager import KeyManager
from schema.key import Key
from tests.e2e.api_keys import key
from tests.e2e.order_samples import DELETE, IMPORT, mini_order
from tests.e2e.test_audit_log import events, told
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

SET: Final = """
mutation ($id: ID!, $items: [MetadataInput!]!) {
  metadataSet(id: $id, items: $items) {
    metadata { key value } userErrors { code field message }
  }
}"""
ORDERS: Final = (
    "{ orders(first: 2, filter: {shops: [%s]}) { nodes { id metadata { key value } } } }"
)
PRODUCTS: Final = """
{ products(first: 2, filter: {shops: ["flagship"]}) { nodes { id metadata { key value } } } }"""


async def _set(gateway: Client, id_: str, **values: str) -> dict[str, Any]:
    items = [{"key": name, "value": value} for name, value in values.items()]
    payload: dict[str, Any] = (await gateway.ask(SET, {"id": id_, "items": items})).data[
        "metadataSet"
    ]
    return payload


def _items(**values: str) -> list[dict[str, str]]:
    return [{"key": name, "value": value} for name, value in sorted(values.items())]


async def _orders(gateway: Client, shop: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await gateway.ask(ORDERS % f'"{shop}"')).data["orders"]["nodes"]
    return nodes


@pytest.mark.parametrize("shop", ["flagship", "mini", "swan"])
async def test_an_order_keeps_what_was_set(gateway: Client, shop: str) -> None:
    first, second = await _orders(gateway, shop)
    assert first["metadata"] == []

    await _set(gateway, first["id"], erp="7", label="rush")
    done = await _set(gateway, first["id"], erp="8", label="", note="第二\n行")

    assert done == {"metadata": _items(erp="8", note="第二\n行"), "userErrors": []}
    assert await _orders(gateway, shop) == [
        {"id": first["id"], "metadata": _items(erp="8", note="第二\n行")},
        {"id": second["id"], "metadata": []},
    ]


async def test_a_product_keeps_what_was_set(gateway: Client) -> None:
    first, second = (await gateway.ask(PRODUCTS)).data["products"]["nodes"]

    assert (await _set(gateway, first["id"], erp="7"))["userErrors"] == []

    assert (await gateway.ask(PRODUCTS)).data["products"]["nodes"] == [
        {"id": first["id"], "metadata": _items(erp="7")},
        second | {"metadata": []},
    ]


async def test_a_deleted_order_leaves_no_metadata(gateway: Client) -> None:
    imported = (await gateway.ask(IMPORT, {"input": mini_order("M1")})).data["orderImport"]
    order = imported["order"]["id"]
    await _set(gateway, order, erp="7")

    await gateway.ask(DELETE, {"id": order})
    again = (await gateway.ask(IMPORT, {"input": mini_order("M1")})).data["orderImport"]

    assert again["order"]["id"] == order
    asked = await gateway.ask(
        "query ($id: ID!) { order(id: $id) { metadata { key } } }", {"id": order}
    )
    assert asked.data["order"]["metadata"] == []


@pytest.mark.parametrize(
    ("id_", "items", "code", "field"),
    [
        (Key("Order", "mini", "none"), [("a", "1")], "NOT_FOUND", ["id"]),
        (Key("Order", "no-shop", "1"), [("a", "1")], "NOT_FOUND", ["id"]),
        (Key("Product", "mini", "none"), [("a", "1")], "NOT_FOUND", ["id"]),
        (Key("Shop", "mini"), [("a", "1")], "INVALID", ["id"]),
        (None, [], "INVALID", ["items"]),
        (None, [("a", "1"), ("a", "2")], "INVALID", ["items", "1", "key"]),
        (None, [(" ", "1")], "INVALID", ["items", "0", "key"]),
        (None, [("a\nb", "1")], "INVALID", ["items", "0", "key"]),
        (None, [("a", "\0")], "INVALID", ["items", "0", "value"]),
    ],
)
async def test_what_cannot_be_set_is_refused(
    gateway: Client, id_: Key | None, items: list[tuple[str, str]], code: str, field: list[str]
) -> None:
    order = (await _orders(gateway, "mini"))[0]["id"]
    given = [{"key": name, "value": value} for name, value in items]

    asked = await gateway.ask(SET, {"id": order if id_ is None else id_.encode(), "items": given})

    (error,) = asked.data["metadataSet"]["userErrors"]
    assert (error["code"], error["field"]) == (code, field)
    assert (await _orders(gateway, "mini"))[0]["metadata"] == []


async def test_an_object_has_fifty_keys_at_most(gateway: Client) -> None:
    order = (await _orders(gateway, "mini"))[0]["id"]
    most = {f"k{n:02}": "x" for n in range(50)}
    assert (await _set(gateway, order, **most))["userErrors"] == []

    more = await _set(gateway, order, k50="x")
    other = await _set(gateway, order, k50="x", k00="")

    assert (more["metadata"], more["userErrors"][0]["code"]) == ([], "INVALID")
    assert more["userErrors"][0]["field"] == ["items"]
    assert len(other["metadata"]) == 50


@pytest.mark.parametrize(
    ("name", "value", "most"), [("k" * 65, "v", "64"), ("k", "v" * 501, "500")]
)
async def test_keys_and_values_are_bounded(
    gateway: Client, name: str, value: str, most: str
) -> None:
    given = {"id": "x", "items": [{"key": name, "value": value}]}

    asked = await gateway.ask(SET, given)

    assert asked.codes == ["BAD_USER_INPUT"]
    assert most in asked.body["errors"][0]["message"]


async def test_a_platform_that_cannot_be_asked_changes_nothing(
    gateway: Client, sandbox: Sandbox
) -> None:
    (product, _) = (await gateway.ask(PRODUCTS)).data["products"]["nodes"]
    sandbox.fault("http_status", 500, path="/merchant/get", times=100)
    given = {"id": product["id"], "items": _items(erp="7")}

    asked = await gateway.ask(SET, given, {"Cache-Control": "no-cache"})

    assert asked.codes == ["PLATFORM_UNAVAILABLE"]


async def test_each_type_needs_its_scope_and_each_change_is_audited(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    of_orders = key(book, ["orders:write", "orders:read"])
    of_products = key(book, ["catalog:write", "catalog:read", "audit:read"])
    async with serve(**keys) as gateway:
        nodes = (await gateway.ask(ORDERS % '"mini"', headers=of_orders)).data["orders"]["nodes"]
        order = nodes[0]["id"]
        products = await gateway.ask(PRODUCTS, headers=of_products)
        product = products.data["products"]["nodes"][0]["id"]
        answers = {
            (kind, name): (
                await gateway.ask(SET, {"id": id_, "items": _items(erp="7")}, headers)
            ).codes
            for kind, id_ in (("Order", order), ("Product", product))
            for name, headers in (("orders", of_orders), ("catalog", of_products))
        }
        logged = await events(gateway, of_products, actions=["metadataSet"])

    assert answers == {
        ("Order", "orders"): [],
        ("Order", "catalog"): ["FORBIDDEN"],
        ("Product", "orders"): ["FORBIDDEN"],
        ("Product", "catalog"): [],
    }
    done = [told(event) for event in logged if event["outcome"] == "OK"]
    assert sorted(done, key=str) == [
        ("metadataSet", "OK", ["flagship"], product),
        ("metadataSet", "OK", ["mini"], order),
    ]
