"""What operations cost, on a schema of which every price is known."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from graphql import (
    FragmentDefinitionNode,
    OperationDefinitionNode,
    build_schema,
    get_introspection_query,
    parse,
    validate,
)

from gateway.http.cost import CostCompiler
from gateway.http.cost_expression import ENOUGH
from gateway.http.field_prices import FIELD_PRICES, FieldPrices
from gateway.http.input_size import POINT
from tests.house.tree import ROOT

SCHEMA = build_schema("""
type Query {
  shops: [Shop!]!
  shop: Shop
  items(first: Int, after: String): ItemConnection
  nodes(ids: [ID!]!): [Item]!
  name: String
}
type Shop { name: String! tags: [String!]! items(first: Int): ItemConnection }
type Item { name: String parts: [Part!]! shop: Shop }
type Part { name: String item: Item }
type Source { name: String }
type PageInfo { hasNextPage: Boolean! }
type ItemEdge { cursor: String! node: Item! }
type ItemConnection {
  edges: [ItemEdge!]! nodes: [Item!]! pageInfo: PageInfo! sources: [Source!]!
}
""")
TABLE = FieldPrices(
    extra={"Query.items": 10, "Part.item": 2, "Query.__schema": 500},
    sizes={"Query.shops": 3, "Item.parts": 4},
    counted_by={"Query.nodes": "ids"},
    size=5,
)
Points = Callable[[Mapping[str, Any]], int]
GATEWAY = build_schema((ROOT / "schema/schema.graphql").read_text())


def compiled(document: str, prices: FieldPrices = TABLE, *, gateway: bool = False) -> Points:
    """The cost of a document's first operation."""
    schema = GATEWAY if gateway else SCHEMA
    ast = parse(document)
    assert validate(schema, ast) == []
    fragments = {
        node.name.value: node
        for node in ast.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    operation = next(n for n in ast.definitions if isinstance(n, OperationDefinitionNode))
    cost = CostCompiler(schema, prices, fragments).operation(operation)
    return lambda variables: cost.of(variables).points


@pytest.mark.parametrize(
    ("document", "points"),
    [
        pytest.param("{ name }", 1, id="a leaf is free"),
        pytest.param("{ __typename }", 1, id="so is a type's name"),
        pytest.param("{ shop { name tags } }", 2, id="an object is a point"),
        pytest.param("{ a: shop { name } b: shop { name } }", 3, id="by each name"),
        pytest.param("{ shops { name } }", 4, id="a list is its size"),
        pytest.param("{ items { pageInfo { hasNextPage } } }", 13, id="a call is dearer"),
        pytest.param("{ items { nodes { name } } }", 32, id="a page is 20 where none is given"),
        pytest.param("{ items(first: null) { nodes { name } } }", 32, id="or null"),
        pytest.param("{ items(first: 7) { nodes { name } } }", 19, id="or as many as asked"),
        pytest.param("{ items(first: 0) { nodes { name } } }", 12, id="none"),
        pytest.param("{ items(first: -5) { nodes { name } } }", 12, id="fewer than none"),
        pytest.param("{ items(first: 999) { nodes { name } } }", 112, id="more than there can be"),
        pytest.param("{ items(first: 7) { edges { cursor } } }", 19, id="edges count"),
        pytest.param("{ items(first: 7) { edges { node { name } } } }", 26, id="and their nodes"),
        pytest.param("{ items(first: 7) { sources { name } } }", 17, id="other lists do not"),
        pytest.param(
            "{ items(first: 2) { nodes { parts { item { name } } } } }",
            1 + 10 + 1 + 2 * (1 + 4 * (1 + 2 + 1)),
            id="lists multiply",
        ),
        pytest.param('{ nodes(ids: ["a", "b", "c"]) { name } }', 4, id="counted by an argument"),
        pytest.param('{ nodes(ids: "a") { name } }', 2, id="a single one"),
        pytest.param("{ shop @skip(if: true) { name } }", 1, id="skipped"),
        pytest.param("{ shop @skip(if: false) { name } }", 2, id="not skipped"),
        pytest.param("{ shop @include(if: false) { name } }", 1, id="not included"),
        pytest.param("{ ... on Query { shop { name } } }", 2, id="inline fragments"),
        pytest.param("{ ... { shop { name } } }", 2, id="without a type"),
        pytest.param("{ ...F ...F } fragment F on Query { shop { name } }", 2, id="a fragment"),
        pytest.param(
            "{ items(first: 3) { ...F } } fragment F on ItemConnection { nodes { name } }",
            15,
            id="a fragment on a page",
        ),
        pytest.param("{ __schema { types { fields { name } } } }", 501, id="introspection"),
        pytest.param('{ __type(name: "Shop") { name } }', 1, id="of one type"),
    ],
)
def test_cost_without_variables(document: str, points: int) -> None:
    assert compiled(document)({}) == points


@pytest.mark.parametrize(
    ("document", "variables", "points"),
    [
        ("query ($n: Int) { items(first: $n) { nodes { name } } }", {"n": 5}, 17),
        ("query ($n: Int) { items(first: $n) { nodes { name } } }", {"n": None}, 32),
        ("query ($n: Int) { items(first: $n) { nodes { name } } }", {}, 32),
        ("query ($n: Int) { items(first: $n) { nodes { name } } }", {"n": 10**9}, 112),
        ("query ($i: [ID!]!) { nodes(ids: $i) { name } }", {"i": ["a", "b"]}, 3),
        ("query ($y: Boolean!) { shop @include(if: $y) { name } }", {"y": True}, 2),
        ("query ($y: Boolean!) { shop @include(if: $y) { name } }", {"y": False}, 1),
        ("query ($y: Boolean!) { shop @skip(if: $y) { name } }", {"y": True}, 1),
        (
            (
                "query ($n: Int) { shops { items(first: $n) { ...P } } }"
                " fragment P on ItemConnection { nodes { ...I } pageInfo { hasNextPage } }"
                " fragment I on Item { shop { items(first: $n) { nodes { name } } } }"
            ),
            {"n": 2},
            1 + 3 * (1 + (1 + 1 + 2 * (1 + 1 + 1 + 2))),
        ),
    ],
)
def test_cost_from_variables(document: str, variables: dict[str, Any], points: int) -> None:
    assert compiled(document)(variables) == points


def chain(links: int) -> str:
    """A chain of fragments that doubles at each link, and depends on a variable at its end."""
    doubling = "".join(
        f"fragment f{n} on Shop {{ items {{ nodes {{ "
        f"a: shop {{ ...f{n + 1} }} b: shop {{ ...f{n + 1} }} }} }} }} "
        for n in range(links)
    )
    return (
        f"query ($n: Int) {{ shop {{ ...f0 }} }} {doubling}"
        f" fragment f{links} on Shop {{ items(first: $n) {{ nodes {{ name }} }} }}"
    )


def test_counts_end_somewhere() -> None:
    assert compiled(chain(20))({"n": 5}) == ENOUGH // POINT + 1


def test_conditions_may_be_nested_as_deep_as_the_parser_allows() -> None:
    nested = "... @include(if: $y) { shop { name } " * 150 + "}" * 150

    cost = compiled(f"query ($y: Boolean!) {{ {nested} }}")

    assert cost({"y": True}) == 151
    assert cost({"y": False}) == 1


def test_every_price_of_the_gateway_names_a_field_of_the_schema() -> None:
    named = {*FIELD_PRICES.extra, *FIELD_PRICES.sizes, *FIELD_PRICES.counted_by}
    fields = {
        f"{kind.name}.{field}"
        for kind in GATEWAY.type_map.values()
        for field in getattr(kind, "fields", {})
    }

    assert named - fields == {"Query.__schema", "Query.__type"}


@pytest.mark.parametrize(
    ("document", "points"),
    [
        ("{ orders(first: 50) { nodes { id items { title product { title } } } } }", 1_611),
        ("{ products(first: 50) { nodes { title skus { stock price { fen } } } } }", 1_111),
        ('{ product(id: "x") { title totalStock } }', 12),
        (get_introspection_query(), 501),
    ],
)
def test_everyday_queries_are_far_from_the_limit(document: str, points: int) -> None:
    assert compiled(document, FIELD_PRICES, gateway=True)({}) == points
