"""Orders that were there before the gateway was asked to change them."""

from tests.e2e.order_samples import SET_STATUS, UPDATE
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

FIRST = """
query($shop: String!, $status: OrderStatus!) {
  orders(first: 1, filter: { shops: [$shop], statuses: [$status] }) {
    nodes { id platformId buyer { openId } }
  }
}
"""


async def first(gateway: Client, shop: str, status: str) -> dict[str, str]:
    """Answer the newest order of a shop that stands so."""
    answer = await gateway.ask(FIRST, {"shop": shop, "status": status})
    (order,) = answer.data["orders"]["nodes"]
    found: dict[str, str] = order
    return found


async def test_an_order_of_baidu_is_completed(gateway: Client) -> None:
    order = await first(gateway, "swan", "SHIPPED")

    given = [{"id": order["id"], "status": "COMPLETED"}]
    payload = (await gateway.ask(SET_STATUS, {"input": given})).data["orderSetStatus"]

    assert [push["state"] for push in payload["pushes"]] == ["DELIVERED"]
    assert [one["status"] for one in payload["orders"]] == ["COMPLETED"]


async def test_an_order_of_the_shopping_list_is_completed(gateway: Client) -> None:
    order = await first(gateway, "mini", "SHIPPED")

    given = {"id": order["id"], "status": "COMPLETED"}
    payload = (await gateway.ask(UPDATE, {"input": given})).data["orderUpdate"]

    assert payload["push"]["state"] == "DELIVERED"
    assert payload["order"]["platformStatus"] == "100"


async def test_all_that_was_pushed_of_an_order_is_told(gateway: Client, sandbox: Sandbox) -> None:
    order = await first(gateway, "swan", "SHIPPED")
    sandbox.fault("errno", 72001, path="/rest/2.0/smartapp/ordercenter/app/update/main/status")
    for status in ("COMPLETED", "CLOSED"):
        given = [{"id": order["id"], "status": status}]
        await gateway.ask(SET_STATUS, {"input": given})

    answer = await gateway.ask(
        "query($id: ID!) { order(id: $id) { pushes(first: 5) { totalCount nodes {"
        " state operation attempts lastError { endpoint code message }"
        " subject { ... on Order { platformId } } } } } }",
        {"id": order["id"]},
    )

    pushes = answer.data["order"]["pushes"]
    assert pushes["totalCount"] == 2
    assert pushes["nodes"][1] == {
        "state": "REJECTED",
        "operation": "ORDER_STATUS",
        "attempts": 1,
        "lastError": {
            "endpoint": "update.main.status",
            "code": "72001",
            "message": "fault on request",
        },
        "subject": {"platformId": order["platformId"]},
    }
