"""Orders imported to the shopping list through GraphQL: calls of ten, lost answers, refusals."""

import asyncio
from typing import Any

import pytest

from tests.e2e.mutations import run
from tests.e2e.order_samples import (
    DELETE,
    IMPORT,
    IMPORT_MANY,
    PARCEL,
    SET_STATUS,
    UPDATE,
    mini_order,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

PATH = "/mall/importorder"
ADD = f"{PATH}?action=add-order"
CHANGE = f"{PATH}?action=update-order"
REMOVE = "/mall/deleteorder"


async def retry(gateway: Client, push_id: str) -> Any:
    """Answer the push after it was tried once more."""
    asked = await gateway.ask(
        "mutation($id: ID!) { pushRetry(id: $id) { push { state lastError { code } }"
        " userErrors { code message } } }",
        {"id": push_id},
    )
    return asked.data["pushRetry"]


async def settled(gateway: Client, push_id: str) -> str:
    """Wait until the worker has come to an end with a push; answer its state."""
    question = "query($id: ID!) { node(id: $id) { ... on Push { state } } }"
    while True:
        state: str = (await gateway.ask(question, {"id": push_id})).data["node"]["state"]
        if state != "PENDING":
            return state
        await asyncio.sleep(0.05)


def kept(sandbox: Sandbox, order_id: str) -> dict[str, Any] | None:
    """Answer the order as the platform has it."""
    (shop,) = sandbox.shops("mini_program").values()
    order: dict[str, Any] | None = shop["orders"].get(order_id)
    return order


async def test_an_order_is_imported_at_once(gateway: Client, sandbox: Sandbox) -> None:
    payload = await run(gateway, IMPORT, mini_order("M1"))

    assert payload["userErrors"] == []
    assert payload["push"]["state"] == "DELIVERED"
    assert payload["order"]["platformStatus"] == "3"
    (sent,) = sandbox.requests(ADD)
    assert sent["query"]["is_history"] == "0"
    assert "is_test" not in sent["query"]
    order = kept(sandbox, "M1")
    assert order is not None
    assert order["document"]["ext_info"]["brand_info"]["phone"] == "400-000-0000"


async def test_history_and_ordinary_orders_go_out_apart(gateway: Client, sandbox: Sandbox) -> None:
    orders = [mini_order("M1", history=True), mini_order("M2"), mini_order("M3", history=True)]

    payload = await run(gateway, IMPORT_MANY, orders)

    assert [push["state"] for push in payload["pushes"]] == ["DELIVERED"] * 3
    sent = {
        one["query"]["is_history"]: [order["order_id"] for order in one["body"]["order_list"]]
        for one in sandbox.requests(ADD)
    }
    assert sent == {"1": ["M1", "M3"], "0": ["M2"]}


async def test_many_orders_are_cut_into_calls_of_ten(gateway: Client, sandbox: Sandbox) -> None:
    payload = await run(gateway, IMPORT_MANY, [mini_order(f"M{n}") for n in range(23)])

    assert [push["state"] for push in payload["pushes"]] == ["DELIVERED"] * 23
    assert sorted(len(one["body"]["order_list"]) for one in sandbox.requests(ADD)) == [3, 10, 10]


async def test_one_refused_order_does_not_spoil_its_call(gateway: Client, sandbox: Sandbox) -> None:
    await run(gateway, IMPORT, mini_order("M2"))
    await run(gateway, IMPORT, mini_order("M4", adopt=True))
    sandbox.fault(
        "body",
        {
            "errcode": 9009098,
            "errmsg": "failed",
            "fail_order_list": [{"order_id": "M5", "error_code": -2, "msg": "order bad"}],
        },
        path=PATH,
        after=True,
    )

    payload = await run(gateway, IMPORT_MANY, [mini_order("M5"), mini_order("M6")])

    assert [push["state"] for push in payload["pushes"]] == ["REJECTED", "DELIVERED"]
    assert payload["pushes"][0]["lastError"] == {"code": "-2", "message": "order bad"}
    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("REJECTED_BY_PLATFORM", ["0"])
    ]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"page": None}, "INVALID", ["page", "miniProgramPath"]),
        ({"shippingFee": None, "total": {"fen": 19800}}, "INVALID", ["shippingFee"]),
        ({"total": {"fen": 20299}}, "INVALID", ["total"]),
        ({"payment": None}, "INVALID", ["payment"]),
        (
            {"payment": {"method": "CASH_ON_DELIVERY", "paid": False}},
            "INVALID",
            ["payment", "paid"],
        ),
        ({"payment": {"method": "ONLINE", "paid": True}}, "INVALID", ["payment", "paidAt"]),
        ({"brandPhone": None}, "INVALID", ["brandPhone"]),
        ({"contactPage": None}, "INVALID", ["contactPage"]),
        ({"status": "SHIPPED"}, "INVALID", ["shipments"]),
        ({"status": "CLOSED"}, "UNSUPPORTED_BY_PLATFORM", ["status"]),
        ({"status": "AWAITING_PAYMENT"}, "UNSUPPORTED_BY_PLATFORM", ["status"]),
        (
            {"payment": {**mini_order("M1")["payment"], "reference": None}},
            "INVALID",
            ["payment", "reference"],
        ),
        (
            {
                "afterSales": [
                    {
                        "platformId": "R1",
                        "status": "APPLYING",
                        "kind": "REFUND_ONLY",
                        "createdAt": "2024-02-01T08:00:00Z",
                    }
                ]
            },
            "UNSUPPORTED_BY_PLATFORM",
            ["afterSales"],
        ),
    ],
)
async def test_what_the_shopping_list_would_refuse_is_not_sent(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], code: str, field: list[str]
) -> None:
    payload = await run(gateway, IMPORT, mini_order("M1") | changes)

    assert payload["order"] is None
    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [(code, field)]
    assert sandbox.counts() == {}


