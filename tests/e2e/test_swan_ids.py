"""Orders of Baidu buyers who are not logged in: a swan id in place of the open id."""

from typing import Any

import pytest

from tests.e2e.mutations import run, told
from tests.e2e.order_samples import (
    DELETE,
    IMPORT,
    IMPORT_MANY,
    SET_STATUS,
    UPDATE,
    baidu_order,
    mini_order,
)
from tests.e2e.test_after_sale_writes import IMPORT_THEM, RETRY, named, refund
from tests.e2e.test_after_sale_writes import SET_STATUS as SET_AFTER_SALE_STATUS
from tests.e2e.test_after_sale_writes import UPDATE as UPDATE_AFTER_SALE
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

CENTRE = "/rest/2.0/smartapp/ordercenter/app/"
BUYER = "query ($id: ID!) { order(id: $id) { buyer { openId swanId } } }"


def guests_order(platform_id: str, **changes: Any) -> dict[str, Any]:
    """Answer an order of a buyer who is not logged in."""
    return baidu_order(platform_id, openId=None, swanId="guest", **changes)


def buyers_sent(sandbox: Sandbox) -> list[tuple[str, str | None, str | None]]:
    """Answer the call, open id and swan id of each request, in their order."""
    return [
        (
            one["endpoint"].removeprefix(CENTRE),
            one["query"].get("open_id"),
            one["query"].get("swan_id"),
        )
        for one in sandbox.requests()
        if one["endpoint"].startswith(CENTRE)
    ]


async def imported(gateway: Client) -> str:
    """Import an order of a guest with one after-sale; answer its id."""
    payload = await run(gateway, IMPORT, guests_order("B1", afterSales=[refund("R1")]))
    assert told(payload) == []
    assert payload["push"]["state"] == "DELIVERED"
    found: str = payload["order"]["id"]
    return found


async def buyer(gateway: Client, order_id: str) -> Any:
    return (await gateway.ask(BUYER, {"id": order_id})).data["order"]["buyer"]


async def test_all_six_calls_name_the_buyer_by_the_swan_id(
    gateway: Client, sandbox: Sandbox
) -> None:
    order_id = await imported(gateway)
    assert await buyer(gateway, order_id) == {"openId": None, "swanId": "guest"}

    for operation, given in (
        (UPDATE, {"id": order_id, "title": "梨"}),
        (SET_STATUS, [{"id": order_id, "status": "SHIPPED"}]),
        (IMPORT_THEM, {"orderId": order_id, "afterSales": [refund("R2")]}),
        (UPDATE_AFTER_SALE, {"id": named("R1"), "kind": "RETURN_AND_REFUND"}),
        (SET_AFTER_SALE_STATUS, [{"id": named("R1"), "status": "REFUNDED"}]),
        (DELETE, order_id),
    ):
        assert told(await run(gateway, operation, given)) == []

    assert buyers_sent(sandbox) == [
        ("add/main/info", None, "guest"),
        ("update/main/info", None, "guest"),
        ("update/main/status", None, "guest"),
        ("append/sub/info", None, "guest"),
        ("update/sub/info", None, "guest"),
        ("update/sub/status", None, "guest"),
        ("update/main/status", None, "guest"),
    ]


@pytest.mark.parametrize(
    ("order", "field", "message"),
    [
        (
            baidu_order("B1", swanId="guest"),
            ["swanId"],
            "Give either openId or swanId, not both.",
        ),
        (
            baidu_order("B1", openId=None),
            ["openId"],
            "Give openId, or swanId if the buyer is not logged in.",
        ),
        (
            guests_order("B1") | {"swanId": ""},
            ["swanId"],
            "An id has 1 to 128 characters, none of them a control character.",
        ),
        (
            mini_order("M1", openId=None, swanId="guest"),
            ["swanId"],
            "Buyers on this platform have no swan id: give openId.",
        ),
        (
            mini_order("M1", swanId="guest"),
            ["swanId"],
            "Buyers on this platform have no swan id: give openId.",
        ),
    ],
)
async def test_a_wrong_buyer_is_refused(
    gateway: Client, sandbox: Sandbox, order: dict[str, Any], field: list[str], message: str
) -> None:
    payload = await run(gateway, IMPORT, order)

    assert payload["order"] is None
    assert [(one["code"], one["field"], one["message"]) for one in payload["userErrors"]] == [
        ("INVALID", field, message)
    ]
    assert sandbox.counts() == {}


