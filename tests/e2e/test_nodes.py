"""Several things by their ids: what goes wrong with one takes nothing from the others."""

from typing import Any

from gateway.auth.key_manager import KeyManager
from schema.key import Key
from tests.e2e.api_keys import key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
SHOP = Key("Shop", "mini").encode()
CATEGORY = Key("Category", "flagship", "537074298").encode()
ORDER = Key("Order", "flagship", "7197417460812533543").encode()


async def test_a_malformed_id_is_told_in_its_place(gateway: Client) -> None:
    asked = await gateway.ask(NODES, {"ids": [SHOP, "no id", CATEGORY]})

    assert asked.body["data"] == {"nodes": [{"id": SHOP}, None, {"id": CATEGORY}]}
    (error,) = asked.body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["nodes", 1], "BAD_USER_INPUT")


async def test_a_platform_that_is_down_hides_its_own_things_alone(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault(kind="http_status", value=503, path="/merchant/order", times=None)

    asked = await gateway.ask(NODES, {"ids": [ORDER, SHOP]})

    assert asked.body["data"] == {"nodes": [None, {"id": SHOP}]}
    (error,) = asked.body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["nodes", 0], "PLATFORM_UNAVAILABLE")


async def test_a_missing_scope_takes_away_what_needs_it_with_one_error(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    header = key(book, ["catalog:read"])

    async with serve(**keys) as client:
        asked = await client.ask(NODES, {"ids": [ORDER, CATEGORY, ORDER]}, header)

    assert asked.body["data"] == {"nodes": [None, {"id": CATEGORY}, None]}
    (error,) = asked.body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["nodes", 0], "FORBIDDEN")


async def test_a_push_whose_number_no_store_can_hold_is_none(gateway: Client) -> None:
    push = Key("Push", "mini", "9" * 40).encode()

    asked = await gateway.ask(NODES, {"ids": [push, SHOP]})

    assert asked.data == {"nodes": [None, {"id": SHOP}]}
