"""Orders imported to Baidu through GraphQL: what goes out, what comes back, what is refused."""

import asyncio
from typing import Any

import pytest

from tests.e2e.mutations import run
from tests.e2e.order_samples import (
    DELETE,
    IMPORT,
    IMPORT_MANY,
    SET_STATUS,
    UPDATE,
    baidu_order,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

ADD = "/rest/2.0/smartapp/ordercenter/app/add/main/info"
UPDATE_INFO = "/rest/2.0/smartapp/ordercenter/app/update/main/info"
UPDATE_STATUS = "/rest/2.0/smartapp/ordercenter/app/update/main/status"


def kept(sandbox: Sandbox, order_id: str) -> dict[str, Any]:
    """Answer the order as the platform has it."""
    (shop,) = sandbox.shops("baidu").values()
    order: dict[str, Any] = shop["orders"][order_id]
    return order


async def test_an_order_is_imported_at_once(gateway: Client, sandbox: Sandbox) -> None:
    payload = await run(gateway, IMPORT, baidu_order("B1"))

    assert payload["userErrors"] == []
    assert payload["push"] | {"id": ""} == {
        "id": "",
        "state": "DELIVERED",
        "operation": "ORDER_IMPORT",
        "attempts": 1,
        "lastError": None,
    }
    assert payload["order"] | {"id": ""} == {
        "id": "",
        "platformId": "B1",
        "status": "AWAITING_SHIPMENT",
        "platformStatus": "5",
        "total": {"fen": 2390},
        "afterSaleStatus": None,
    }
    assert kept(sandbox, "B1")["open_id"] == "swan-buyer-1"
    assert kept(sandbox, "B1")["main"]["EXT"]["MainOrder"]["Payment"]["Amount"] == 2390


async def test_a_second_import_is_a_conflict_unless_it_overwrites(
    gateway: Client, sandbox: Sandbox
) -> None:
    await run(gateway, IMPORT, baidu_order("B1"))

    payload = await run(gateway, IMPORT, baidu_order("B1", title="梨"))

    assert payload["order"] is None
    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("CONFLICT", ["platformId"])
    ]
    assert sandbox.counts()[ADD] == 1

    payload = await run(gateway, IMPORT, baidu_order("B1", title="梨", overwrite=True))
    assert payload["push"]["state"] == "DELIVERED"
    assert kept(sandbox, "B1")["main"]["Title"] == "梨"


async def test_an_overwriting_import_takes_the_after_sales_along(
    gateway: Client, sandbox: Sandbox
) -> None:
    after_sale = {
        "platformId": "R1",
        "status": "APPLYING",
        "kind": "REFUND_ONLY",
        "refund": {"fen": 10},
        "items": [{"platformProductId": "1014093064", "quantity": 1, "refund": {"fen": 10}}],
        "createdAt": "2024-02-01T08:00:00+08:00",
    }
    first = await run(gateway, IMPORT, baidu_order("B1", afterSales=[after_sale]))
    assert first["order"]["afterSaleStatus"] == "APPLYING"

    await run(gateway, IMPORT, baidu_order("B1", title="梨", overwrite=True))

    subs = kept(sandbox, "B1")["subs"]
    assert subs["Status"] == 400
    assert [item["SubOrderID"] for item in subs["Items"]] == ["R1"]

    await run(gateway, IMPORT, baidu_order("B1", overwrite=True, afterSales=[]))
    assert kept(sandbox, "B1")["subs"] is None


async def test_an_order_can_be_recorded_without_sending(gateway: Client, sandbox: Sandbox) -> None:
    payload = await run(gateway, IMPORT, baidu_order("B1", adopt=True))

    assert payload["order"]["platformId"] == "B1"
    assert payload["push"] is None
    assert ADD not in sandbox.counts()