async def test_items_want_categories_and_a_page(gateway: Client, sandbox: Sandbox) -> None:
    order = mini_order("M1")
    order["items"][0] |= {"categoryPath": [], "page": None}

    payload = await run(gateway, IMPORT, order)

    assert [one["field"] for one in payload["userErrors"]] == [
        ["items", "0", "categoryPath"],
        ["items", "0", "page", "miniProgramPath"],
    ]
    assert sandbox.counts() == {}


async def test_an_order_is_shipped_by_an_update(gateway: Client, sandbox: Sandbox) -> None:
    imported = await run(gateway, IMPORT, mini_order("M1"))
    id_ = imported["order"]["id"]

    shipped = {"id": id_, "status": "SHIPPED", "shipments": [PARCEL]}
    payload = await run(gateway, UPDATE, shipped)

    assert payload["userErrors"] == []
    assert payload["push"]["state"] == "DELIVERED"
    (sent,) = sandbox.requests(CHANGE)
    (order,) = sent["body"]["order_list"]
    assert order["status"] == 4
    assert order["ext_info"]["express_info"]["express_package_info_list"][0] == {
        "express_company_id": 2011,
        "express_company_name": "顺丰速运",
        "express_code": "SF1",
        "ship_time": 1706745600,
        "express_page": {"path": "/pages/parcel"},
        "express_goods_info_list": [{"item_code": "p1", "sku_id": "s1"}],
    }

    closed = await run(gateway, SET_STATUS, [{"id": id_, "status": "CLOSED"}])
    assert [push["state"] for push in closed["pushes"]] == ["DELIVERED"]
    assert kept(sandbox, "M1")["document"]["status"] == 12  # type: ignore[index]


async def test_what_an_update_has_no_room_for_is_told(gateway: Client, sandbox: Sandbox) -> None:
    imported = await run(gateway, IMPORT, mini_order("M1"))
    id_ = imported["order"]["id"]

    payload = await run(gateway, UPDATE, {"id": id_, "remark": "x", "total": {"fen": 1}})

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("UNSUPPORTED_BY_PLATFORM", ["remark"]),
        ("UNSUPPORTED_BY_PLATFORM", ["total"]),
    ]
    back = await run(gateway, SET_STATUS, [{"id": id_, "status": "AWAITING_SHIPMENT"}])
    assert [(one["code"], one["field"]) for one in back["userErrors"]] == [
        ("UNSUPPORTED_BY_PLATFORM", ["0", "status"])
    ]
    assert CHANGE not in sandbox.counts()


async def test_an_overwriting_import_deletes_first(gateway: Client, sandbox: Sandbox) -> None:
    await run(gateway, IMPORT, mini_order("M1"))

    payload = await run(gateway, IMPORT, mini_order("M1", remark="new", overwrite=True))

    assert payload["push"]["state"] == "DELIVERED"
    assert sandbox.counts()[REMOVE] == 1
    assert kept(sandbox, "M1")["document"]["desc"] == "new"  # type: ignore[index]


