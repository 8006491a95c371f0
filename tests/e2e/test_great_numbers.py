"""Numbers that JSON can tell and few can hold: in a platform's document, and in a price."""

from typing import Any

import pytest

from tests.e2e.storefront_samples import id_of
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

SHELF = """
query ($id: ID!) {
  shelf(id: $id) { platformId raw modules { ... on ShelfUnknown { widget raw } } }
}
"""
SHELVES = "{ shelves { nodes { platformId raw } } }"
ORDER = """
query ($id: ID!) {
  order(id: $id) { platformId total { fen } shippingFee { fen } raw }
}
"""


def say(sandbox: Sandbox, path: str, body: bytes) -> None:
    """Let the platform answer a call so, letter by letter."""
    value = {"status": 200, "body": body.decode()}
    sandbox.fault("http_status", value, path=path, times=None)


def shelf(number: str) -> bytes:
    """A shelf with two members that no manual names."""
    modules = b'{"module_infos":[{"eid":99,"odd":%b}]}' % number.encode()
    return b'{"shelf_info":%b,"shelf_id":22,"odd":%b}' % (modules, number.encode())


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        pytest.param("18446744073709551615", 2**64 - 1, id="64-bits"),
        pytest.param("18446744073709551616", "18446744073709551616", id="more-than-64-bits"),
        pytest.param("-9223372036854775809", "-9223372036854775809", id="less-than-64-bits"),
        pytest.param("1" * 5_000, "1" * 5_000, id="very-long"),
        pytest.param("1e400", "1e400", id="beyond-the-doubles"),
        pytest.param("[1.5,-1E+400]", [1.5, "-1E+400"], id="among-others"),
    ],
)
async def test_a_number_that_few_can_hold_stands_in_raw_as_a_string(
    gateway: Client, sandbox: Sandbox, number: str, shown: Any
) -> None:
    say(sandbox, "/merchant/shelf/getbyid", shelf(number))
    say(sandbox, "/merchant/shelf/getall", b'{"errcode":0,"shelves":[%b]}' % shelf(number))
    module = {"eid": 99, "odd": shown}
    raw = {"shelf_info": {"module_infos": [module]}, "shelf_id": 22, "odd": shown}

    one = await gateway.ask(SHELF, {"id": id_of("Shelf", 22)})
    many = await gateway.ask(SHELVES)

    assert one.data["shelf"] == {
        "platformId": "22",
        "raw": raw,
        "modules": [{"widget": 99, "raw": module}],
    }
    assert many.data["shelves"]["nodes"] == [{"platformId": "22", "raw": raw}]


async def test_an_amount_of_more_than_64_bits_hides_itself_alone(
    gateway: Client, sandbox: Sandbox
) -> None:
    order = b'{"order_id":"7","order_total_price":6,"order_express_price":9223372036854775808}'
    say(sandbox, "/merchant/order/getbyid", b'{"errcode":0,"order":%b}' % order)

    asked = await gateway.ask(ORDER, {"id": id_of("Order", "7")})

    assert asked.body["data"] == {
        "order": {
            "platformId": "7",
            "total": {"fen": 6},
            "shippingFee": None,
            "raw": {"order_id": "7", "order_total_price": 6, "order_express_price": 2**63},
        }
    }
    assert [error["path"] for error in asked.body["errors"]] == [["order", "shippingFee", "fen"]]
