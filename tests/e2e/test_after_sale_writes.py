"""After-sales of Baidu's orders by GraphQL: added, changed, set, and made anew after a loss."""

from typing import Any

import pytest

from schema.key import Key
from tests.e2e.mutations import run, told
from tests.e2e.order_samples import IMPORT, baidu_order, mini_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

CENTRE = "/rest/2.0/smartapp/ordercenter/app"
ADD = f"{CENTRE}/add/main/info"
APPEND = f"{CENTRE}/append/sub/info"
REPLACE = f"{CENTRE}/update/sub/info"
STATUS = f"{CENTRE}/update/sub/status"
PRODUCT = "1014093064"
FIELDS = """
  id platformId status platformStatus kind refund { fen } updatedAt
  order { platformId afterSaleStatus afterSales { platformId } }
"""
PUSH = "id operation state subject { __typename } lastError { code }"
ERRORS = "userErrors { code field message platformError { endpoint code } }"
IMPORT_THEM = f"""
mutation ($input: AfterSaleImportInput!) {{
  afterSaleImport(input: $input) {{ afterSales {{ {FIELDS} }} pushes {{ {PUSH} }} {ERRORS} }}
}}"""
UPDATE = f"""
mutation ($input: AfterSaleUpdateInput!) {{
  afterSaleUpdate(input: $input) {{ afterSale {{ {FIELDS} }} push {{ {PUSH} }} {ERRORS} }}
}}"""
SET_STATUS = f"""
mutation ($input: [AfterSaleStatusInput!]!) {{
  afterSaleSetStatus(input: $input) {{ afterSales {{ {FIELDS} }} pushes {{ {PUSH} }} {ERRORS} }}
}}"""
RETRY = "mutation ($id: ID!) { pushRetry(id: $id) { push { state } userErrors { code } } }"


def refund(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "platformId": name,
        "status": "APPLYING",
        "kind": "REFUND_ONLY",
        "refund": {"fen": 10},
        "items": [{"platformProductId": PRODUCT, "quantity": 1, "refund": {"fen": 10}}],
        "createdAt": "2024-02-01T08:00:00+08:00",
        **changes,
    }


async def order(gateway: Client, *after_sales: dict[str, Any], name: str = "B1") -> str:
    more = {"afterSales": list(after_sales)} if after_sales else {}
    payload = await run(gateway, IMPORT, baidu_order(name, **more))
    assert payload["userErrors"] == []
    found: str = payload["order"]["id"]
    return found


def named(name: str, of: str = "B1") -> str:
    return Key("AfterSale", "swan", of, name).encode()


def kept(sandbox: Sandbox, name: str = "B1") -> Any:
    (shop,) = sandbox.shops("baidu").values()
    return shop["orders"][name]["subs"]


def asked_of(sandbox: Sandbox) -> list[str]:
    return [one["endpoint"] for one in sandbox.requests() if one["endpoint"].startswith("/rest/")]


async def test_after_sales_are_added(gateway: Client, sandbox: Sandbox) -> None:
    order_id = await order(gateway, refund("R1", status="REFUNDED"))

    given = {"orderId": order_id, "afterSales": [refund("R2"), refund("R3", status="CLOSED")]}
    payload = await run(gateway, IMPORT_THEM, given)

    assert told(payload) == []
    assert [(one["platformId"], one["platformStatus"]) for one in payload["afterSales"]] == [
        ("R2", "400"),
        ("R3", "404"),
    ]
    assert payload["afterSales"][0]["order"]["afterSaleStatus"] == "APPLYING"
    assert len(payload["afterSales"][0]["order"]["afterSales"]) == 3
    (push,) = payload["pushes"]
    assert (push["operation"], push["state"]) == ("AFTER_SALE_IMPORT", "DELIVERED")
    (sent,) = sandbox.requests(APPEND)
    subs = sent["body"]["Data"][0]["EXT"]["SubsOrder"]
    assert (subs["Status"], [item["SubOrderID"] for item in subs["Items"]]) == (400, ["R2", "R3"])
    assert sent["query"]["open_id"] == "swan-buyer-1"
    assert [item["SubOrderID"] for item in kept(sandbox)["Items"]] == ["R1", "R2", "R3"]


