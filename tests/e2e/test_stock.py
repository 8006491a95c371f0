"""Stock goes up and down by GraphQL over HTTP."""

from typing import Any

import pytest

from schema.key import Key
from tests.e2e.product_samples import CREATE, given, new_product, sample
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client
from tests.sandbox.calls import ask_store

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


SET = """
mutation ($input: [SkuStockInput!]!) {
  skusSetStock(input: $input) {
    skus { id stock }
    userErrors { code field message platformError { endpoint code } }
    warnings { code field message }
  }
}"""


async def _set(gateway: Client, *given: dict[str, Any]) -> Any:
    return (await gateway.ask(SET, {"input": list(given)})).data["skusSetStock"]


def _told(payload: Any) -> list[tuple[str, str]]:
    return [(one["code"], ".".join(one["field"])) for one in payload["userErrors"]]


async def test_the_stock_of_several_skus_is_set_by_id_and_by_code(
    gateway: Client, sandbox: Sandbox
) -> None:
    first, second = (await _product(gateway))["skus"]
    code = {**given("create")["skus"][0], "code": "TEE-RED-S"}
    other = (await _product(gateway, skuAttributes=None, skus=[code | {"platformId": ""}]))["skus"]
    sandbox.clear_log()

    payload = await _set(
        gateway,
        {"byId": {"id": first["id"], "stock": 850}},
        {"byCode": {"shop": "flagship", "code": "TEE-RED-S", "stock": 3}},
        {"byId": {"id": second["id"], "stock": second["stock"]}},
    )

    assert (payload["userErrors"], payload["warnings"]) == ([], [])
    assert payload["skus"] == [
        {"id": first["id"], "stock": 850},
        {"id": other[0]["id"], "stock": 3},
        {"id": second["id"], "stock": second["stock"]},
    ]
    (added,) = sandbox.requests("/merchant/stock/add")
    (removed,) = sandbox.requests("/merchant/stock/reduce")
    assert added["body"]["quantity"] == 850 - first["stock"]
    assert removed["body"]["quantity"] == other[0]["stock"] - 3


async def test_what_cannot_be_set_is_told_and_the_rest_is_set(
    gateway: Client, sandbox: Sandbox
) -> None:
    first, second = (await _product(gateway))["skus"]
    await gateway.ask(
        "mutation ($id: ID!) { productDelete(id: $id) { deletedId } }",
        {"id": (gone := await _product(gateway))["id"]},
    )
    product = Key.decode(first["id"]).platform_id
    sandbox.clear_log()

    payload = await _set(
        gateway,
        {"byId": {"id": gone["skus"][0]["id"], "stock": 1}},
        {"byId": {"id": Key("Sku", "flagship", product, "9:9").encode(), "stock": 1}},
        {"byId": {"id": first["id"], "stock": -1}},
        {"byId": {"id": Key("Sku", "mini", "p1", "s1").encode(), "stock": 1}},
        {"byId": {"id": "x", "stock": 1}},
        {"byCode": {"shop": "flagship", "code": "nothing", "stock": 1}},
        {"byCode": {"shop": "flagship", "code": first["code"], "stock": 1}},
        {"byCode": {"shop": "nowhere", "code": "x", "stock": 1}},
        {"byId": {"id": second["id"], "stock": second["stock"] + 5}},
        {"byId": {"id": second["id"], "stock": 7}},
    )

    assert sorted(_told(payload), key=lambda one: one[1]) == [
        ("NOT_FOUND", "0.byId.id"),
        ("NOT_FOUND", "1.byId.id"),
        ("INVALID", "2.byId.stock"),
        ("UNSUPPORTED_BY_PLATFORM", "3.byId.id"),
        ("INVALID", "4.byId.id"),
        ("NOT_FOUND", "5.byCode.code"),
        ("INVALID", "6.byCode.code"),
        ("NOT_FOUND", "7.byCode.shop"),
        ("CONFLICT", "9.byId.id"),
    ]
    assert payload["skus"] == [{"id": second["id"], "stock": second["stock"] + 5}]
    assert len(sandbox.requests("/merchant/stock/add")) == 1
    assert sandbox.requests("/merchant/stock/reduce") == []


def _read_as(sandbox: Sandbox, sku: dict[str, Any], stock: int) -> None:
    """Let the next reading of the SKU's product tell another stock than there is."""
    key = Key.decode(sku["id"])
    answer = ask_store(sandbox, "get", {"product_id": key.platform_id})
    for one in answer["product_info"]["sku_list"]:
        if one["sku_id"] == key.part:
            one["quantity"] = stock
    sandbox.fault("body", answer, path="/merchant/get", times=1)


async def test_stock_that_moved_meanwhile_is_a_conflict(gateway: Client, sandbox: Sandbox) -> None:
    sku = (await _product(gateway))["skus"][0]
    _read_as(sandbox, sku, sku["stock"] + 10)
    moved = await _set(gateway, {"byId": {"id": sku["id"], "stock": sku["stock"] + 30}})
    _read_as(sandbox, sku, sku["stock"] + 1_000)
    short = await _set(gateway, {"byId": {"id": sku["id"], "stock": 0}})

    now = sku["stock"] + 20
    assert _told(moved) == _told(short) == [("CONFLICT", "0.byId.stock")]
    assert moved["skus"] == short["skus"] == [{"id": sku["id"], "stock": now}]
    assert f"it is {now} now" in moved["userErrors"][0]["message"]


async def test_a_failure_of_one_shop_s_products_is_told_of_each_entry(
    gateway: Client, sandbox: Sandbox
) -> None:
    sku = (await _product(gateway))["skus"][0]
    sandbox.fault("http_status", 503, path="/merchant/get", times=None)
    payload = await _set(
        gateway,
        {"byId": {"id": sku["id"], "stock": 1}},
        {"byCode": {"shop": "flagship", "code": "x", "stock": 1}},
    )

    assert _told(payload) == [
        ("PLATFORM_UNAVAILABLE", "0.byId.id"),
        ("PLATFORM_UNAVAILABLE", "1.byCode.code"),
    ]
    assert payload["skus"] == []
