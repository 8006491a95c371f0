"""Orders of a Mini Program are shipped by a report to the platform that took their payment."""

from pathlib import Path
from typing import Any, Final

from gateway.platforms.mini_program.sandbox.state import MINI
from schema.key import Key
from tests.e2e.mutations import run, told
from tests.e2e.order_samples import DELETE, IMPORT, SET_STATUS, UPDATE, mini_order
from tests.e2e.test_shipping_everywhere import SHIP
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve, configuration
from tests.sandbox.calls import sample
from tests.waiting import eventually

SET_PAGE: Final = """
mutation ($shop: String!, $path: String!) {
  done: orderCenterPathSet(shop: $shop, path: $path) {
    shop { key orderCenterPath } userErrors { code field message }
  }
}"""
UPLOAD: Final = "/wxa/sec/order/upload_shipping_info"
PUSHES: Final = """
query ($id: ID!) { order(id: $id) { status pushes(first: 10) { nodes { operation state } } } }
"""
REPORTED: Final = {"operation": "SHIPPING_UPLOAD", "state": "DELIVERED"}


async def ship(gateway: Client, platform_id: str, **given: Any) -> Any:
    variables = {"input": {"id": Key("Order", "mini", platform_id).encode(), **given}}
    return (await gateway.ask(SHIP, variables)).data["done"]


async def pushes(gateway: Client, platform_id: str) -> list[dict[str, str]]:
    variables = {"id": Key("Order", "mini", platform_id).encode()}
    order = (await gateway.ask(PUSHES, variables)).data["order"]
    found: list[dict[str, str]] = order["pushes"]["nodes"]
    return sorted(found, key=lambda push: push["operation"])


def closed(sandbox: Sandbox, folder: Path) -> list[dict[str, Any]]:
    """The usual shops, of which the Mini Program has no shopping list."""
    known: list[dict[str, Any]] = configuration(sandbox, folder)["shops"]
    return [shop | ({"shopping_list": False} if shop["key"] == "mini" else {}) for shop in known]


def unshipped(sandbox: Sandbox) -> dict[str, Any]:
    """A payment of the sample shop that waits for its shipment."""
    payments = sandbox.shops("mini_program")[MINI.app_id]["payments"].values()
    waiting = [one["document"] for one in payments if one["document"]["order_state"] == 1]
    first: dict[str, Any] = min(waiting, key=lambda one: str(one["transaction_id"]))
    return first


async def test_shipping_answers_with_its_report_and_the_list_follows(
    gateway: Client, sandbox: Sandbox
) -> None:
    await run(gateway, IMPORT, mini_order("m1"))

    shipped = await ship(gateway, "m1", carrier="sf", trackingNumber="SF1")

    assert (told(shipped), shipped["push"]) == ([], REPORTED)
    assert shipped["order"]["platformStatus"] == "4"
    (sent,) = [one["body"] for one in sandbox.requests(UPLOAD)]
    assert sent["shipping_list"] == [
        {
            "tracking_no": "SF1",
            "express_company": "SF",
            "item_desc": "潮流T恤*2",
            "contact": {"consignor_contact": "****0000"},
        }
    ]
    assert sent["payer"] == {"openid": "oMiniSampleBuyer00000000001"}

    async def followed() -> bool:
        return await pushes(gateway, "m1") == [
            {"operation": "ORDER_IMPORT", "state": "DELIVERED"},
            {"operation": "ORDER_UPDATE", "state": "DELIVERED"},
            REPORTED,
        ]

    await eventually(followed)