async def test_a_wrong_buyer_among_several_orders_is_refused_alone(gateway: Client) -> None:
    payload = await run(
        gateway, IMPORT_MANY, [baidu_order("B1", swanId="guest"), guests_order("B2")]
    )

    assert told(payload) == [("INVALID", "0.swanId")]
    assert [order["platformId"] for order in payload["orders"]] == ["B2"]


@pytest.mark.parametrize("operation", ["update", "status", "append", "change", "statuses"])
async def test_an_open_id_that_is_given_later_replaces_the_swan_id(
    gateway: Client, sandbox: Sandbox, operation: str
) -> None:
    order_id = await imported(gateway)
    later = {"openId": "swan-buyer-1"}
    asked, given = {
        "update": (UPDATE, {"id": order_id, "title": "梨", **later}),
        "status": (SET_STATUS, [{"id": order_id, "status": "SHIPPED", **later}]),
        "append": (IMPORT_THEM, {"orderId": order_id, "afterSales": [refund("R2")], **later}),
        "change": (UPDATE_AFTER_SALE, {"id": named("R1"), "status": "PROCESSING", **later}),
        "statuses": (SET_AFTER_SALE_STATUS, [{"id": named("R1"), "status": "REFUNDED", **later}]),
    }[operation]

    assert told(await run(gateway, asked, given)) == []

    assert await buyer(gateway, order_id) == {"openId": "swan-buyer-1", "swanId": None}
    assert buyers_sent(sandbox)[-1][1:] == ("swan-buyer-1", None)


async def test_orders_are_not_filtered_by_swan_ids(gateway: Client) -> None:
    await imported(gateway)
    await run(gateway, IMPORT, baidu_order("B2", openId="guest"))

    question = """{ orders(first: 9, filter: { shops: ["swan"], buyerOpenId: "guest" }) {
      nodes { platformId buyer { openId swanId } } } }"""
    assert (await gateway.ask(question)).data["orders"]["nodes"] == [
        {"platformId": "B2", "buyer": {"openId": "guest", "swanId": None}}
    ]


async def test_an_import_is_done_once_under_its_key(gateway: Client, sandbox: Sandbox) -> None:
    key = {"Idempotency-Key": "guest"}

    first = await gateway.ask(IMPORT, {"input": guests_order("B1")}, key)
    again = await gateway.ask(IMPORT, {"input": guests_order("B1")}, key)

    assert first.data["orderImport"]["push"]["state"] == "DELIVERED"
    assert again.body == {**first.body, "extensions": {"idempotentReplay": True}}
    assert buyers_sent(sandbox) == [("add/main/info", None, "guest")]


async def test_a_refused_push_of_a_guests_order_is_sent_again(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("errno", 72001, path=f"{CENTRE}add/main/info")
    refused = await run(gateway, IMPORT, guests_order("B1"))
    assert refused["push"]["state"] == "REJECTED"

    asked = await gateway.ask(RETRY, {"id": refused["push"]["id"]})

    assert asked.data["pushRetry"] == {"push": {"state": "DELIVERED"}, "userErrors": []}
    assert buyers_sent(sandbox) == [("add/main/info", None, "guest")] * 2


async def test_an_import_that_overwrites_may_name_the_other_id(gateway: Client) -> None:
    payload = await run(gateway, IMPORT, baidu_order("B1"))
    order_id = payload["order"]["id"]

    await run(gateway, IMPORT, guests_order("B1", overwrite=True))

    assert await buyer(gateway, order_id) == {"openId": None, "swanId": "guest"}
