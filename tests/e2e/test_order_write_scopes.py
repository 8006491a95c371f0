"""Orders are changed with orders:write, pushes are settled with ops:write, of one's own shops."""

from typing import Any

import pytest

from gateway.auth.key_manager import KeyManager
from schema.key import Key
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.order_samples import (
    DELETE,
    IMPORT,
    IMPORT_MANY,
    SET_STATUS,
    UPDATE,
    baidu_order,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve

ALL = [scope.value for scope in Scope]
ORDER = Key("Order", "swan", "B1").encode()
PUSH = Key("Push", "swan", "1").encode()
RETRY = "mutation($id: ID!) { pushRetry(id: $id) { userErrors { code } } }"
DISCARD = "mutation($id: ID!) { pushDiscard(id: $id) { userErrors { code } } }"

#: A mutation, its variables, and the scope that it needs.
Guarded = tuple[str, dict[str, Any], str]
GUARDED: list[Guarded] = [
    (IMPORT, {"input": baidu_order("B1")}, "orders:write"),
    (IMPORT_MANY, {"input": [baidu_order("B1")]}, "orders:write"),
    (UPDATE, {"input": {"id": ORDER, "title": "x"}}, "orders:write"),
    (SET_STATUS, {"input": [{"id": ORDER, "status": "CLOSED"}]}, "orders:write"),
    (DELETE, {"id": ORDER}, "orders:write"),
    (RETRY, {"id": PUSH}, "ops:write"),
    (DISCARD, {"id": PUSH}, "ops:write"),
]


@pytest.mark.parametrize("guarded", GUARDED)
async def test_a_mutation_needs_its_scope(
    serve: Serve,
    keys: dict[str, Any],
    book: KeyManager,
    sandbox: Sandbox,
    guarded: Guarded,
) -> None:
    operation, variables, scope = guarded
    headers = key(book, [one for one in ALL if one != scope])
    async with serve(**keys) as client:
        refused = await client.ask(operation, variables, headers)

    assert refused.codes == ["FORBIDDEN"]
    assert list(refused.body["data"].values()) == [None]
    assert sandbox.counts() == {}


@pytest.mark.parametrize("guarded", GUARDED)
async def test_another_keys_shop_does_not_exist(
    serve: Serve,
    keys: dict[str, Any],
    book: KeyManager,
    sandbox: Sandbox,
    guarded: Guarded,
) -> None:
    operation, variables, scope = guarded
    headers = key(book, [scope], ["mini"])
    async with serve(**keys) as client:
        answer = await client.ask(operation, variables, headers)

    (payload,) = answer.data.values()
    assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"]
    assert sandbox.counts() == {}


async def test_a_push_of_another_shop_is_not_found_under_the_name_of_an_own_one(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    full, mini = key(book, ALL), key(book, ["ops:write"], ["mini"])
    async with serve(**keys) as client:
        await client.ask(IMPORT, {"input": baidu_order("B1")}, full)
        listed = await client.ask("{ pushes(first: 1) { nodes { id state } } }", headers=full)
        (push,) = listed.data["pushes"]["nodes"]
        theirs = Key.decode(push["id"])
        forged = Key("Push", "mini", theirs.platform_id).encode()

        answers = [await client.ask(each, {"id": forged}, mini) for each in (RETRY, DISCARD)]
        after = await client.ask("{ pushes(first: 1) { nodes { id state } } }", headers=full)

    assert theirs.shop == "swan"
    # The number of the row is not in it.
    assert not theirs.platform_id.isdecimal()
    for answer in answers:
        (payload,) = answer.data.values()
        assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"]
    assert after.data == listed.data


async def test_too_many_orders_at_once_are_refused(serve: Serve) -> None:
    given = [{"id": ORDER, "status": "CLOSED"}] * 501
    async with serve(limits={"max_cost": 100_000, "cost_per_minute": 1_000_000}) as client:
        answer = await client.ask(SET_STATUS, {"input": given})

    assert answer.codes == ["BAD_USER_INPUT"]
