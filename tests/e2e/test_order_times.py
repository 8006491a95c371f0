"""Times of an order that its platform does not report, by GraphQL over HTTP."""

from datetime import UTC, datetime
from typing import Any, Final

from tests.e2e.storefront_samples import id_of
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

ORDER: Final = """
query ($id: ID!) {
  order(id: $id) { status createdAt paidAt updatedAt shipments { id trackingNumber shippedAt } }
}"""
SHIP: Final = """
mutation ($id: ID!) {
  orderShip(input: {id: $id, carrier: "003shunfeng", trackingNumber: "SF1"}) {
    order { updatedAt shipments { id trackingNumber shippedAt } } userErrors { code message }
  }
}"""


async def _order(gateway: Client, order: str, **headers: str) -> dict[str, Any]:
    asked = await gateway.ask(ORDER, {"id": id_of("Order", order)}, headers)
    found: dict[str, Any] = asked.data["order"]
    return found


async def test_a_parcel_that_was_shipped_here_has_its_time(
    gateway: Client, sandbox: Sandbox
) -> None:
    order = sandbox.order()["order_id"]
    before = await _order(gateway, order)
    began = datetime.now(UTC).replace(microsecond=0)

    done = (await gateway.ask(SHIP, {"id": id_of("Order", order)})).data["orderShip"]
    after = await _order(gateway, order)

    assert (before["paidAt"], before["updatedAt"], before["shipments"]) == (None, None, [])
    assert done["userErrors"] == []
    (parcel,) = done["order"]["shipments"]
    assert began <= datetime.fromisoformat(parcel["shippedAt"]) <= datetime.now(UTC)
    assert (after["status"], after["shipments"], after["paidAt"]) == ("SHIPPED", [parcel], None)
    assert began <= datetime.fromisoformat(after["updatedAt"]) <= datetime.now(UTC)


async def test_what_was_shipped_elsewhere_has_no_invented_time(
    gateway: Client, sandbox: Sandbox
) -> None:
    order = sandbox.order()["order_id"]
    sandbox.set_order_status(order, 3)

    found = await _order(gateway, order, **{"Cache-Control": "no-cache"})

    assert found["status"] == "SHIPPED"
    assert [parcel["shippedAt"] for parcel in found["shipments"]] in ([], [None])


async def test_the_times_stand_in_a_list_too(gateway: Client, sandbox: Sandbox) -> None:
    order = sandbox.order()["order_id"]
    done = (await gateway.ask(SHIP, {"id": id_of("Order", order)})).data["orderShip"]

    listed = await gateway.ask(
        '{ orders(first: 1, filter: {shops: ["flagship"]}) { nodes {'
        " id updatedAt shipments { shippedAt } } } }",
        headers={"Cache-Control": "no-cache"},
    )

    (node,) = listed.data["orders"]["nodes"]
    assert node["id"] == id_of("Order", order)
    assert node["shipments"] == [{"shippedAt": done["order"]["shipments"][0]["shippedAt"]}]
    assert node["updatedAt"] is not None
