"""Orders are shipped and closed, by the platform's states and the gateway's memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.platforms.wechat_store.sandbox.invented import Invented, Statuses
from gateway.platforms.wechat_store.sandbox.part import WechatStoreSandbox
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.registry import PLATFORMS
from gateway.sandbox.app import create_sandbox
from gateway.settings import Settings
from tests.e2e.storefront_samples import CLOSE, SHIP, id_of
from tests.fixtures_sandbox import Sandbox, served
from tests.fixtures_served import Client, Serve, configuration, serving

SHIP_PATH: Final = "/merchant/order/setdelivery"
CLOSE_PATH: Final = "/merchant/order/close"
BY_STATUS: Final = """
query ($statuses: [OrderStatus!]) {
  orders(first: 100, filter: {shops: ["flagship"], statuses: $statuses}) {
    nodes { id status } totalCount
  }
}"""
FRESH: Final = {"Cache-Control": "no-cache"}


async def _ship(gateway: Client, order: str, **given: Any) -> dict[str, Any]:
    variables = {"input": {"id": id_of("Order", order), **given}}
    payload: dict[str, Any] = (await gateway.ask(SHIP, variables)).data["done"]
    return payload


async def _close(gateway: Client, order: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await gateway.ask(CLOSE, {"id": id_of("Order", order)})).data["done"]
    return payload


async def _listed(gateway: Client, *statuses: str, **headers: str) -> dict[str, str]:
    variables = {"statuses": list(statuses) or None}
    found = (await gateway.ask(BY_STATUS, variables, headers)).data["orders"]
    listed = {node["id"]: node["status"] for node in found["nodes"]}
    assert found["totalCount"] in (None, len(listed))
    return listed


@pytest.mark.parametrize(
    ("given", "sent", "shipments"),
    [
        pytest.param(
            {"carrier": "003shunfeng", "trackingNumber": " SF1 "},
            {
                "delivery_company": "003shunfeng",
                "delivery_track_no": "SF1",
                "need_delivery": 1,
                "is_others": 0,
            },
            [
                {
                    "carrier": {"code": "003shunfeng", "name": "顺丰速运"},
                    "trackingNumber": "SF1",
                }
            ],
            id="a-known-carrier",
        ),
        pytest.param(
            {"parcels": [{"carrier": "yunda", "trackingNumber": "YD1"}]},
            {
                "delivery_company": "059Yunda",
                "delivery_track_no": "YD1",
                "need_delivery": 1,
                "is_others": 0,
            },
            [{"carrier": {"code": "059Yunda", "name": "韵达快运"}, "trackingNumber": "YD1"}],
            id="one-parcel-by-the-carrier-s-key",
        ),
        pytest.param(
            {"carrier": "JD", "trackingNumber": "JD1"},
            {
                "delivery_company": "京东物流",
                "delivery_track_no": "JD1",
                "need_delivery": 1,
                "is_others": 1,
            },
            [{"carrier": {"code": None, "name": "京东物流"}, "trackingNumber": "JD1"}],
            id="the-key-of-a-carrier-without-a-code",
        ),
        pytest.param(
            {"otherCarrier": "京东物流", "trackingNumber": "JD1", "needsDelivery": True},
            {
                "delivery_company": "京东物流",
                "delivery_track_no": "JD1",
                "need_delivery": 1,
                "is_others": 1,
            },
            [{"carrier": {"code": None, "name": "京东物流"}, "trackingNumber": "JD1"}],
            id="another-carrier",
        ),
        pytest.param({"needsDelivery": False}, {"need_delivery": 0}, [], id="nothing-to-deliver"),
    ],
)
async def test_how_an_order_is_sent(
    gateway: Client,
    sandbox: Sandbox,
    given: dict[str, Any],
    sent: dict[str, Any],
    shipments: list[Any],
) -> None:
    order = sandbox.order()["order_id"]
    payload = await _ship(gateway, order, **given)

    assert payload["userErrors"] == []
    assert payload["order"] == {
        "id": id_of("Order", order),
        "status": "SHIPPED",
        "platformStatus": "3",
        "shipments": shipments,
    }
    assert [one["body"] for one in sandbox.requests(SHIP_PATH)] == [{"order_id": order, **sent}]


@pytest.mark.parametrize(
    ("status", "given", "field", "advice"),
    [
        (3, {}, ["id"], "pass `correct: true` to replace its parcel"),
        (5, {}, ["id"], "only one that is AWAITING_SHIPMENT can be shipped"),
        (8, {}, ["id"], "only one that is AWAITING_SHIPMENT can be shipped"),
        (2, {"correct": True}, ["correct"], "only one that is SHIPPED can be corrected"),
        (5, {"correct": True}, ["correct"], "only one that is SHIPPED can be corrected"),
    ],
)
async def test_an_order_is_not_shipped_from_every_status_that_the_manual_explains(
    gateway: Client,
    sandbox: Sandbox,
    status: int,
    given: dict[str, Any],
    field: list[str],
    advice: str,
) -> None:
    order = sandbox.order()["order_id"]
    sandbox.set_order_status(order, status)
    payload = await _ship(gateway, order, needsDelivery=False, **given)

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("CONFLICT", field)
    assert f"(code {status}): {advice}." in error["message"]
    assert SHIP_PATH not in sandbox.counts()


@pytest.mark.parametrize("takes", [True, False])
async def test_in_a_status_that_the_manual_does_not_explain_the_platform_decides(
    tmp_path: Path, *, takes: bool
) -> None:
    invented = Invented(ships_unlisted=takes)
    with served(create_sandbox([WechatStoreSandbox(invented)])) as sandbox:
        order = sandbox.order()["order_id"]
        sandbox.set_order_status(order, 6)
        settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path))
        async with serving(settings) as gateway:
            payload = await _ship(gateway, order, carrier="sf", trackingNumber="SF1")

    errors = [
        (one["code"], one["platformError"]["endpoint"], one["platformError"]["code"])
        for one in payload["userErrors"]
    ]
    if takes:
        assert (errors, payload["order"]["status"]) == ([], "SHIPPED")
    else:
        refused = str(invented.codes.order_not_shippable)
        assert errors == [("REJECTED_BY_PLATFORM", "order.setdelivery", refused)]


async def test_a_wrong_tracking_number_is_corrected(gateway: Client, sandbox: Sandbox) -> None:
    order = sandbox.order()["order_id"]
    await _ship(gateway, order, carrier="003shunfeng", trackingNumber="SF1")
    payload = await _ship(gateway, order, carrier="zto", trackingNumber="ZT2", correct=True)

    assert payload["userErrors"] == []
    assert payload["order"]["shipments"] == [
        {"carrier": {"code": "066zhongtong", "name": "中通速递"}, "trackingNumber": "ZT2"}
    ]
    numbers = [one["body"]["delivery_track_no"] for one in sandbox.requests(SHIP_PATH)]
    assert numbers == ["SF1", "ZT2"]


async def test_what_the_gateway_read_before_does_not_count(
    gateway: Client, sandbox: Sandbox
) -> None:
    order = sandbox.order()["order_id"]
    query = "query ($id: ID!) { order(id: $id) { status } }"
    before = await gateway.ask(query, {"id": id_of("Order", order)})
    sandbox.set_order_status(order, 5)
    payload = await _ship(gateway, order, needsDelivery=False)

    assert before.data == {"order": {"status": "AWAITING_SHIPMENT"}}
    assert [one["code"] for one in payload["userErrors"]] == ["CONFLICT"]


@pytest.mark.parametrize("status", [5, 8])
async def test_an_order_that_is_done_or_disputed_is_not_closed(
    gateway: Client, sandbox: Sandbox, status: int
) -> None:
    order = sandbox.order()["order_id"]
    sandbox.set_order_status(order, status)
    payload = await _close(gateway, order)

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [("CONFLICT", ["id"])]
    assert CLOSE_PATH not in sandbox.counts()


@pytest.mark.parametrize("status", [1, 2, 3])
async def test_any_other_order_is_closed_once(
    gateway: Client, sandbox: Sandbox, status: int
) -> None:
    order = sandbox.order()["order_id"]
    sandbox.set_order_status(order, status)
    payload, again = await _close(gateway, order), await _close(gateway, order)

    known = sandbox.shops("wechat_store")[FLAGSHIP.app_id]["orders"][order]
    assert payload["userErrors"] == []
    assert payload["order"]["status"] == "CLOSED"
    assert payload["order"]["platformStatus"] == str(known["order_status"])
    assert [one["code"] for one in again["userErrors"]] == ["CONFLICT"]
    assert sandbox.counts()[CLOSE_PATH] == 1


async def test_a_closed_order_is_not_shipped(gateway: Client, sandbox: Sandbox) -> None:
    order = sandbox.order()["order_id"]
    await _close(gateway, order)
    payload = await _ship(gateway, order, needsDelivery=False)

    assert [one["code"] for one in payload["userErrors"]] == ["CONFLICT"]
    assert SHIP_PATH not in sandbox.counts()


@pytest.fixture(params=[4, 2, 6, 3, 8], ids=lambda code: f"closed-is-{code}")
def any_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Sandboxes that differ in the code that a closed order has."""
    statuses = Statuses(closed=request.param)
    with served(create_sandbox([WechatStoreSandbox(Invented(statuses=statuses))])) as sandbox:
        yield sandbox


