"""One act ships and closes orders on every platform that knows it."""

from typing import Any, Final

from schema.key import Key
from tests.e2e.mutations import told
from tests.e2e.order_samples import IMPORT, IMPORT_MANY, baidu_order, paid_elsewhere
from tests.e2e.storefront_samples import id_of
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

PAYLOAD: Final = """
  userErrors { code field message }
  warnings { code field message }
"""
ORDER: Final = """
  id status platformStatus
  shipments { carrier { code name key } trackingNumber page { miniProgramPath }
    items { platformProductId platformSkuId } }
"""
SHIP: Final = f"""
mutation ($input: OrderShipInput!) {{
  done: orderShip(input: $input) {{
    order {{ {ORDER} }} push {{ state operation }} {PAYLOAD}
  }}
}}"""
SHIP_MANY: Final = f"""
mutation ($input: [OrderShipInput!]!) {{
  done: ordersShip(input: $input) {{
    orders {{ {ORDER} }} pushes {{ state operation }} {PAYLOAD}
  }}
}}"""
CLOSE: Final = f"""
mutation ($id: ID!) {{
  done: orderClose(id: $id) {{
    order {{ {ORDER} }} push {{ state operation }} {PAYLOAD}
  }}
}}"""
DELIVERED: Final = {"state": "DELIVERED", "operation": "ORDER_UPDATE"}
UPDATE_PATH: Final = "/mall/importorder?action=update-order"


def order_id(shop: str, platform_id: str) -> str:
    return Key("Order", shop, platform_id).encode()


async def done(gateway: Client, document: str, **variables: Any) -> Any:
    return (await gateway.ask(document, variables)).data["done"]


async def ship(gateway: Client, shop: str, platform_id: str, **given: Any) -> Any:
    return await done(gateway, SHIP, input={"id": order_id(shop, platform_id), **given})


def parcels_of(sandbox: Sandbox, platform_id: str) -> list[dict[str, Any]]:
    """The parcels of the last update of an order that the shopping list has received."""
    calls = [one["body"] for one in sandbox.requests(UPDATE_PATH)]
    orders = [order for call in calls for order in call["order_list"]]
    (*_, last) = [one for one in orders if one["order_id"] == platform_id]
    parcels: list[dict[str, Any]] = last["ext_info"]["express_info"]["express_package_info_list"]
    return parcels


async def test_an_order_of_the_shopping_list_is_shipped_and_corrected(
    gateway: Client, sandbox: Sandbox
) -> None:
    await gateway.ask(IMPORT, {"input": paid_elsewhere("m1")})

    shipped = await ship(gateway, "mini", "m1", carrier="sf", trackingNumber="SF1")
    again = await ship(gateway, "mini", "m1", carrier="sf", trackingNumber="SF2")
    corrected = await ship(
        gateway, "mini", "m1", otherCarrier="同城跑腿", trackingNumber="X2", correct=True
    )

    assert (told(shipped), shipped["push"]) == ([], DELIVERED)
    assert shipped["order"] == {
        "id": order_id("mini", "m1"),
        "status": "SHIPPED",
        "platformStatus": "4",
        "shipments": [
            {
                "carrier": {"code": "2011", "name": "顺丰速运", "key": "sf"},
                "trackingNumber": "SF1",
                "page": {"miniProgramPath": "/pages/order?id=1"},
                "items": [{"platformProductId": "p1", "platformSkuId": "s1"}],
            }
        ],
    }
    assert [(one["code"], one["field"]) for one in shipped["warnings"]] == [("NOT_FOUND", ["id"])]
    assert "the order's own page was given" in shipped["warnings"][0]["message"]
    assert (told(again), again["order"], again["push"]) == ([("CONFLICT", "id")], None, None)
    assert "pass `correct: true`" in again["userErrors"][0]["message"]
    assert (told(corrected), corrected["warnings"]) == ([], [])
    (parcel,) = parcels_of(sandbox, "m1")
    assert (parcel["express_company_id"], parcel["express_company_name"]) == (9999, "同城跑腿")
    assert parcel["express_code"] == "X2"


