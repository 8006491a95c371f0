"""Products are created and updated by GraphQL over HTTP, and nothing of them is lost."""

from typing import Any

import pytest

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.e2e.product_samples import CREATE, READ, UPDATE, given, new_product, sample
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client


def _problems(payload: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    return [(one["code"], one["field"]) for one in payload["userErrors"]]


async def _create(gateway: Client, **changes: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await gateway.ask(CREATE, new_product(**changes))).data[
        "productCreate"
    ]
    return payload


async def _update(gateway: Client, **input_: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await gateway.ask(UPDATE, {"input": input_})).data["productUpdate"]
    return payload


async def test_a_new_product_is_sent_as_the_manual_s_sample(
    gateway: Client, sandbox: Sandbox
) -> None:
    payload = await _create(gateway)

    assert payload["userErrors"] == []
    (sent,) = sandbox.requests("/merchant/create")
    assert sent["body"] == sample("create")


async def test_a_new_product_comes_back_as_it_was_given(gateway: Client) -> None:
    created = (await _create(gateway))["product"]
    read = (await gateway.ask(READ, {"id": created["id"]})).data["product"]

    assert read == created
    wanted = given("create")
    assert created["title"] == wanted["title"]
    assert created["status"] == "OFF_SHELF"
    assert created["details"]["properties"] == wanted["properties"]
    assert created["details"]["blocks"] == [
        {"__typename": "DetailText", "text": "test first"},
        {"__typename": "DetailImage", "url": wanted["detail"][1]["image"]},
        {"__typename": "DetailText", "text": "test again"},
    ]
    assert [sku["stock"] for sku in created["skus"]] == [800, 800]


async def test_an_update_with_everything_is_sent_as_the_manual_s_sample(
    gateway: Client, sandbox: Sandbox
) -> None:
    created = (await _create(gateway))["product"]

    payload = await _update(gateway, id=created["id"], **given("update"))

    assert payload["userErrors"] == []
    (sent,) = sandbox.requests("/merchant/update")
    assert sent["body"] == {**sample("update"), "product_id": created["platformId"]}


async def test_an_update_changes_what_is_given_alone(gateway: Client, sandbox: Sandbox) -> None:
    created = (await _create(gateway))["product"]

    updated = (await _update(gateway, id=created["id"], purchaseLimit=3))["product"]

    (sent,) = sandbox.requests("/merchant/update")
    wanted = {**sample("create"), "product_id": created["platformId"]}
    wanted["product_base"]["buy_limit"] = 3
    assert sent["body"] == wanted
    assert updated == {**created, "details": {**created["details"], "purchaseLimit": 3}}


async def test_null_empties_what_may_be_empty(gateway: Client, sandbox: Sandbox) -> None:
    created = (await _create(gateway))["product"]

    payload = await _update(
        gateway,
        id=created["id"],
        purchaseLimit=None,
        origin=None,
        properties=None,
        delivery=None,
        postageFree=True,
    )

    assert payload["userErrors"] == []
    (sent,) = sandbox.requests("/merchant/update")
    assert "buy_limit" not in sent["body"]["product_base"]
    assert "property" not in sent["body"]["product_base"]
    assert "location" not in sent["body"]["attrext"]
    assert "delivery_info" not in sent["body"]
    assert payload["product"]["details"]["origin"] is None
    assert payload["product"]["details"]["delivery"] is None


async def test_what_the_platform_does_not_give_back_is_asked_of_the_caller(
    gateway: Client, sandbox: Sandbox
) -> None:
    seeded = (await gateway.ask("{ products(first: 1) { nodes { id } } }")).data["products"]
    id_ = seeded["nodes"][0]["id"]

    payload = await _update(gateway, id=id_, purchaseLimit=3)

    assert _problems(payload) == [("INVALID", ["properties"]), ("INVALID", ["detail"])]
    assert payload["product"] is None
    assert sandbox.requests("/merchant/update") == []


async def test_what_another_wrote_since_is_not_undone(gateway: Client, sandbox: Sandbox) -> None:
    created = (await _create(gateway))["product"]
    document = {**sample("update"), "product_id": created["platformId"]}
    token = sandbox.token(FLAGSHIP)
    sandbox.client.post("/merchant/update", params={"access_token": token}, json=document)

    payload = await _update(gateway, id=created["id"], purchaseLimit=5)

    assert _problems(payload) == [("INVALID", ["properties"]), ("INVALID", ["detail"])]
    read = await gateway.ask(READ, {"id": created["id"]}, headers={"Cache-Control": "no-cache"})
    assert read.data["product"]["details"]["blocks"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "another"}, "title"),
        ({"properties": []}, "properties"),
    ],
)
async def test_what_was_listed_keeps_its_name_and_properties(
    gateway: Client, sandbox: Sandbox, change: dict[str, Any], field: str
) -> None:
    created = (await _create(gateway))["product"]
    for status in ("ON_SHELF", "OFF_SHELF"):
        told = await gateway.ask(
            "mutation ($ids: [ID!]!, $status: ProductListing!)"
            " { productSetStatus(ids: $ids, status: $status) { products { status } } }",
            {"ids": [created["id"]], "status": status},
        )
        assert told.data["productSetStatus"]["products"] == [{"status": status}]

    payload = await _update(gateway, id=created["id"], **change)

    assert _problems(payload) == [("CONFLICT", [field])]
    assert sandbox.requests("/merchant/update") == []
    same = await _update(gateway, id=created["id"], title=created["title"], purchaseLimit=1)
    assert same["userErrors"] == []


