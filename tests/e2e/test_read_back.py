"""A write that was done and whose object cannot be read back is no error of the write."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pytest

from schema.key import Key
from tests.e2e.storefront_samples import id_of
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client
from tests.waiting import eventually

PRODUCT: Final = "pDF3iYzZoY-Budrzt8O6IxrwIJAA"
SKU: Final = "10000983:10000995;10001007:10001010"
TOLD: Final = (
    "userErrors { code } warnings { code message field platformError { endpoint httpStatus } }"
)


class Write(NamedTuple):
    """A mutation, what it is given for a new order's id, and the calls that write and read back."""

    mutation: str
    variables: Callable[[str], dict[str, Any]]
    written: str
    read: str


WRITES: Final = {
    "skuAdjustStock": Write(
        "mutation ($id: ID!) { done: skuAdjustStock(id: $id, delta: 1)"
        f" {{ sku {{ id }} {TOLD} }} }}",
        lambda _: {"id": Key("Sku", "flagship", PRODUCT, SKU).encode()},
        "/merchant/stock/add",
        "/merchant/get",
    ),
    "productSetStatus": Write(
        "mutation ($ids: [ID!]!) { done: productSetStatus(ids: $ids, status: OFF_SHELF)"
        f" {{ products {{ id }} {TOLD} }} }}",
        lambda _: {"ids": [id_of("Product", PRODUCT)]},
        "/merchant/modproductstatus",
        "/merchant/get",
    ),
    "productGroupRename": Write(
        'mutation ($id: ID!) { done: productGroupRename(id: $id, name: "新品")'
        f" {{ productGroup {{ id }} {TOLD} }} }}",
        lambda _: {"id": id_of("ProductGroup", 49)},
        "/merchant/group/propertymod",
        "/merchant/group/get",
    ),
    "productGroupChangeProducts": Write(
        "mutation ($id: ID!, $add: [ID!]) { done: productGroupChangeProducts(id: $id, add: $add)"
        f" {{ productGroup {{ id }} {TOLD} }} }}",
        lambda _: {"id": id_of("ProductGroup", 49), "add": [id_of("Product", PRODUCT)]},
        "/merchant/group/productmod",
        "/merchant/group/get",
    ),
    "orderShip": Write(
        "mutation ($input: OrderShipInput!) { done: orderShip(input: $input)"
        f" {{ order {{ id }} {TOLD} }} }}",
        lambda order: {"input": {"id": id_of("Order", order), "needsDelivery": False}},
        "/merchant/order/setdelivery",
        "/merchant/order/getbyid",
    ),
    "orderClose": Write(
        f"mutation ($id: ID!) {{ done: orderClose(id: $id) {{ order {{ id }} {TOLD} }} }}",
        lambda order: {"id": id_of("Order", order)},
        "/merchant/order/close",
        "/merchant/order/getbyid",
    ),
}


async def _written(gateway: Client, sandbox: Sandbox, write: Write) -> dict[str, Any]:
    """The payload of a write after which the platform no longer shows the object."""
    variables = write.variables(str(sandbox.order()["order_id"]))
    sandbox.clear_log()
    # While the write is under way, the platform stops showing what it wrote.
    sandbox.fault("latency", 0.5, path=write.written)
    asking = asyncio.create_task(gateway.ask(write.mutation, variables))
    await eventually(lambda: sandbox.counts().get(write.written))
    sandbox.fault("http_status", 502, path=write.read, times=None)
    payload: dict[str, Any] = (await asking).data["done"]
    assert sandbox.counts()[write.written] == 1
    return payload


@pytest.mark.parametrize("name", list(WRITES))
async def test_what_was_done_and_cannot_be_shown_is_a_warning(
    gateway: Client, sandbox: Sandbox, name: str
) -> None:
    payload = await _written(gateway, sandbox, WRITES[name])

    (warning,) = payload.pop("warnings")
    assert warning["code"] == "PLATFORM_UNAVAILABLE"
    assert warning["message"].startswith("The write succeeded, but reading the object back failed")
    assert warning["platformError"]["httpStatus"] == 502
    assert payload.pop("userErrors") == []
    assert list(payload.values()) in ([None], [[]])


async def test_a_write_that_was_not_done_has_an_error_and_no_warning(
    gateway: Client, sandbox: Sandbox
) -> None:
    write = WRITES["skuAdjustStock"]
    sandbox.fault("errcode", -1, path=write.written, times=None)

    payload = (await gateway.ask(write.mutation, write.variables(""))).data["done"]

    assert [error["code"] for error in payload["userErrors"]] == ["PLATFORM_UNAVAILABLE"]
    assert payload["warnings"] == []
