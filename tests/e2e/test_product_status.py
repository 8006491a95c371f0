"""Products are put on and off the shelf, and removed, by GraphQL over HTTP."""

from typing import Any

import pytest

from schema.key import Key
from tests.e2e.product_samples import sample
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

SET_STATUS = """
mutation ($ids: [ID!]!, $status: ProductListing!) {
  productSetStatus(ids: $ids, status: $status) {
    products { id status } userErrors { code field message platformError { endpoint code } }
  }
}"""
DELETE = """
mutation ($id: ID!) {
  productDelete(id: $id) {
    deletedId userErrors { code field message platformError { endpoint code } }
  }
}"""
PRODUCTS = (
    '{ products(first: 100, filter: {shops: ["flagship"]}) { nodes { id platformId status } } }'
)


async def _products(gateway: Client) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await gateway.ask(PRODUCTS)).data["products"]["nodes"]
    return nodes


async def test_a_batch_has_a_result_for_each_id(gateway: Client, sandbox: Sandbox) -> None:
    on_shelf = [one for one in await _products(gateway) if one["status"] == "ON_SHELF"][:2]
    sandbox.clear_log()
    ids = [on_shelf[0]["id"], "no id", on_shelf[1]["id"], on_shelf[0]["id"]]

    told = (await gateway.ask(SET_STATUS, {"ids": ids, "status": "OFF_SHELF"})).data
    answer = told["productSetStatus"]

    assert answer["products"] == [
        {"id": product["id"], "status": "OFF_SHELF"} for product in on_shelf
    ]
    assert [(one["code"], one["field"]) for one in answer["userErrors"]] == [
        ("INVALID", ["ids", "1"])
    ]
    sent = [one["body"] for one in sandbox.requests("/merchant/modproductstatus")]
    assert sorted(sent, key=str) == sorted(
        ({"product_id": product["platformId"], "status": 0} for product in on_shelf), key=str
    )


@pytest.mark.parametrize(
    ("endpoint", "query"),
    [
        ("del", "productDelete(id: $id) { deletedId userErrors { code } }"),
        (
            "modproductstatus",
            "productSetStatus(ids: [$id], status: OFF_SHELF) { userErrors { code } }",
        ),
    ],
)
async def test_what_is_sent_is_the_manual_s_sample(
    gateway: Client, sandbox: Sandbox, endpoint: str, query: str
) -> None:
    wanted = sample(endpoint)
    id_ = Key("Product", "flagship", wanted["product_id"]).encode()

    await gateway.ask(f"mutation ($id: ID!) {{ {query} }}", {"id": id_})

    (sent,) = sandbox.requests(f"/merchant/{endpoint}")
    assert sent["body"] == wanted


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "errcode", "value": 9999}, "REJECTED_BY_PLATFORM"),
        ({"kind": "errcode", "value": 45009}, "RATE_LIMITED"),
        ({"kind": "reset", "after": True}, "OUTCOME_UNKNOWN"),
    ],
)
async def test_one_failure_of_a_batch_leaves_the_others(
    gateway: Client, sandbox: Sandbox, fault: dict[str, Any], code: str
) -> None:
    ids = [one["id"] for one in await _products(gateway)][:3]
    sandbox.clear_log()
    sandbox.fault(path="/merchant/modproductstatus", **fault)

    told = (await gateway.ask(SET_STATUS, {"ids": ids, "status": "OFF_SHELF"})).data
    answer = told["productSetStatus"]

    (error,) = answer["userErrors"]
    assert error["code"] == code
    failed = ids[int(error["field"][1])]
    assert error["field"][0] == "ids"
    assert {one["id"] for one in answer["products"]} == set(ids) - {failed}
    assert sandbox.counts()["/merchant/modproductstatus"] == 3


async def test_refused_credentials_are_no_matter_of_the_caller_s(
    gateway: Client, sandbox: Sandbox
) -> None:
    first = (await _products(gateway))[0]
    sandbox.fault("errcode", 40013, path="/merchant/modproductstatus", times=None)

    asked = await gateway.ask(SET_STATUS, {"ids": [first["id"]], "status": "OFF_SHELF"})

    assert asked.body["data"] == {"productSetStatus": None}
    assert asked.codes == ["PLATFORM_CREDENTIALS"]
    (error,) = asked.body["errors"]
    assert error["message"] == (
        "The platform refuses the credentials of the shop `flagship` (fault on request):"
        " the operator of the gateway has to correct them; `gateway doctor` says how."
    )
    assert error["extensions"]["platformError"]["message"] == "fault on request"


async def test_a_deleted_product_is_gone_from_every_read(gateway: Client) -> None:
    first = (await _products(gateway))[0]

    gone = (await gateway.ask(DELETE, {"id": first["id"]})).data["productDelete"]
    again = (await gateway.ask(DELETE, {"id": first["id"]})).data["productDelete"]

    assert gone == {"deletedId": first["id"], "userErrors": []}
    assert first["id"] not in {one["id"] for one in await _products(gateway)}
    assert again["deletedId"] is None
    assert [(one["code"], one["field"]) for one in again["userErrors"]] == [("NOT_FOUND", ["id"])]


async def test_a_lost_answer_is_told_and_nothing_is_sent_again(
    gateway: Client, sandbox: Sandbox
) -> None:
    first = (await _products(gateway))[0]
    sandbox.fault("reset", path="/merchant/del", after=True)

    told = (await gateway.ask(DELETE, {"id": first["id"]})).data["productDelete"]

    assert [(one["code"], one["field"]) for one in told["userErrors"]] == [
        ("OUTCOME_UNKNOWN", None)
    ]
    assert "ask for the product" in told["userErrors"][0]["message"]
    assert sandbox.counts()["/merchant/del"] == 1
    assert first["id"] not in {one["id"] for one in await _products(gateway)}
