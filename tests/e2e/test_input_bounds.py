"""Inputs beyond their bounds are refused before anything is coerced, by every way in."""

import json
from typing import Any

import pytest

from tests.e2e.order_samples import IMPORT_MANY, baidu_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client
from tests.http.test_web_socket import begin, connected, hear, say

SEARCH = "query ($filter: ProductFilter) { products(filter: $filter) { nodes { id } } }"
LITERAL = "{ products(filter: {search: %s}) { nodes { id } } }"
WORDS = "`$filter.search` has 11 words; the limit is 10"


async def by_post(client: Client, body: dict[str, Any]) -> Any:
    return (await client.http.post("/graphql", json=body)).json()["errors"]


async def by_get(client: Client, body: dict[str, Any]) -> Any:
    params = {"query": body["query"], "variables": json.dumps(body["variables"])}
    return (await client.http.get("/graphql", params=params)).json()["errors"]


async def by_stream(client: Client, body: dict[str, Any]) -> Any:
    answer = await client.http.post("/graphql/stream", json=body)
    (line,) = [line for line in answer.text.splitlines() if line.startswith("data: {")]
    return json.loads(line.removeprefix("data: "))["errors"]


async def by_web_socket(client: Client, body: dict[str, Any]) -> Any:
    async with connected(client) as socket:
        await begin(socket)
        await say(socket, "subscribe", id="1", payload=body)
        return (await hear(socket))["payload"]


async def test_a_search_of_many_words_is_refused_by_every_way_in(
    gateway: Client, sandbox: Sandbox
) -> None:
    body = {"query": SEARCH, "variables": {"filter": {"search": "a " * 11}}}

    answers = [await ask(gateway, body) for ask in (by_post, by_get, by_stream, by_web_socket)]

    for (error,) in answers:
        assert error["message"] == WORDS
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["extensions"]["input"] == {
            "path": ["filter", "search"],
            "unit": "words",
            "given": 11,
            "limit": 10,
        }
    assert sandbox.requests() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a " * 11, "`filter.search` of `products` has 11 words; the limit is 10"),
        ("x" * 201, "`filter.search` of `products` has 201 characters; the limit is 200"),
    ],
)
async def test_a_literal_has_the_same_bound(
    gateway: Client, sandbox: Sandbox, text: str, message: str
) -> None:
    query = LITERAL % json.dumps(text)

    first, again = await gateway.ask(query), await gateway.ask(query)

    for answer in (first, again):
        assert answer.codes == ["BAD_USER_INPUT"]
        assert answer.body["errors"][0]["message"] == message
        assert answer.body["errors"][0]["extensions"]["input"]["path"] == ["filter", "search"]
    assert sandbox.requests() == []


async def test_what_is_within_the_bound_is_searched(gateway: Client) -> None:
    within = await gateway.ask(SEARCH, {"filter": {"search": "词 " * 10}})

    assert within.data == {"products": {"nodes": []}}


async def test_a_variable_has_the_bound_of_each_place_where_it_is_used(gateway: Client) -> None:
    query = (
        "query ($text: String!) { products(filter: {search: $text}) { ...P } }"
        " fragment P on ProductConnection { nodes { id } }"
    )
    in_fragment = (
        "query ($text: String!) { ...Q }"
        " fragment Q on Query { products(filter: {search: $text}) { nodes { id } } }"
    )
    default = (
        f"query ($text: String! = {json.dumps('a ' * 11)})"
        " { products(filter: {search: $text}) { nodes { id } } }"
    )

    answers = [
        await gateway.ask(query, {"text": "x" * 201}),
        await gateway.ask(in_fragment, {"text": "x" * 201}),
        await gateway.ask(default),
    ]

    assert [answer.body["errors"][0]["message"] for answer in answers] == [
        "`$text` has 201 characters; the limit is 200",
        "`$text` has 201 characters; the limit is 200",
        "`$text` has 11 words; the limit is 10",
    ]


async def test_a_long_list_is_counted_before_its_entries_are_read(
    gateway: Client, sandbox: Sandbox
) -> None:
    unreadable = {"nothing": "that the schema knows"}
    query = (
        "mutation ($input: AfterSaleImportInput!) { afterSaleImport(input: $input) { __typename } }"
    )

    orders = await gateway.ask(IMPORT_MANY, {"input": [unreadable] * 2_000})
    after_sales = await gateway.ask(
        query, {"input": {"orderId": "x", "afterSales": [unreadable] * 2_500}}
    )
    nested = await gateway.ask(
        IMPORT_MANY, {"input": [baidu_order("1"), baidu_order("2", charges=[unreadable] * 101)]}
    )

    assert [answer.codes for answer in (orders, after_sales, nested)] == [["BAD_USER_INPUT"]] * 3
    assert [answer.body["errors"][0]["message"] for answer in (orders, after_sales, nested)] == [
        "`$input` has 2,000 entries; the limit is 500",
        "`$input.afterSales` has 2,500 entries; the limit is 100",
        "`$input[1].charges` has 101 entries; the limit is 100",
    ]
    assert sandbox.requests() == []


async def test_a_mutation_is_priced_by_its_input_before_it_is_read(serve: Any) -> None:
    async with serve(limits={"max_cost": 1_000}) as client:
        refused = await client.ask(IMPORT_MANY, {"input": [{"x": 1}] * 500})
        read = await client.ask(IMPORT_MANY, {"input": [{"x": 1}] * 10})

    assert refused.codes == ["COST_LIMIT_EXCEEDED"]
    assert refused.body["errors"][0]["message"].startswith("The operation costs 2326 points")
    assert set(read.codes) == {"BAD_USER_INPUT"}