async def test_an_order_is_deleted_and_may_come_again(gateway: Client, sandbox: Sandbox) -> None:
    imported = await run(gateway, IMPORT, mini_order("M1"))
    id_ = imported["order"]["id"]

    assert await run(gateway, DELETE, id_) == {"deletedId": id_, "userErrors": []}

    assert kept(sandbox, "M1") is None
    read = await gateway.ask("query($id: ID!) { order(id: $id) { status } }", {"id": id_})
    assert read.data == {"order": None}
    gone = await run(gateway, DELETE, id_)
    assert [(one["code"], one["field"]) for one in gone["userErrors"]] == [("NOT_FOUND", ["id"])]
    again = await run(gateway, IMPORT, mini_order("M1"))
    assert again["push"]["state"] == "DELIVERED"


async def test_a_deletion_is_not_sent_again_once_the_order_has_come_again(
    gateway: Client, sandbox: Sandbox
) -> None:
    imported = await run(gateway, IMPORT, mini_order("M1"))
    sandbox.fault("errcode", 9009098, path=REMOVE)
    await run(gateway, DELETE, imported["order"]["id"])
    await run(gateway, IMPORT, mini_order("M1"))
    question = "{ pushes(first: 9, filter: {operations: [ORDER_DELETE]}) { nodes { id state } } }"
    (deletion,) = (await gateway.ask(question)).data["pushes"]["nodes"]

    again = await retry(gateway, deletion["id"])

    assert deletion["state"] == "REJECTED"
    assert [one["code"] for one in again["userErrors"]] == ["CONFLICT"]
    assert kept(sandbox, "M1") is not None
    assert sandbox.counts()[REMOVE] == 1


async def test_the_outcome_of_a_lost_import_of_a_paid_order_is_unknown(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("reset", path=PATH, after=True)

    payload = await run(gateway, IMPORT, mini_order("M1"))

    assert payload["push"]["state"] == "OUTCOME_UNKNOWN"
    assert [one["code"] for one in payload["userErrors"]] == ["OUTCOME_UNKNOWN"]
    assert payload["order"]["platformId"] == "M1"
    assert sandbox.counts()[ADD] == 1

    discard = await gateway.ask(
        "mutation($id: ID!) { pushDiscard(id: $id) { push { state } userErrors { code } } }",
        {"id": payload["push"]["id"]},
    )
    assert discard.data["pushDiscard"] == {"push": {"state": "DISCARDED"}, "userErrors": []}


async def test_a_lost_import_of_a_finished_order_is_found_out_by_an_update(
    gateway: Client, sandbox: Sandbox
) -> None:
    done = mini_order("M1", status="COMPLETED")
    sandbox.fault("reset", path=PATH, after=True)
    payload = await run(gateway, IMPORT, done)
    assert payload["push"]["state"] == "PENDING"

    again = await settled(gateway, payload["push"]["id"])

    assert again == "DELIVERED"
    assert sandbox.counts()[ADD] == 1
    assert sandbox.counts()[CHANGE] == 1


async def test_a_lost_import_that_never_arrived_is_sent_again(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("http_status", 502, path=PATH)
    payload = await run(gateway, IMPORT, mini_order("M1", status="COMPLETED"))
    assert payload["push"]["state"] == "PENDING"

    assert await settled(gateway, payload["push"]["id"]) == "DELIVERED"

    assert kept(sandbox, "M1") is not None
    assert sandbox.counts()[CHANGE] == 1


async def test_a_spent_quota_is_waited_for(gateway: Client, sandbox: Sandbox) -> None:
    sandbox.fault("errcode", 45009, path=PATH)

    payload = await run(gateway, IMPORT, mini_order("M1"))

    assert payload["push"]["state"] == "PENDING"
    assert payload["push"]["lastError"]["code"] == "45009"
    shipped = {"id": payload["order"]["id"], "status": "SHIPPED", "shipments": [PARCEL]}
    waiting = await run(gateway, UPDATE, shipped)
    assert waiting["push"]["state"] == "PENDING"
    assert sum(sandbox.counts().get(path, 0) for path in (ADD, CHANGE)) == 1


async def test_a_retried_push_carries_the_order_as_it_is_now(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("errcode", 9009400, path=PATH)
    refused = await run(gateway, IMPORT, mini_order("M1"))
    assert refused["push"]["state"] == "REJECTED"
    shipped = {"id": refused["order"]["id"], "status": "SHIPPED", "shipments": [PARCEL]}
    missing = await run(gateway, UPDATE, shipped)
    assert missing["push"]["lastError"]["code"] == "10001"

    again = await retry(gateway, refused["push"]["id"])

    assert again["push"]["state"] == "DELIVERED"
    assert kept(sandbox, "M1")["document"]["status"] == 4  # type: ignore[index]
    done = await retry(gateway, refused["push"]["id"])
    assert [one["code"] for one in done["userErrors"]] == ["CONFLICT"]