async def test_the_difference_of_a_wrong_amount_is_told(gateway: Client, sandbox: Sandbox) -> None:
    payload = await run(gateway, IMPORT, baidu_order("B1", total={"fen": 2391}))

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["total"])
    assert "2391" in error["message"]
    assert "+1 fen" in error["message"]
    assert sandbox.counts() == {}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"title": None}, "INVALID", ["title"]),
        ({"kind": None}, "INVALID", ["kind"]),
        ({"items": []}, "INVALID", ["items"]),
        ({"status": "REFUNDED"}, "UNSUPPORTED_BY_PLATFORM", ["status"]),
        ({"kind": "VIRTUAL"}, "UNSUPPORTED_BY_PLATFORM", ["status"]),
        ({"platformId": ""}, "INVALID", ["platformId"]),
        ({"openId": "\u0007"}, "INVALID", ["openId"]),
        ({"openId": None}, "INVALID", ["openId"]),
        ({"total": {"amount": "23.905"}}, "INVALID", ["total", "amount"]),
        ({"total": {"fen": -1}}, "INVALID", ["total", "fen"]),
        ({"createdAt": "1969-12-31T00:00:00Z"}, "INVALID", ["createdAt"]),
        ({"shop": "nowhere"}, "NOT_FOUND", ["shop"]),
        ({"shop": "flagship"}, "UNSUPPORTED_BY_PLATFORM", ["shop"]),
    ],
)
async def test_what_baidu_would_refuse_is_not_sent(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], code: str, field: list[str]
) -> None:
    payload = await run(gateway, IMPORT, baidu_order("B1") | changes)

    assert payload["order"] is None
    assert (code, field) in [(one["code"], one["field"]) for one in payload["userErrors"]]
    assert sandbox.counts() == {}


async def test_more_than_five_images_are_too_many(gateway: Client, sandbox: Sandbox) -> None:
    order = baidu_order("B1")
    order["items"][0]["images"] = [f"https://example.com/{n}.jpeg" for n in range(6)]

    payload = await run(gateway, IMPORT, order)

    assert [one["field"] for one in payload["userErrors"]] == [["items", "0", "images"]]
    assert sandbox.counts() == {}


