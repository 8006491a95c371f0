"""The list of API keys, and what a key is bound to."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.auth.key_manager import KeyManager
from schema.scalars import write_datetime
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.fixtures_served import Client, Serve

KEYS = "{ apiKeys { name scopes shops { key } createdAt expiresAt lastUsedAt } }"
OPS = frozenset({Scope.OPS_READ})


async def listed(client: Client, headers: Mapping[str, str]) -> list[dict[str, Any]]:
    answer = await client.ask(KEYS, headers=headers)
    keys: list[dict[str, Any]] = answer.data["apiKeys"]
    return keys


async def test_valid_keys_are_listed_and_their_last_use_survives_the_gateway(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    reader = key(book, ["ops:read"])
    book.add("ended", OPS, frozenset({"*"}), lifetime=timedelta(0))
    book.add("gone", OPS, frozenset({"*"}))
    book.revoke("gone")
    book.add("ends", OPS, frozenset({"mini"}), lifetime=timedelta(days=90))
    _, asking, _, _, ends = book.records()
    before = datetime.now(UTC).replace(microsecond=0)

    async with serve(**keys) as client:
        first = await listed(client, reader)
    async with serve(**keys) as client:
        second = await listed(client, reader)

    assert [one["name"] for one in first] == ["first", asking.name, "ends"]
    assert ends.expires_at is not None
    assert first[2] == {
        "name": "ends",
        "scopes": ["ops:read"],
        "shops": [{"key": "mini"}],
        "createdAt": write_datetime(ends.created_at),
        "expiresAt": write_datetime(ends.expires_at),
        "lastUsedAt": None,
    }
    assert [one["lastUsedAt"] for one in first] == [None, None, None]
    used = second[1]["lastUsedAt"]
    assert used is not None
    assert before <= datetime.fromisoformat(used)
    assert [second[0]["lastUsedAt"], second[2]["lastUsedAt"]] == [None, None]


async def test_a_key_bound_to_shops_sees_the_keys_that_share_one(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    reader = key(book, ["ops:read"], ["mini", "swan"])
    book.add("other", OPS, frozenset({"flagship"}))
    book.add("both", OPS, frozenset({"flagship", "mini"}))

    async with serve(**keys) as client:
        answer = await listed(client, reader)

    shops = {one["name"]: [shop["key"] for shop in one["shops"]] for one in answer}
    own = next(name for name in shops if name not in {"first", "both"})
    assert shops == {"first": ["mini", "swan"], own: ["mini", "swan"], "both": ["mini"]}


async def test_the_list_needs_ops_read(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    reader = key(book, ["orders:read"])

    async with serve(**keys) as client:
        answer = await client.ask(KEYS, headers=reader)

    assert answer.codes == ["FORBIDDEN"]
    assert answer.body["data"] == {"apiKeys": None}


async def test_open_mode_has_no_keys(gateway: Client) -> None:
    assert await listed(gateway, {}) == []


async def test_a_key_bound_to_networks_is_refused_from_elsewhere(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    made = {
        network: book.add(name, OPS, frozenset({"*"}), networks=frozenset({network}))
        for name, network in (("here", "127.0.0.0/8"), ("there", "10.0.0.0/8"))
    }
    headers = {
        network: {"Authorization": f"Bearer {secret.get_secret_value()}"}
        for network, secret in made.items()
    }

    async with serve(**keys) as client:
        here = await client.ask("{ viewer { name } }", headers=headers["127.0.0.0/8"])
        there = await client.ask("{ viewer { name } }", headers=headers["10.0.0.0/8"])

    assert here.data == {"viewer": {"name": "here"}}
    assert (there.status, there.codes) == (401, ["UNAUTHENTICATED"])
