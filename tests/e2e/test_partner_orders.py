"""Orders of partner stores: their after-sales, and one that cannot be read beside others."""

from gateway.platforms.mini_program.sandbox.sample_partner_orders import (
    SAMPLE_ORDER_ID,
    SHOP_APPID,
)
from schema.key import Key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

PATH = "/channels/ec/cooperation/order/get"
ORDERS = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Order {
      platformId status afterSaleStatus afterSales { id status order { platformId } }
      items { priceChanged }
    }
  }
}
"""
AFTER_SALES = """
query { afterSales(first: 100, filter: { shops: ["mini"] }) {
  nodes { id status order { id status afterSaleStatus } }
} }
"""


def order_of_status(sandbox: Sandbox, code: int) -> str:
    (shop,) = sandbox.shops("mini_program").values()
    (name,) = [
        name
        for name, known in shop["partner_orders"].items()
        if known["order"].get("status") == code
    ]
    return str(name)


async def test_the_after_sales_of_partner_orders_agree_with_their_status(
    gateway: Client, sandbox: Sandbox
) -> None:
    refunded, shipped = order_of_status(sandbox, 200), order_of_status(sandbox, 30)
    ids = [Key("Order", "mini", name, SHOP_APPID).encode() for name in (refunded, shipped)]
    after_sale = Key("AfterSale", "mini", refunded, f"partner:{SHOP_APPID}").encode()

    orders = (await gateway.ask(ORDERS, {"ids": ids})).data["nodes"]
    listed = (await gateway.ask(AFTER_SALES)).data["afterSales"]["nodes"]
    node = await gateway.ask(
        "query ($id: ID!) { node(id: $id) { ... on AfterSale { status } } }", {"id": after_sale}
    )

    assert orders[0]["status"] == orders[0]["afterSaleStatus"] == "REFUNDED"
    assert orders[0]["afterSales"] == [
        {"id": after_sale, "status": "REFUNDED", "order": {"platformId": refunded}}
    ]
    assert (orders[1]["status"], orders[1]["afterSaleStatus"]) == ("SHIPPED", None)
    assert orders[1]["afterSales"] == []
    assert {item["priceChanged"] for order in orders for item in order["items"]} == {False}
    assert {one["order"]["status"] for one in listed} == {"REFUNDED"}
    assert {one["order"]["afterSaleStatus"] for one in listed} == {"REFUNDED"}
    assert [one["order"]["id"] for one in listed if one["id"] == after_sale] == [ids[0]]
    assert node.data == {"node": {"status": "REFUNDED"}}


async def test_a_partner_order_that_cannot_be_read_spoils_no_other(gateway: Client) -> None:
    names = [(SHOP_APPID, "nowhere"), ("SHOP_APPID", SAMPLE_ORDER_ID)]
    ids = [Key("Order", "mini", name, app_id).encode() for app_id, name in names]

    asked = await gateway.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})

    assert asked.body["data"] == {"nodes": [None, {"id": ids[1]}]}
    assert asked.codes == ["PLATFORM_REJECTED"]
    assert [one["path"] for one in asked.body["errors"]] == [["nodes", 0]]


async def test_after_sales_that_cannot_be_read_spoil_no_other(
    gateway: Client, sandbox: Sandbox
) -> None:
    refunded = order_of_status(sandbox, 200)
    ids = [Key("Order", "mini", refunded, SHOP_APPID).encode()]
    (listed,) = (
        await gateway.ask(
            'query { orders(first: 1, filter: { shops: ["mini"], statuses: [SHIPPED] })'
            " { nodes { id } } }"
        )
    ).data["orders"]["nodes"]
    sandbox.fault("http_status", 503, path=PATH, times=None)

    asked = await gateway.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { id afterSales { id } } } }",
        {"ids": [*ids, listed["id"]]},
    )

    assert asked.codes == ["PLATFORM_UNAVAILABLE"]
    assert asked.body["data"]["nodes"][0] is None
    assert asked.body["data"]["nodes"][1] == {"id": listed["id"], "afterSales": []}
