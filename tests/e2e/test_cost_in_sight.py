"""What an operation costs: reserved before the work, paid by what it used, told by every way in."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from resolvers.schema import executable
from tests.feed.subscribers import following
from tests.feed.test_order_changed import CHANGES, send_write
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.http.test_web_socket import begin, connected, say
from tests.inbox.test_webhooks import STORE, order_in, shops

SHOPS = "{ shops { key orders(first: 1) { totalCount } } }"
PER_MINUTE = 60_000


def every_field(kind: GraphQLNamedType, above: tuple[str, ...] = ()) -> str:
    """A selection of every field: of objects with an id their ids, of all others their fields."""
    if isinstance(kind, GraphQLUnionType):
        members = (f"... on {one.name} {every_field(one, above)}" for one in kind.types)
        return f"{{ __typename {' '.join(members)} }}"
    assert isinstance(kind, GraphQLObjectType)
    fields = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if any(is_required_argument(one) for one in field.args.values()) or inner.name in above:
            continue
        if not is_composite_type(inner):
            fields.append(name)
        elif any(one.name == "Node" for one in getattr(inner, "interfaces", ())):
            fields.append(f"{name} {{ id }}")
        elif name != "edges":
            fields.append(f"{name} {every_field(inner, (*above, inner.name))}")
    return f"{{ {' '.join(fields)} }}"


EVERY_FIELD_OF_ORDERS = (
    f"{{ orders(first: 50) {{ nodes {every_field(executable().type_map['Order'])} }} }}"
)
TREE = """{ categories(shop: "flagship") {
  id name children { id name children { id name } }
} }"""
SHELVES = """{ shelves(first: 10) { nodes { id name banner modules {
  __typename
  ... on ShelfProductList {
    count products { id title mainImage priceRange { min { fen } max { fen } } }
  }
  ... on ShelfGroupTabs { entries { platformId group { id name } } }
  ... on ShelfGroupGallery { entries { platformId image group { id name } } }
  ... on ShelfCover { background entries { platformId group { id name } } }
} } } }"""


@pytest.mark.parametrize("query", [EVERY_FIELD_OF_ORDERS, TREE, SHELVES])
async def test_what_front_ends_ask_fits_into_the_ordinary_limits(
    gateway: Client, query: str
) -> None:
    first = await gateway.ask(query)
    again = await gateway.ask(query)

    for answer in (first, again):
        assert "COST_LIMIT_EXCEEDED" not in answer.codes, answer.body["errors"]
        assert answer.body["data"] is not None
        assert answer.cost is not None
        assert 0 < answer.cost["used"] <= answer.cost["reserved"] <= answer.cost["limit"] == 10_000
    assert first.cost is not None
    assert again.cost is not None
    assert again.cost["reserved"] < first.cost["reserved"]


async def cost_by_post(client: Client) -> Any:
    answer = await client.http.post("/graphql", json={"query": SHOPS})
    return answer.json()["extensions"]["cost"]


async def cost_by_get(client: Client) -> Any:
    answer = await client.http.get("/graphql", params={"query": SHOPS})
    cost = answer.json()["extensions"]["cost"]
    assert answer.headers["ratelimit"] == f'"points";r={cost["remaining"]};t={cost["fullIn"]}'
    return cost


async def cost_by_stream(client: Client) -> Any:
    answer = await client.http.post("/graphql/stream", json={"query": SHOPS})
    (line,) = [line for line in answer.text.splitlines() if line.startswith("data: {")]
    return json.loads(line.removeprefix("data: "))["extensions"]["cost"]


async def cost_by_web_socket(client: Client) -> Any:
    async with connected(client) as socket:
        await begin(socket)
        await say(socket, "subscribe", id="1", payload={"query": SHOPS})
        message = json.loads(await asyncio.wait_for(socket.recv(), 60))
        return message["payload"]["extensions"]["cost"]


async def test_every_way_in_tells_the_same_cost(gateway: Client) -> None:
    await gateway.ask(SHOPS)

    costs = [
        await ask(gateway)
        for ask in (cost_by_post, cost_by_get, cost_by_stream, cost_by_web_socket)
    ]

    # 1 for the operation, 1 for each of three shops, 10 and a twentieth for the list of each.
    assert {(cost["reserved"], cost["used"]) for cost in costs} == {(34, 34)}
    assert {cost["perMinute"] for cost in costs} == {PER_MINUTE}
    assert all(PER_MINUTE - 5 * 221 < cost["remaining"] <= PER_MINUTE for cost in costs)


async def test_callers_of_one_execution_each_pay(gateway: Client) -> None:
    await gateway.ask(SHOPS)

    answers = await asyncio.gather(*(gateway.ask(SHOPS) for _ in range(5)))

    assert [answer.cost and answer.cost["used"] for answer in answers] == [34] * 5


@pytest.mark.parametrize("headers", [{}, {"Accept": "text/event-stream"}])
async def test_what_is_refused_tells_its_price_and_the_limit(
    serve: Serve, headers: dict[str, str]
) -> None:
    async with serve(limits={"max_cost": 20}) as client:
        answer = await client.http.post("/graphql", json={"query": SHOPS}, headers=headers)

    text = answer.text if not headers else answer.text.split("data: ", 1)[1].split("\n", 1)[0]
    body = json.loads(text)
    assert body["errors"][0]["extensions"]["code"] == "COST_LIMIT_EXCEEDED"
    cost = body["extensions"]["cost"]
    assert (cost["reserved"], cost["used"], cost["limit"]) == (222, 0, 20)
    assert cost == body["errors"][0]["extensions"]["cost"]
    # The document was read.
    assert PER_MINUTE - 10 < cost["remaining"] <= PER_MINUTE


async def test_a_client_that_waits_as_told_is_served(serve: Serve) -> None:
    async with serve(limits={"max_cost": 1_000, "cost_per_minute": 600}) as client:

        async def ask(count: int) -> list[int]:
            statuses: list[int] = []
            while statuses.count(200) < count:
                answer = await client.http.post("/graphql", json={"query": query})
                statuses.append(answer.status_code)
                if answer.status_code == 429:
                    await asyncio.sleep(int(answer.headers["retry-after"]))
            return statuses

        query = '{ __type(name: "Order") { name } }'
        several = " ".join(f'a{n}: __type(name: "Order") {{ name }}' for n in range(11))
        spent = await client.ask(f"{{ {several} }}")
        told = await asyncio.gather(*(ask(1) for _ in range(2)))

    assert spent.codes == []
    # No one is refused again after the wait.
    assert all(statuses in ([200], [429, 200]) for statuses in told)


async def test_each_delivery_is_paid_for_and_none_is_dropped_in_silence(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    limits = {"max_cost": 60, "cost_per_minute": 30}
    async with serve(shops=shops(sandbox, tmp_path, **STORE), limits=limits) as client:
        orders = [order_in(sandbox) for _ in range(5)]
        async with following(client.http, CHANGES) as events:
            for order in orders:
                await send_write(client, order)
            delivered, refused = [], None
            while refused is None:
                _, payload = await events.take()
                if "errors" in payload:
                    refused = payload
                else:
                    delivered.append(payload)

    assert 1 <= len(delivered) < 5
    assert all(one["extensions"]["cost"]["used"] > 0 for one in delivered)
    error = refused["errors"][0]["extensions"]
    assert error["code"] == "RATE_LIMITED"
    assert error["since"] == delivered[-1]["data"]["orderChanged"]["cursor"]
    assert error["retryAfter"] >= 1
    assert refused["extensions"]["cost"]["limit"] == 60