async def test_lists_and_filters_agree_whatever_code_the_platform_gives(
    any_sandbox: Sandbox, tmp_path: Path
) -> None:
    closed, open_ = any_sandbox.order()["order_id"], any_sandbox.order()["order_id"]
    id_, other = id_of("Order", closed), id_of("Order", open_)
    async with serving(
        Settings.from_dict(PLATFORMS, configuration(any_sandbox, tmp_path))
    ) as gateway:
        before = await _listed(gateway, "CLOSED")
        await _listed(gateway)
        await _close(gateway, closed)
        for headers in ({}, FRESH):
            everything = await _listed(gateway, **headers)
            assert (everything[id_], everything[other]) == ("CLOSED", "AWAITING_SHIPMENT")
            assert await _listed(gateway, "CLOSED", **headers) == {id_: "CLOSED"}
            for status in ("AWAITING_SHIPMENT", "SHIPPED", "IN_DISPUTE", "UNKNOWN"):
                assert id_ not in await _listed(gateway, status, **headers)
            several = await _listed(gateway, "CLOSED", "AWAITING_SHIPMENT", **headers)
            assert (several[id_], several[other]) == ("CLOSED", "AWAITING_SHIPMENT")

    assert before == {}


async def test_the_memory_outlives_the_process(serve: Serve, sandbox: Sandbox) -> None:
    order = sandbox.order()["order_id"]
    async with serve() as gateway:
        await _close(gateway, order)
    async with serve() as gateway:
        assert await _listed(gateway, "CLOSED") == {id_of("Order", order): "CLOSED"}


async def test_every_replica_shows_what_one_has_written(
    serve: Serve, sandbox: Sandbox, redis_url: str
) -> None:
    shared = {"cache": {"url": redis_url}}
    closed, shipped = sandbox.order()["order_id"], sandbox.order()["order_id"]
    async with serve(**shared) as one, serve(**shared) as other:
        before = await _listed(other)
        await _close(one, closed)
        await _ship(one, shipped, needsDelivery=False)
        after = await _listed(other)

    orders = [id_of("Order", closed), id_of("Order", shipped)]
    assert [before[order] for order in orders] == ["AWAITING_SHIPMENT", "AWAITING_SHIPMENT"]
    assert [after[order] for order in orders] == ["CLOSED", "SHIPPED"]


async def test_an_order_whose_close_was_lost_is_shown_as_the_platform_has_it(
    gateway: Client, sandbox: Sandbox
) -> None:
    order = sandbox.order()["order_id"]
    sandbox.fault("reset", path=CLOSE_PATH, after=True)
    payload = await _close(gateway, order)

    assert [one["code"] for one in payload["userErrors"]] == ["OUTCOME_UNKNOWN"]
    assert (await _listed(gateway))[id_of("Order", order)] == "UNKNOWN"