async def test_what_is_given_for_all_of_them_counts(gateway: Client, sandbox: Sandbox) -> None:
    order_id = await order(gateway)
    given = {
        "orderId": order_id,
        "afterSales": [refund("R1")],
        "orderAfterSaleStatus": "PROCESSING",
        "openId": "another buyer",
    }

    payload = await run(gateway, IMPORT_THEM, given)

    (one,) = payload["afterSales"]
    assert one["order"]["afterSaleStatus"] == "PROCESSING"
    assert payload["pushes"][0]["subject"] == {"__typename": "AfterSale"}
    (sent,) = sandbox.requests(APPEND)
    assert sent["body"]["Data"][0]["EXT"]["SubsOrder"]["Status"] == 401
    assert sent["query"]["open_id"] == "another buyer"


async def test_after_a_lost_answer_the_order_is_made_anew(
    gateway: Client, sandbox: Sandbox
) -> None:
    order_id = await order(gateway, refund("R1"))
    sandbox.fault("reset", path=APPEND, after=True)

    payload = await run(gateway, IMPORT_THEM, {"orderId": order_id, "afterSales": [refund("R2")]})
    assert told(payload) == []
    assert payload["pushes"][0]["state"] == "PENDING"
    asked = await gateway.ask(RETRY, {"id": payload["pushes"][0]["id"]})

    assert asked.data["pushRetry"] == {"push": {"state": "DELIVERED"}, "userErrors": []}
    assert sandbox.counts()[APPEND] == 1
    assert sandbox.counts()[ADD] == 2
    assert {item["SubOrderID"] for item in kept(sandbox)["Items"]} == {"R1", "R2"}