async def test_the_platforms_refusal_is_told_in_its_words(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("errno", 72001, path=ADD)

    payload = await run(gateway, IMPORT, baidu_order("B1"))

    assert payload["push"]["state"] == "REJECTED"
    assert payload["push"]["lastError"]["code"] == "72001"
    (error,) = payload["userErrors"]
    assert error["code"] == "REJECTED_BY_PLATFORM"
    assert error["platformError"] == {"code": "72001"}

    again = await run(gateway, IMPORT, baidu_order("B1"))
    assert again["push"]["state"] == "DELIVERED"


async def test_rows_affected_0_is_a_refusal(gateway: Client) -> None:
    payload = await run(gateway, IMPORT, baidu_order("B1", adopt=True))

    updated = await run(gateway, UPDATE, {"id": payload["order"]["id"], "title": "梨"})

    assert updated["push"]["state"] == "REJECTED"
    assert "rows_affected 0" in updated["push"]["lastError"]["message"]


async def test_while_the_platform_is_down_pushes_wait_and_go_out_in_order(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("http_status", 503, platform="baidu", times=None)
    imported = await run(gateway, IMPORT, baidu_order("B1"))
    assert imported["push"]["state"] == "PENDING"
    assert imported["userErrors"] == []
    assert imported["order"]["status"] == "AWAITING_SHIPMENT"

    id_ = imported["order"]["id"]
    waiting = await run(gateway, SET_STATUS, [{"id": id_, "status": "SHIPPED"}])
    assert [push["state"] for push in waiting["pushes"]] == ["PENDING"]

    sandbox.clear_faults()
    await until_delivered(gateway)

    assert kept(sandbox, "B1")["calls"] == ["add/main/info 5", "update/main/status 6"]


async def until_delivered(gateway: Client) -> None:
    """Wait until nothing is pending any more."""
    question = "{ pushes(first: 1, filter: { states: [PENDING] }) { totalCount } }"
    while (await gateway.ask(question)).data["pushes"]["totalCount"]:  # noqa: ASYNC110 - over HTTP
        await asyncio.sleep(0.05)


async def test_an_update_carries_the_whole_order(gateway: Client, sandbox: Sandbox) -> None:
    imported = await run(gateway, IMPORT, baidu_order("B1"))

    payload = await run(
        gateway, UPDATE, {"id": imported["order"]["id"], "title": "梨", "status": "SHIPPED"}
    )

    assert payload["userErrors"] == []
    assert payload["push"]["state"] == "DELIVERED"
    assert payload["order"]["status"] == "SHIPPED"
    (sent,) = sandbox.requests(UPDATE_INFO)
    assert sent["body"]["Data"][0]["Title"] == "梨"
    assert sent["body"]["Data"][0]["EXT"]["MainOrder"]["Products"][0]["Quantity"] == 2


async def test_an_update_corrects_when_the_order_was_placed(
    gateway: Client, sandbox: Sandbox
) -> None:
    imported = await run(gateway, IMPORT, baidu_order("B1"))
    id_ = imported["order"]["id"]

    for change in ({"title": "梨"}, {"createdAt": "2024-01-01T08:00:00+08:00"}, {"title": "李"}):
        payload = await run(gateway, UPDATE, {"id": id_, **change})
        assert (payload["userErrors"], payload["push"]["state"]) == ([], "DELIVERED")

    sent = [one["body"]["Data"][0].get("Ctime") for one in sandbox.requests(UPDATE_INFO)]
    assert sent == [None, 1704067200, 1704067200]
    refused = await run(gateway, UPDATE, {"id": id_, "createdAt": None})
    assert [one["field"] for one in refused["userErrors"]] == [["createdAt"]]


async def test_statuses_of_one_buyer_go_out_in_one_call(gateway: Client, sandbox: Sandbox) -> None:
    orders = [baidu_order(f"B{number}") for number in range(3)]
    orders[2]["openId"] = "swan-buyer-2"
    imported = await run(gateway, IMPORT_MANY, orders)
    assert [push["state"] for push in imported["pushes"]] == ["DELIVERED"] * 3
    assert sandbox.counts()[ADD] == 3

    ids = [order["id"] for order in imported["orders"]]
    payload = await run(gateway, SET_STATUS, [{"id": id_, "status": "SHIPPED"} for id_ in ids])

    assert [push["state"] for push in payload["pushes"]] == ["DELIVERED"] * 3
    assert sorted(len(one["body"]["Data"]) for one in sandbox.requests(UPDATE_STATUS)) == [1, 2]


async def test_a_batch_tells_of_each(gateway: Client, sandbox: Sandbox) -> None:
    payload = await run(
        gateway,
        IMPORT_MANY,
        [baidu_order("B1"), baidu_order("B2", total={"fen": 1}), baidu_order("B1")],
    )

    assert [order["platformId"] for order in payload["orders"]] == ["B1"]
    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("INVALID", ["1", "total"]),
        ("CONFLICT", ["2"]),
    ]
    assert sandbox.counts()[ADD] == 1


async def test_a_deleted_order_becomes_hidden(gateway: Client, sandbox: Sandbox) -> None:
    imported = await run(gateway, IMPORT, baidu_order("B1"))
    id_ = imported["order"]["id"]

    payload = await run(gateway, DELETE, id_)

    assert payload == {"deletedId": id_, "userErrors": []}
    assert kept(sandbox, "B1")["main"]["Status"] == 300
    read = await gateway.ask("query($id: ID!) { order(id: $id) { status } }", {"id": id_})
    assert read.data == {"order": {"status": "HIDDEN"}}


async def test_an_order_that_is_not_there_is_told(gateway: Client) -> None:
    imported = await run(gateway, IMPORT, baidu_order("B1", adopt=True))
    id_ = imported["order"]["id"]
    wrong = "bm8"

    for operation, given in (
        (UPDATE, {"id": wrong, "title": "x"}),
        (SET_STATUS, [{"id": wrong, "status": "SHIPPED"}]),
        (DELETE, wrong),
    ):
        payload = await run(gateway, operation, given)
        assert [one["code"] for one in payload["userErrors"]] == ["INVALID"]
    payload = await run(gateway, UPDATE, {"id": id_, "status": None})
    assert [one["field"] for one in payload["userErrors"]] == [["status"]]
