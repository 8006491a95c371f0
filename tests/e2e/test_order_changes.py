"""Prices, notes and addresses of orders: what a platform cannot change is a user error."""

from typing import Any, Final

import pytest

from schema.key import Key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

CHANGES: Final = """
mutation ($id: ID!) {
  price: orderReprice(input: {id: $id, shippingFee: {fen: 1}}) { ...Refusal }
  note: orderSetNote(id: $id, note: "gift") { ...Refusal }
  request: orderAnswerAddressRequest(id: $id, accept: true) { ...Refusal }
  address: orderRevealAddress(id: $id) { ...Refusal }
}
fragment Refusal on OrderPayload { order { id } userErrors { code field message } }
"""
NAMES: Final = ("price", "note", "request", "address")


async def refusals(gateway: Client, id_: str) -> dict[str, Any]:
    data: dict[str, Any] = (await gateway.ask(CHANGES, {"id": id_})).data
    assert [data[name]["order"] for name in NAMES] == [None] * len(NAMES)
    return {name: data[name]["userErrors"] for name in NAMES}


@pytest.mark.parametrize(
    ("shop", "platform"),
    [("flagship", "WECHAT_STORE"), ("mini", "MINI_PROGRAM"), ("swan", "BAIDU")],
)
async def test_a_platform_without_such_changes_says_so(
    gateway: Client, sandbox: Sandbox, shop: str, platform: str
) -> None:
    told = await refusals(gateway, Key("Order", shop, "7197417460812584720").encode())

    assert told == {
        name: [
            {
                "code": "UNSUPPORTED_BY_PLATFORM",
                "field": ["id"],
                "message": f"The platform of {shop} ({platform}) has no {ability}.",
            }
        ]
        for name, ability in (
            ("price", "way to change the price of orders"),
            ("note", "notes of the merchant on orders"),
            ("request", "requests of buyers for another address"),
            ("address", "masked addresses"),
        )
    }
    assert sandbox.requests("/merchant/order/getbyid") == []


@pytest.mark.parametrize(
    ("id_", "code"),
    [
        ("no id", "INVALID"),
        (Key("Product", "flagship", "1").encode(), "INVALID"),
        (Key("Order", "elsewhere", "1").encode(), "NOT_FOUND"),
    ],
)
async def test_only_an_order_of_a_shop_can_be_changed(gateway: Client, id_: str, code: str) -> None:
    told = await refusals(gateway, id_)

    assert {name: [(one["code"], one["field"]) for one in told[name]] for name in NAMES} == {
        name: [(code, ["id"])] for name in NAMES
    }