async def test_a_refusal_of_the_platform_is_told_in_its_words(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("errcode", 9999, path="/merchant/create")

    payload = await _create(gateway)

    assert payload["product"] is None
    assert _problems(payload) == [("REJECTED_BY_PLATFORM", None)]
    assert payload["userErrors"][0]["platformError"] == {"endpoint": "create", "code": "9999"}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "reset", "after": True}, "OUTCOME_UNKNOWN"),
        ({"kind": "html", "after": True}, "OUTCOME_UNKNOWN"),
        ({"kind": "errcode", "value": 45009}, "RATE_LIMITED"),
        ({"kind": "errcode", "value": -1}, "PLATFORM_UNAVAILABLE"),
    ],
)
async def test_a_failed_creation_is_never_sent_twice(
    gateway: Client, sandbox: Sandbox, fault: dict[str, Any], code: str
) -> None:
    sandbox.fault(path="/merchant/create", **fault)

    payload = await _create(gateway)

    assert payload["product"] is None
    assert _problems(payload) == [(code, None)]
    assert sandbox.counts()["/merchant/create"] == 1


async def test_a_lost_update_is_told_and_shown_by_the_next_read(
    gateway: Client, sandbox: Sandbox
) -> None:
    created = (await _create(gateway))["product"]
    sandbox.fault("reset", path="/merchant/update", after=True)

    payload = await _update(gateway, id=created["id"], purchaseLimit=7)

    assert _problems(payload) == [("OUTCOME_UNKNOWN", None)]
    assert sandbox.counts()["/merchant/update"] == 1
    read = (await gateway.ask(READ, {"id": created["id"]})).data["product"]
    assert read["details"]["purchaseLimit"] == 7


async def test_a_product_that_cannot_be_read_back_is_shown_as_it_was_sent(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("http_status", 502, path="/merchant/get", times=None)

    answer = await gateway.ask(
        "mutation ($input: ProductCreateInput!) { productCreate(input: $input)"
        " { product { id title skus { stock } } userErrors { code } } }",
        new_product(),
    )

    payload = answer.data["productCreate"]
    assert payload["userErrors"] == []
    assert payload["product"]["title"] == given("create")["title"]
    assert payload["product"]["skus"] == [{"stock": 800}, {"stock": 800}]


async def test_an_update_of_no_product_is_not_found(gateway: Client) -> None:
    created = (await _create(gateway))["product"]
    await gateway.ask(
        "mutation ($id: ID!) { productDelete(id: $id) { deletedId } }", {"id": created["id"]}
    )

    payload = await _update(gateway, id=created["id"], purchaseLimit=1)

    assert _problems(payload) == [("NOT_FOUND", ["id"])]


async def test_a_product_that_cannot_be_read_is_not_written(
    gateway: Client, sandbox: Sandbox
) -> None:
    created = (await _create(gateway))["product"]
    sandbox.fault("http_status", 502, path="/merchant/get", times=None)

    payload = await _update(gateway, id=created["id"], purchaseLimit=3)

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("PLATFORM_UNAVAILABLE", None)
    assert "Nothing was changed" in error["message"]
    assert payload["product"] is None
    assert sandbox.requests("/merchant/update") == []


async def test_what_another_put_on_the_shelf_is_frozen_too(
    gateway: Client, sandbox: Sandbox
) -> None:
    query = '{ products(first: 1, filter: {shops: ["flagship"], statuses: [ON_SHELF]})'
    listed = (await gateway.ask(f"{query} {{ nodes {{ id }} }} }}")).data["products"]["nodes"]
    whole = {name: given("create")[name] for name in ("properties", "detail")}

    payload = await _update(gateway, id=listed[0]["id"], title="another", **whole)

    assert _problems(payload) == [("CONFLICT", ["title"])]
    assert sandbox.requests("/merchant/update") == []