async def test_an_import_that_is_sent_again_carries_what_waits_behind_it(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("errno", 1001, path=ADD)
    refused = await run(gateway, IMPORT, baidu_order("B1"))
    assert refused["push"]["state"] == "REJECTED"
    # Busy, so that it was certainly not done.
    sandbox.fault("body", {"error_code": 2, "error_msg": "busy"}, path=APPEND, times=None)
    given = {"orderId": refused["order"]["id"], "afterSales": [refund("R1")]}
    waiting = (await run(gateway, IMPORT_THEM, given))["pushes"][0]

    asked = await gateway.ask(RETRY, {"id": refused["push"]["id"]})
    sandbox.clear_faults()

    assert asked.data["pushRetry"]["push"] == {"state": "DELIVERED"}
    assert [item["SubOrderID"] for item in kept(sandbox)["Items"]] == ["R1"]
    behind = await gateway.ask(
        "query ($id: ID!) { node(id: $id) { ... on Push { state } } }", {"id": waiting["id"]}
    )
    assert behind.data["node"] == {"state": "SUPERSEDED"}


async def test_an_append_that_is_sent_again_is_a_whole_import(
    gateway: Client, sandbox: Sandbox
) -> None:
    order_id = await order(gateway)
    sandbox.fault("errno", 1001, path=APPEND)
    given = {"orderId": order_id, "afterSales": [refund("R1")]}
    refused = (await run(gateway, IMPORT_THEM, given))["pushes"][0]
    # By now the platform has it from elsewhere.
    await run(gateway, IMPORT, baidu_order("B1", overwrite=True))

    asked = await gateway.ask(RETRY, {"id": refused["id"]})

    assert refused["state"] == "REJECTED"
    assert asked.data["pushRetry"] == {"push": {"state": "DELIVERED"}, "userErrors": []}
    assert [item["SubOrderID"] for item in kept(sandbox)["Items"]] == ["R1"]
    assert sandbox.counts()[APPEND] == 1


async def test_one_is_changed_and_the_others_stay(gateway: Client, sandbox: Sandbox) -> None:
    await order(gateway, refund("R1"), refund("R2"))

    payload = await run(
        gateway,
        UPDATE,
        {
            "id": named("R1"),
            "status": "REFUNDED",
            "refund": {"amount": "0.05"},
            "items": [{"platformProductId": PRODUCT, "quantity": 1, "refund": {"fen": 5}}],
            "updatedAt": "2024-02-02T08:00:00+08:00",
            "page": {"state": "SHOWN", "swan": "baiduboxapp://swan/r1"},
        },
    )

    assert told(payload) == []
    one = payload["afterSale"]
    assert (one["status"], one["platformStatus"]) == ("REFUNDED", "402")
    assert (one["refund"], one["updatedAt"]) == ({"fen": 5}, "2024-02-02T00:00:00Z")
    assert one["order"]["afterSaleStatus"] == "APPLYING"
    assert (payload["push"]["operation"], payload["push"]["state"]) == (
        "AFTER_SALE_UPDATE",
        "DELIVERED",
    )
    (sent,) = sandbox.requests(REPLACE)
    items = sent["body"]["Data"][0]["EXT"]["SubsOrder"]["Items"]
    assert sorted(item["SubOrderID"] for item in items) == ["R1", "R2"]
    found = {item["SubOrderID"]: item["SubStatus"] for item in kept(sandbox)["Items"]}
    assert found == {"R1": 402, "R2": 400}


async def test_what_was_paid_is_told_by_all_calls_that_take_it(
    gateway: Client, sandbox: Sandbox
) -> None:
    paid = {
        "amount": {"amount": "23.90"},
        "method": "CASH_ON_DELIVERY",
        "paid": True,
        "paidAt": "2024-01-31T08:00:00+08:00",
        "discounts": [{"name": "优惠券", "amount": {"fen": 100}}],
        "charges": [{"name": "运费", "amount": {"fen": 50}, "quantity": 2}],
    }
    item = {"platformProductId": PRODUCT, "quantity": 1, "refund": {"fen": 5}, "payment": paid}
    id_ = await order(gateway, refund("R1", items=[item]))
    assert (
        told(
            await run(
                gateway, IMPORT_THEM, {"orderId": id_, "afterSales": [refund("R2", items=[item])]}
            )
        )
        == []
    )
    changes = {"items": [item], "createdAt": "2024-02-01T09:00:00+08:00"}
    assert told(await run(gateway, UPDATE, {"id": named("R1"), **changes})) == []

    found = {item["SubOrderID"]: item for item in kept(sandbox)["Items"]}
    assert [found[name]["CTime"] for name in ("R1", "R2")] == [1706749200, 1706745600]
    assert found["R1"]["Payment"] == {
        "Method": 2,
        "Amount": 2390,
        "IsPayment": True,
        "Time": 1706659200,
        "PreferentialInfo": [{"Name": "优惠券", "Value": 100, "Quantity": 1}],
        "PaymentInfo": [{"Name": "运费", "Value": 50, "Quantity": 2}],
    }
    assert found["R2"]["Payment"] == found["R1"]["Payment"]


async def test_a_time_of_creation_cannot_be_taken_away(gateway: Client) -> None:
    await order(gateway, refund("R1"))

    payload = await run(gateway, UPDATE, {"id": named("R1"), "createdAt": None})

    assert told(payload) == [("INVALID", "createdAt")]


async def test_statuses_of_one_order_go_in_one_push(gateway: Client, sandbox: Sandbox) -> None:
    await order(gateway, refund("R1"), refund("R2"), refund("R3"))
    await order(gateway, refund("R1"), name="B2")

    payload = await run(
        gateway,
        SET_STATUS,
        [
            {"id": named("R1"), "status": "REFUNDED"},
            {"id": named("R1", "B2"), "status": "REJECTED"},
            {"id": named("R9"), "status": "REFUNDED"},
            {"id": named("R2"), "status": "CLOSED", "orderAfterSaleStatus": "PROCESSING"},
            {"id": named("R2"), "status": "CLOSED"},
            {"id": "no id", "status": "CLOSED"},
        ],
    )

    assert sorted(told(payload)) == [
        ("CONFLICT", "4"),
        ("INVALID", "5.id"),
        ("NOT_FOUND", "2.id"),
    ]
    assert [(one["platformId"], one["status"]) for one in payload["afterSales"]] == [
        ("R1", "REFUNDED"),
        ("R2", "CLOSED"),
        ("R1", "REJECTED"),
    ]
    assert [push["state"] for push in payload["pushes"]] == ["DELIVERED", "DELIVERED"]
    bodies = {
        one["body"]["Data"][0]["ResourceID"]: one["body"]["Data"][0]["EXT"]["SubsOrder"]
        for one in sandbox.requests(STATUS)
    }
    assert bodies["B1"]["Status"] == 401
    assert sorted(bodies["B1"]["Items"], key=lambda item: str(item["SubOrderID"])) == [
        {"SubOrderID": "R1", "SubStatus": 402},
        {"SubOrderID": "R2", "SubStatus": 404},
    ]
    assert bodies["B2"] == {"Status": 407, "Items": [{"SubOrderID": "R1", "SubStatus": 407}]}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"kind": "UNKNOWN"}, "UNSUPPORTED_BY_PLATFORM", "afterSales.0.kind"),
        ({"kind": "EXCHANGE"}, "INVALID", "afterSales.0.refund"),
        ({"items": []}, "INVALID", "afterSales.0.items"),
        ({"refund": {"amount": "0.001"}}, "INVALID", "afterSales.0.refund.amount"),
        ({"platformId": ""}, "INVALID", "afterSales.0.platformId"),
        ({"platformId": "R1"}, "CONFLICT", "afterSales.0.platformId"),
        (
            {"items": [{"platformProductId": PRODUCT, "quantity": 0, "refund": {"fen": 1}}]},
            "INVALID",
            "afterSales.0.items.0.quantity",
        ),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_sent(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], code: str, field: str
) -> None:
    order_id = await order(gateway, refund("R1"))
    sandbox.clear_log()

    given = {"orderId": order_id, "afterSales": [refund("R2", **changes)]}
    payload = await run(gateway, IMPORT_THEM, given)

    assert told(payload) == [(code, field)]
    assert (payload["afterSales"], payload["pushes"]) == ([], [])
    assert asked_of(sandbox) == []