async def test_without_the_shopping_list_only_shipping_is_told(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    payment = unshipped(sandbox)
    paid = {"method": "WECHAT_PAY", "paid": True, "paidAt": "2024-01-31T08:01:00+08:00"}
    order = mini_order("m1", openId=payment["openid"])
    order["payment"] = {**paid, "reference": payment["transaction_id"]}
    key = Key("Order", "mini", "m1").encode()
    async with serve(shops=closed(sandbox, tmp_path)) as gateway:
        for name in ("brandPhone", "contactPage", "page"):
            del order[name]
        imported = await run(gateway, IMPORT, order)
        updated = await run(gateway, UPDATE, {"id": key, "title": "T恤"})
        assert (told(imported), imported["push"]) == ([], None)
        assert (told(updated), updated["push"]) == ([], None)
        assert sandbox.counts() == {}

        shipped = await ship(gateway, "m1", needsDelivery=False)
        assert (told(shipped), shipped["push"]) == ([], REPORTED)
        assert shipped["order"]["status"] == "SHIPPED"

        done = await run(gateway, SET_STATUS, [{"id": key, "status": "COMPLETED"}])
        assert (told(done), done["pushes"]) == ([], [])
        assert await pushes(gateway, "m1") == [REPORTED]
        assert told(await run(gateway, DELETE, key)) == []
        gone = await gateway.ask(PUSHES, {"id": key})
        assert gone.data["order"] is None
    # The token, the carriers of no parcel, and the report.
    assert sandbox.counts().keys() == {"/cgi-bin/stable_token", UPLOAD}


async def test_without_the_shopping_list_a_contradiction_is_still_refused(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=closed(sandbox, tmp_path)) as gateway:
        refused = await run(gateway, IMPORT, mini_order("m1", total={"fen": 1}))
        asked = await gateway.ask('{ shop(key: "mini") { capabilities } }')

    assert told(refused) == [("INVALID", "total")]
    assert "WRITE_SHOPPING_LIST" not in asked.data["shop"]["capabilities"]
    assert "SHIP_ORDERS" in asked.data["shop"]["capabilities"]


async def test_a_payment_is_named_by_the_numbers_of_the_merchant(
    gateway: Client, sandbox: Sandbox
) -> None:
    payment = unshipped(sandbox)
    numbers = {"merchantId": "1900000001", "merchantTradeNumber": payment["merchant_trade_no"]}
    paid = {"method": "OTHER", "paid": True, "paidAt": "2024-01-31T08:01:00+08:00"}
    order = mini_order("m1", openId=payment["openid"], payment=paid | numbers)
    assert told(await run(gateway, IMPORT, order)) == []

    shipped = await ship(gateway, "m1", carrier="zto", trackingNumber="Z1")

    assert (told(shipped), shipped["push"]) == ([], REPORTED)
    (sent,) = [one["body"] for one in sandbox.requests(UPLOAD)]
    assert sent["order_key"] == {
        "order_number_type": 1,
        "mchid": "1900000001",
        "out_trade_no": payment["merchant_trade_no"],
    }


async def test_the_page_of_the_order_centre_is_set(gateway: Client, sandbox: Sandbox) -> None:
    page = sample("mini_program", "update_order_detail_path.request")

    before = await gateway.ask("{ shops { key orderCenterPath } }")
    done = (await gateway.ask(SET_PAGE, {"shop": "mini", **page})).data["done"]

    assert before.data["shops"] == [
        {"key": "flagship", "orderCenterPath": None},
        {"key": "mini", "orderCenterPath": None},
        {"key": "swan", "orderCenterPath": None},
    ]
    assert done == {"shop": {"key": "mini", "orderCenterPath": page["path"]}, "userErrors": []}
    sent = sandbox.requests("/wxa/sec/order/update_order_detail_path")
    assert [one["body"] for one in sent] == [page]


async def test_a_page_without_the_orders_number_is_refused(
    gateway: Client, sandbox: Sandbox
) -> None:
    unfilled = (await gateway.ask(SET_PAGE, {"shop": "mini", "path": "/pages/order"})).data["done"]
    elsewhere = (await gateway.ask(SET_PAGE, {"shop": "swan", "path": "x"})).data["done"]

    assert (told(unfilled), unfilled["shop"]) == ([("INVALID", "path")], None)
    assert told(elsewhere) == [("UNSUPPORTED_BY_PLATFORM", "shop")]
    assert sandbox.requests("/wxa/sec/order/update_order_detail_path") == []


async def test_the_platforms_refusal_of_a_page_is_told(gateway: Client, sandbox: Sandbox) -> None:
    page = sample("mini_program", "update_order_detail_path.request")
    sandbox.fault("errcode", 47001, path="/wxa/sec/order/update_order_detail_path")

    refused = (await gateway.ask(SET_PAGE, {"shop": "mini", **page})).data["done"]

    assert told(refused) == [("REJECTED_BY_PLATFORM", None)]