async def test_what_the_shopping_list_does_not_take_is_a_user_error(
    gateway: Client, sandbox: Sandbox
) -> None:
    await gateway.ask(IMPORT, {"input": paid_elsewhere("m1")})
    sandbox.clear_log()

    nothing = await ship(gateway, "mini", "m1", needsDelivery=False)
    kind = await ship(gateway, "mini", "m1", kind="SAME_CITY", carrier="sf", trackingNumber="SF1")
    several = await ship(
        gateway,
        "mini",
        "m1",
        parcels=[
            {"carrier": "sf", "trackingNumber": "SF1"},
            {"carrier": "nobody", "trackingNumber": "SF2"},
        ],
    )
    early = await ship(gateway, "mini", "m1", carrier="sf", trackingNumber="1", correct=True)
    unknown = await ship(gateway, "mini", "none", carrier="sf", trackingNumber="SF1")

    assert told(nothing) == [("UNSUPPORTED_BY_PLATFORM", "needsDelivery")]
    assert told(kind) == [("UNSUPPORTED_BY_PLATFORM", "kind")]
    assert told(several) == [("INVALID", "parcels.1.carrier")]
    assert told(early) == [("CONFLICT", "correct")]
    assert told(unknown) == [("NOT_FOUND", "id")]
    assert sandbox.counts() == {}


async def test_the_parcels_of_an_order_hold_what_is_said(gateway: Client, sandbox: Sandbox) -> None:
    (shirt,) = paid_elsewhere("m1")["items"]
    items = [shirt, {**shirt, "platformSkuId": "s2", "quantity": 1}]
    await gateway.ask(
        IMPORT, {"input": paid_elsewhere("m1", items=items, total={"fen": 3 * 9900 + 500})}
    )
    query = "query ($id: ID!) { order(id: $id) { items { id } } }"
    found = (await gateway.ask(query, {"id": order_id("mini", "m1")})).data["order"]["items"]
    first, second = (one["id"] for one in found)

    def parcel(number: str, *held: tuple[str, int]) -> dict[str, Any]:
        items = [{"itemId": item, "quantity": quantity} for item, quantity in held]
        return {"carrier": "sf", "trackingNumber": number, "items": items}

    wrong = await ship(
        gateway,
        "mini",
        "m1",
        parcels=[parcel("SF1", (first, 1), ("x", 1)), parcel("SF2", (first, 2), (second, 0))],
    )
    nothing = await ship(gateway, "mini", "m1", parcels=[parcel("SF1"), parcel("SF2")])
    shipped = await ship(
        gateway, "mini", "m1", parcels=[parcel("SF1", (first, 2)), parcel("SF2", (second, 1))]
    )
    split = await ship(
        gateway,
        "mini",
        "m1",
        parcels=[parcel("SF1", (first, 1)), parcel("SF2", (first, 1), (second, 1))],
        correct=True,
    )

    assert told(wrong) == [
        ("NOT_FOUND", "parcels.0.items.1.itemId"),
        ("INVALID", "parcels.1.items.0.quantity"),
        ("INVALID", "parcels.1.items.1.quantity"),
    ]
    assert told(nothing) == [("INVALID", "parcels.0.items"), ("INVALID", "parcels.1.items")]
    assert told(shipped) == []
    assert [one["items"] for one in shipped["order"]["shipments"]] == [
        [{"platformProductId": "p1", "platformSkuId": "s1"}],
        [{"platformProductId": "p1", "platformSkuId": "s2"}],
    ]
    held = [one["express_goods_info_list"] for one in parcels_of(sandbox, "m1")]
    assert [[goods["sku_id"] for goods in one] for one in held] == [["s1"], ["s1", "s2"]]
    assert told(split) == []
    assert [one["field"] for one in split["warnings"]] == [
        ["parcels", "0", "items", "0", "quantity"],
        ["parcels", "1", "items", "0", "quantity"],
    ]


async def test_an_order_of_baidu_is_shipped_without_its_parcel_and_says_so(
    gateway: Client,
) -> None:
    virtual = baidu_order("v", kind="VIRTUAL", status="CONFIRMED")
    await gateway.ask(IMPORT_MANY, {"input": [baidu_order("b1"), baidu_order("b2"), virtual]})

    shipped = await ship(gateway, "swan", "b1", carrier="yunda", trackingNumber="YD1")
    nothing = await ship(gateway, "swan", "b2", needsDelivery=False)
    not_there = await ship(gateway, "swan", "v", needsDelivery=False)

    assert (told(shipped), shipped["push"]) == ([], DELIVERED)
    assert (shipped["order"]["status"], shipped["order"]["platformStatus"]) == ("SHIPPED", "6")
    (parcel,) = shipped["order"]["shipments"]
    assert parcel["carrier"] == {"code": "YUNDA", "name": "韵达快递", "key": "yunda"}
    assert shipped["warnings"] == [
        {
            "code": "UNSUPPORTED_BY_PLATFORM",
            "field": ["trackingNumber"],
            "message": "The platform has no place for it: only the gateway keeps it.",
        }
    ]
    assert (told(nothing), nothing["order"]["shipments"]) == ([], [])
    assert told(not_there) == [("UNSUPPORTED_BY_PLATFORM", "id")]
    assert "Baidu has no SHIPPED" in not_there["userErrors"][0]["message"]


