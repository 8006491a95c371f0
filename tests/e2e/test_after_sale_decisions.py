"""Decisions on after-sales, of shops whose platform leaves none to decide."""

from typing import Any, Final

import pytest

from gateway.auth.key_manager import KeyManager
from schema.key import Key
from tests.e2e.api_keys import key
from tests.e2e.mutations import told
from tests.fixtures_served import Client, Serve

ERRORS: Final = "afterSale { id } userErrors { code field message }"
ACCEPT: Final = f"""
mutation ($id: ID!) {{ done: afterSaleAccept(input: {{id: $id, step: PAY}}) {{ {ERRORS} }} }}"""
REJECT: Final = f"""
mutation ($id: ID!) {{
  done: afterSaleReject(input: {{id: $id, reasonCode: "1"}}) {{ {ERRORS} }}
}}"""
NEGOTIATE: Final = f"""
mutation ($id: ID!) {{
  done: afterSaleNegotiate(input: {{id: $id, reasonCode: "1", text: "x"}}) {{ {ERRORS} }}
}}"""
ADD_CERTIFICATES: Final = f"""
mutation ($id: ID!) {{
  done: afterSaleAddCertificates(id: $id, images: ["m1"], text: "x") {{ {ERRORS} }}
}}"""
SHIP_EXCHANGE: Final = f"""
mutation ($id: ID!) {{
  done: afterSaleShipExchange(id: $id, carrier: "sf", trackingNumber: "SF1") {{ {ERRORS} }}
}}"""
ALL: Final = [ACCEPT, REJECT, NEGOTIATE, ADD_CERTIFICATES, SHIP_EXCHANGE]


async def _asked(gateway: Client, mutation: str, id_: str) -> Any:
    return (await gateway.ask(mutation, {"id": id_})).data["done"]


async def test_a_platform_without_decisions_says_so(gateway: Client) -> None:
    after_sale = Key("AfterSale", "swan", "B1", "R1").encode()
    for mutation in ALL:
        payload = await _asked(gateway, mutation, after_sale)

        assert payload["afterSale"] is None
        assert told(payload) == [("UNSUPPORTED_BY_PLATFORM", "id")], mutation
        (error,) = payload["userErrors"]
        assert error["message"] == ("The platform of swan (BAIDU) has no after-sales to decide on.")


async def test_an_id_of_something_else_is_invalid(gateway: Client) -> None:
    for mutation in ALL:
        payload = await _asked(gateway, mutation, Key("Order", "swan", "B1").encode())

        assert told(payload) == [("INVALID", "id")], mutation


@pytest.mark.parametrize("field", ["rejectReasons { code text }", "returnAddresses { platformId }"])
async def test_what_decisions_name_is_read_of_shops_that_have_some(
    gateway: Client, field: str
) -> None:
    name, _, selected = field.partition(" ")
    asked = await gateway.ask(f'{{ {name}(shop: "flagship") {selected} }}')

    assert asked.body["data"] == {name: None}
    assert asked.codes == ["BAD_USER_INPUT"]
    assert asked.body["errors"][0]["message"] == (
        "The platform of flagship (WECHAT_STORE) has no after-sales to decide on."
    )


async def test_accepting_takes_the_scope_of_refunds_alone(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    orders = key(book, ["orders:read", "orders:write"])
    refunds = key(book, ["refunds:write"])
    given = {"id": Key("AfterSale", "swan", "B1", "R1").encode()}
    async with serve(**keys) as gateway:
        refused = await gateway.ask(ACCEPT, given, orders)
        admitted = await gateway.ask(ACCEPT, given, refunds)

    assert refused.codes == ["FORBIDDEN"]
    assert refused.body["data"] == {"done": None}
    assert told(admitted.data["done"]) == [("UNSUPPORTED_BY_PLATFORM", "id")]


async def test_other_platforms_have_no_details_of_after_sales(gateway: Client) -> None:
    asked = await gateway.ask("{ afterSales(first: 1) { nodes { details { __typename } raw } } }")

    assert asked.data["afterSales"]["nodes"] == [{"details": None, "raw": None}]
