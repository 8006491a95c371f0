"""A shop with `writes = "off"` is read, and told of what would have been changed."""

from pathlib import Path
from typing import Any, Final

from gateway.auth.key_manager import KeyManager
from schema.key import Key
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.order_samples import IMPORT, baidu_order, mini_order
from tests.e2e.uploads import PNG, upload
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration

SHIP: Final = """
mutation ($input: OrderShipInput!) {
  orderShip(input: $input) {
    order { id }
    userErrors { code field message platformError { endpoint code message } }
  }
}"""
READ: Final = "query ($id: ID!) { node(id: $id) { ... on Order { status } } }"
CALL: Final = "order.setdelivery"
TOLD: Final = (
    'flagship has writes = "off": nothing was sent. The call would have been'
    " POST /merchant/order/setdelivery"
)


def shops_without_writes(sandbox: Sandbox, folder: Path) -> list[dict[str, Any]]:
    shops: list[dict[str, Any]] = configuration(sandbox, folder)["shops"]
    return [shop | {"writes": "off"} for shop in shops]


def writes(sandbox: Sandbox) -> list[str]:
    """The endpoints that were called, but for tokens and what only reads."""
    asked = {request["endpoint"] for request in sandbox.requests()}
    return sorted(path for path in asked if "token" not in path and "/get" not in path)


async def test_a_mutation_tells_the_call_that_it_would_have_made(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    order = sandbox.order()
    id_ = Key("Order", "flagship", order["order_id"]).encode()
    given = {"input": {"id": id_, "carrier": "sf", "trackingNumber": "SF1"}}
    repeated = {"Idempotency-Key": "first"}
    async with serve(shops=shops_without_writes(sandbox, tmp_path)) as gateway:
        asked = await gateway.ask(SHIP, given, repeated)
        again = await gateway.ask(SHIP, given, repeated)
        picture = await upload(gateway, PNG)
        read = await gateway.ask(READ, {"id": id_})

    body = (
        f'{{"order_id":"{order["order_id"]}","delivery_company":"003shunfeng",'
        '"delivery_track_no":"SF1","need_delivery":1,"is_others":0}'
    )
    assert asked.data["orderShip"] == {
        "order": None,
        "userErrors": [
            {
                "code": "WRITES_OFF",
                "field": None,
                "message": f"{TOLD} with {body}",
                "platformError": {"endpoint": CALL, "code": None, "message": f"{TOLD} with {body}"},
            }
        ],
    }
    # Nothing was done, so nothing is kept under the key.
    assert again.body == asked.body
    assert [error["code"] for error in picture.data["imageUpload"]["userErrors"]] == ["WRITES_OFF"]
    assert picture.data["imageUpload"]["userErrors"][0]["message"].endswith(f"{len(PNG)} bytes")
    assert read.data["node"] == {"status": "AWAITING_SHIPMENT"}
    assert writes(sandbox) == []


async def test_the_body_is_for_keys_that_may_see_personal_data(
    serve: Serve, sandbox: Sandbox, tmp_path: Path, keys: dict[str, Any], book: KeyManager
) -> None:
    order = sandbox.order()
    id_ = Key("Order", "flagship", order["order_id"]).encode()
    header = key(book, [Scope.ORDERS_READ, Scope.ORDERS_WRITE])
    async with serve(shops=shops_without_writes(sandbox, tmp_path), **keys) as gateway:
        asked = await gateway.ask(
            SHIP, {"input": {"id": id_, "carrier": "sf", "trackingNumber": "SF1"}}, header
        )

    (error,) = asked.data["orderShip"]["userErrors"]
    assert error["message"] == error["platformError"]["message"] == TOLD


async def test_a_push_is_refused_and_the_ledger_has_the_order(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=shops_without_writes(sandbox, tmp_path)) as gateway:
        mini = await gateway.ask(IMPORT, {"input": mini_order("m1")})
        swan = await gateway.ask(IMPORT, {"input": baidu_order("b1")})

    for asked, path in ((mini, "/mall/importorder"), (swan, "/rest/2.0/smartapp/")):
        (done,) = asked.data.values()
        assert done["order"] is not None
        assert done["push"]["state"] == "REJECTED"
        assert f"The call would have been POST {path}" in done["userErrors"][0]["message"]
    assert writes(sandbox) == []
