"""How many calls each shop's platform got, and how long they took."""

from typing import Any, Final

from gateway.auth.key_manager import KeyManager
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

CALLS: Final = '{ shop(key: "flagship") { calls { at calls failed p50Ms p95Ms } } }'


async def test_a_shop_has_its_calls_of_the_last_hour(gateway: Client, sandbox: Sandbox) -> None:
    before = len(sandbox.requests())
    await gateway.ask('{ orders(first: 1, filter: {shops: ["flagship"]}) { nodes { id } } }')

    minutes = (await gateway.ask(CALLS)).data["shop"]["calls"]

    assert len(minutes) == 60
    assert sum(one["calls"] for one in minutes) >= 1
    assert len(sandbox.requests()) > before
    assert sum(one["failed"] for one in minutes) == 0
    for one in minutes:
        assert (one["p50Ms"] is None) == (one["p95Ms"] is None) == (one["calls"] == 0)


async def test_calls_are_for_operators(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    header = key(book, [scope for scope in Scope if scope is not Scope.OPS_READ])
    async with serve(**keys) as gateway:
        asked = await gateway.ask(CALLS, headers=header)

    assert asked.codes == ["FORBIDDEN"]
    assert asked.body["data"] == {"shop": {"calls": None}}