async def test_orders_of_the_ledger_are_closed_once(gateway: Client) -> None:
    await gateway.ask(IMPORT_MANY, {"input": [paid_elsewhere("m1"), baidu_order("b1")]})

    closed = [
        await done(gateway, CLOSE, id=order_id(shop, name))
        for shop, name in (("mini", "m1"), ("swan", "b1"), ("swan", "b1"))
    ]

    assert [told(one) for one in closed] == [[], [], [("CONFLICT", "id")]]
    statuses = [(one["order"]["status"], one["order"]["platformStatus"]) for one in closed[:2]]
    assert statuses == [("CLOSED", "12"), ("CLOSED", "100")]
    assert [one["push"]["state"] for one in closed[:2]] == ["DELIVERED", "DELIVERED"]
    shipped = await ship(gateway, "mini", "m1", carrier="sf", trackingNumber="SF1")
    assert told(shipped) == [("CONFLICT", "id")]


async def test_orders_of_all_platforms_are_shipped_at_once(
    gateway: Client, sandbox: Sandbox
) -> None:
    await gateway.ask(IMPORT_MANY, {"input": [paid_elsewhere("m1"), baidu_order("b1")]})
    first, second = sandbox.order()["order_id"], sandbox.order()["order_id"]
    sandbox.set_order_status(second, 5)
    parcel = {"carrier": "zto", "trackingNumber": "ZT1"}
    ids = [
        order_id("mini", "m1"),
        id_of("Order", first),
        id_of("Order", second),
        order_id("swan", "b1"),
        id_of("Order", first),
        order_id("nowhere", "1"),
        id_of("Order", "77"),
    ]

    payload = await done(gateway, SHIP_MANY, input=[{"id": one, **parcel} for one in ids])

    assert [one["id"] for one in payload["orders"]] == [ids[0], ids[1], ids[3]]
    assert {one["status"] for one in payload["orders"]} == {"SHIPPED"}
    assert {one["shipments"][0]["carrier"]["key"] for one in payload["orders"]} == {"zto"}
    assert payload["pushes"] == [DELIVERED, DELIVERED]
    assert told(payload) == [
        ("CONFLICT", "2.id"),
        ("CONFLICT", "4"),
        ("NOT_FOUND", "5.id"),
        ("NOT_FOUND", "6.id"),
    ]
    assert [one["field"] for one in payload["warnings"]] == [["0", "id"], ["3", "trackingNumber"]]


async def test_a_failure_that_nobody_can_fix_here_does_not_hide_what_was_done(
    gateway: Client, sandbox: Sandbox
) -> None:
    await gateway.ask(IMPORT, {"input": baidu_order("b1")})
    called = {"id": id_of("Order", sandbox.order()["order_id"]), "needsDelivery": False}
    sandbox.fault("errcode", 48001, path="/merchant/order", times=None)

    both = await done(
        gateway, SHIP_MANY, input=[called, {"id": order_id("swan", "b1"), "needsDelivery": False}]
    )
    alone = await gateway.ask(SHIP_MANY, {"input": [called]})

    assert told(both) == [("PLATFORM_UNAVAILABLE", "0")]
    assert [one["status"] for one in both["orders"]] == ["SHIPPED"]
    assert alone.codes == ["PLATFORM_CREDENTIALS"]


async def test_a_key_of_a_partner_s_order_is_no_order_of_the_ledger(gateway: Client) -> None:
    await gateway.ask(IMPORT, {"input": paid_elsewhere("m1")})
    partner = Key("Order", "mini", "m1", "wxPartner").encode()

    shipped = await done(
        gateway, SHIP, input={"id": partner, "carrier": "sf", "trackingNumber": "1"}
    )
    closed = await done(gateway, CLOSE, id=partner)

    assert told(shipped) == told(closed) == [("UNSUPPORTED_BY_PLATFORM", "id")]
    assert "partner store's" in shipped["userErrors"][0]["message"]