async def test_one_given_twice_and_none(gateway: Client, sandbox: Sandbox) -> None:
    order_id = await order(gateway)
    sandbox.clear_log()

    twice = {"orderId": order_id, "afterSales": [refund("R1"), refund("R1")]}
    none: dict[str, Any] = {"orderId": order_id, "afterSales": []}

    assert told(await run(gateway, IMPORT_THEM, twice)) == [("INVALID", "afterSales.1.platformId")]
    assert told(await run(gateway, IMPORT_THEM, none)) == [("INVALID", "afterSales")]
    assert asked_of(sandbox) == []


async def test_what_is_not_there_cannot_be_changed(gateway: Client, sandbox: Sandbox) -> None:
    await order(gateway)
    sandbox.clear_log()
    absent = Key("Order", "swan", "B9").encode()

    update = await run(gateway, UPDATE, {"id": named("R1"), "status": "CLOSED"})
    without = await run(gateway, UPDATE, {"id": named("R1", "B9"), "status": "CLOSED"})
    added = await run(gateway, IMPORT_THEM, {"orderId": absent, "afterSales": [refund("R1")]})
    null = await run(gateway, UPDATE, {"id": named("R1"), "status": None, "kind": None})

    assert told(update) == told(without) == [("NOT_FOUND", "id")]
    assert told(added) == [("NOT_FOUND", "orderId")]
    assert told(null) == [("INVALID", "status"), ("INVALID", "kind")]
    assert asked_of(sandbox) == []


async def test_the_shopping_list_has_none_of_its_own(gateway: Client, sandbox: Sandbox) -> None:
    payload = await run(gateway, IMPORT, mini_order("M1"))
    sandbox.clear_log()

    given = {"orderId": payload["order"]["id"], "afterSales": [refund("R1")]}
    added = await run(gateway, IMPORT_THEM, given)
    changed = await run(
        gateway, UPDATE, {"id": Key("AfterSale", "mini", "M1", "M1").encode(), "status": "CLOSED"}
    )

    assert told(added) == [("UNSUPPORTED_BY_PLATFORM", "orderId")]
    assert told(changed) == [("UNSUPPORTED_BY_PLATFORM", "id")]
    assert asked_of(sandbox) == []


async def test_what_the_platform_refuses_is_told(gateway: Client, sandbox: Sandbox) -> None:
    await order(gateway, refund("R1"))
    sandbox.fault("errno", 1001, path=STATUS)

    payload = await run(gateway, SET_STATUS, [{"id": named("R1"), "status": "CLOSED"}])

    assert told(payload) == [("REJECTED_BY_PLATFORM", "0")]
    assert payload["userErrors"][0]["platformError"]["code"] == "1001"
    assert payload["pushes"][0]["state"] == "REJECTED"
