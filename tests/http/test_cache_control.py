"""A query by GET tells how long its answer holds: as long as the part that holds shortest."""

import re

import httpx
import pytest

from tests.fixtures_served import Client

PRODUCTS = 'products(first: 1, filter: {shops: ["flagship"]}) { nodes { title } }'
ORDERS = 'orders(first: 1, filter: {shops: ["flagship"]}) { nodes { status } }'
SHELVES = 'shelves(first: 1, shops: ["flagship"]) { nodes { name } }'
PUSHES = "pushes(first: 1) { nodes { id } }"
HEALTH = "shops { health { availability } }"


async def _kept(gateway: Client, query: str, **headers: str) -> httpx.Headers:
    # What is asked again comes from the cache, as does what was closed; the token is there.
    for _ in range(2):
        answer = await gateway.http.get("/graphql", params={"query": query}, headers=headers)
        assert "errors" not in answer.json()
    return answer.headers


@pytest.mark.parametrize(
    ("query", "most"),
    [
        (f"{{ {PRODUCTS} }}", 60),
        (f"{{ {ORDERS} }}", 5),
        (f"{{ {PRODUCTS} {ORDERS} }}", 5),
        # An hour in the gateway, where a change ends it; a minute elsewhere.
        (f"{{ {SHELVES} }}", 60),
    ],
)
async def test_the_part_that_holds_shortest_decides(gateway: Client, query: str, most: int) -> None:
    headers = await _kept(gateway, query, authorization="k")
    told = re.fullmatch(r"private, max-age=(\d+)", headers["cache-control"])

    assert told is not None
    # A lifetime is cut by up to a tenth, and has begun.
    assert 0.5 * most <= int(told[1]) <= most


@pytest.mark.parametrize(
    "query", [f"{{ {PRODUCTS} {PUSHES} }}", f"{{ {PRODUCTS} {HEALTH} }}", "{ shops { key } }"]
)
async def test_what_may_change_at_any_moment_is_not_kept(gateway: Client, query: str) -> None:
    headers = await _kept(gateway, query, authorization="k")

    assert headers["cache-control"] == "private"


async def test_without_a_key_nothing_is_stored(gateway: Client) -> None:
    headers = await _kept(gateway, f"{{ {PRODUCTS} }}")

    assert headers["cache-control"] == "no-store"


async def test_another_key_is_told_anew(gateway: Client) -> None:
    headers = await _kept(gateway, f"{{ {PRODUCTS} }}", authorization="k")

    assert headers["vary"] == "Accept, Authorization"
