"""Variables are coerced as graphql-core does it, whether they are right or wrong."""

from typing import Any

import pytest
from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    parse,
)
from graphql.execution.values import get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from bench.scale.order_inputs import OrderInputs
from gateway.http.variable_values import VariableCoercion
from resolvers.schema import executable

SCHEMA = build_schema("""
  type Query { it(of: Order, all: [[Int!]]!, size: Size = SMALL, deep: Deep): Int }
  enum Size { SMALL LARGE }
  input Money @oneOf { fen: Int, text: String }
  input Item { title: String!, price: Money, tags: [String!], size: Size = LARGE }
  input Order { id: ID, items: [Item!]!, paid: Boolean!, rate: Float = 1.5 }
  input Deep { within: Deep, all: [Deep!] }
""")
OPERATION = """
  query ($of: Order, $all: [[Int!]]!, $size: Size = SMALL, $deep: Deep) {
    it(of: $of, all: $all, size: $size, deep: $deep) }
"""
ORDER = {"items": [{"title": "杯", "price": {"fen": 990}, "tags": ["a"]}], "paid": True}


def coerced_by_both(schema: GraphQLSchema, text: str, sent: dict[str, Any]) -> tuple[Any, Any]:
    """Answer what the gateway and what graphql-core make of the variables."""
    (operation,) = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    definitions = operation.variable_definitions or ()
    ours = VariableCoercion(schema, max_errors=3).values(definitions, sent)
    theirs = get_variable_values(schema, definitions, sent, max_errors=3, hide_suggestions=True)
    return told(ours), told(theirs)


def told(values: Any) -> Any:
    """Answer the coerced values with their sources, or the errors' messages."""
    if isinstance(values, list):
        return [error.message for error in values]
    return values.coerced, {name: source.value for name, source in values.sources.items()}


@pytest.mark.parametrize(
    "sent",
    [
        {"all": [[1, 2], None]},
        {"all": 1, "of": ORDER, "size": "LARGE"},
        {"all": [], "of": None, "size": None},
        {"all": [[]], "of": ORDER | {"id": 7, "rate": 2}},
        {"all": [[]], "of": ORDER | {"items": {"title": "one"}}},
        {"all": [[]], "of": ORDER | {"items": [{"title": "x", "tags": "one", "size": "SMALL"}]}},
        {"all": [[]], "deep": {"within": {"all": [{}, {"within": None}]}}},
        {},
        {"all": None},
        {"all": [[None]]},
        {"all": [["1"]]},
        {"all": [[]], "of": ORDER | {"paid": None}},
        {"all": [[]], "of": ORDER | {"paid": 1}},
        {"all": [[]], "of": ORDER | {"other": 1}},
        {"all": [[]], "of": {"paid": True}},
        {"all": [[]], "of": "text"},
        {"all": [[]], "of": ORDER | {"items": [{"title": "x", "price": {"fen": 1, "text": "1"}}]}},
        {"all": [[]], "of": ORDER | {"items": [{"title": "x", "price": {}}]}},
        {"all": [[]], "of": ORDER | {"items": [{"title": "x", "price": {"fen": None}}]}},
        {"all": [[]], "of": ORDER | {"items": [{"title": "x", "size": "HUGE"}]}},
    ],
)
def test_values_and_errors_are_those_of_graphql_core(sent: dict[str, Any]) -> None:
    ours, theirs = coerced_by_both(SCHEMA, OPERATION, sent)

    assert ours == theirs


def test_a_value_that_is_nested_too_deeply_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5_000):
        deep = {"within": deep}

    ours, theirs = coerced_by_both(SCHEMA, OPERATION, {"all": [], "deep": deep})

    assert ours == theirs == ["Variable values are nested too deeply."]


def test_a_variable_of_an_unknown_type_is_refused() -> None:
    ours, theirs = coerced_by_both(SCHEMA, "query ($x: Nothing) { it }", {"x": 1})

    assert ours == theirs
    assert len(ours) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["a", "SMALL", ""]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["items", "title", "price", "fen", "paid", "tags", "size", "id", "of"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_JSON, _JSON)
def test_any_value_is_coerced_or_refused_alike(order: Any, lists: Any) -> None:
    ours, theirs = coerced_by_both(SCHEMA, OPERATION, {"of": order, "all": lists})

    assert ours == theirs


@pytest.mark.parametrize("shop", ["mini", "swan"])
def test_orders_of_the_public_schema_are_coerced_alike(shop: str) -> None:
    text = "mutation ($input: [OrderImportInput!]!) { ordersImport(input: $input) { __typename } }"
    schema = executable()
    orders = OrderInputs("x")

    ours, theirs = coerced_by_both(schema, text, {"input": orders.many(shop, 3)})
    assert ours == theirs
    assert len(ours[0]["input"]) == 3

    wrong = [orders.one(shop, total={"fen": "much"}), orders.one(shop, status="LOST")]
    ours, theirs = coerced_by_both(schema, text, {"input": wrong})
    assert ours == theirs
    assert len(ours) == 2
