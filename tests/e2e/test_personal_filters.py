"""What only pii:read shows can only be asked for with it, wherever a query takes it."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    get_named_type,
)

from gateway.auth.key_manager import KeyManager
from resolvers.schema import executable
from schema.declare import scopes_of_field
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.order_samples import mini_order
from tests.fixtures_served import Serve

#: By what names a person, of all that is guarded: the other names (name, title, page) are also
#: those of things.
IDENTIFYING = {"openId", "unionId", "nickname", "mobile", "telephone", "street", "taxNumber"}
#: What buyers write themselves, by the names that it has in the schema and will have.
WRITTEN_BY_BUYERS = {"remark", "customerNote", "reason", "buyerNote"}
#: An operation by each coordinate that takes one of them.
ASKING = {
    "Query.orders.filter.buyerOpenId": (
        'query { asked: orders(filter: {buyerOpenId: "o"}) { totalCount } }'
    ),
    "Query.orderChanges.filter.buyerOpenId": (
        'query { asked: orderChanges(filter: {buyerOpenId: "o"}) { pageInfo { endCursor } } }'
    ),
    "Query.orderStats.filter.buyerOpenId": (
        'query { asked: orderStats(groupBy: [], filter: {buyerOpenId: "o"}) { rows { orders } } }'
    ),
    "Shop.orders.filter.buyerOpenId": (
        'query { shop(key: "mini") { asked: orders(filter: {buyerOpenId: "o"}) { totalCount } } }'
    ),
    "Query.wantedItems.openId": (
        'query { asked: wantedItems(shop: "mini", openId: "o") { totalCount } }'
    ),
    "Subscription.orderChanged.filter.buyerOpenId": (
        'subscription { asked: orderChanged(filter: {buyerOpenId: "o"}) { orderId } }'
    ),
}


def shown_with_pii_read() -> set[str]:
    """The names of all fields that are guarded by pii:read, or below such a field."""
    names: set[str] = set()

    def add(name: str, field: GraphQLField) -> None:
        names.add(name)
        below = get_named_type(field.type)
        if isinstance(below, GraphQLObjectType):
            for inner, one in below.fields.items():
                if inner not in names:
                    add(inner, one)

    for type_ in executable().type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                if Scope.PII_READ in scopes_of_field(field):
                    add(name, field)
    return names


def inputs(path: str, name: str, type_: GraphQLInputType) -> Iterator[str]:
    """The coordinates of an argument and of all fields of inputs below it."""
    yield f"{path}.{name}"
    below = get_named_type(type_)
    if isinstance(below, GraphQLInputObjectType):
        for inner, field in below.fields.items():
            yield from inputs(f"{path}.{name}", inner, field.type)


def taking_a_person() -> set[str]:
    """The coordinates of all inputs of queries and subscriptions that are named as a person is."""
    schema = executable()
    personal = shown_with_pii_read() & IDENTIFYING
    found = set()
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_ is schema.mutation_type:
            continue
        for name, field in type_.fields.items():
            for argument, given in field.args.items():
                for coordinate in inputs(f"{type_.name}.{name}", argument, given.type):
                    last = coordinate.rpartition(".")[2].casefold()
                    if any(last.endswith(one.casefold()) for one in personal):
                        found.add(coordinate)
    return found


def test_all_that_identifies_a_person_is_guarded_on_output() -> None:
    assert shown_with_pii_read() >= IDENTIFYING


def test_what_buyers_wrote_is_guarded_on_output() -> None:
    unguarded = [
        f"{type_.name}.{name}"
        for type_ in executable().type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items()
        if name in WRITTEN_BY_BUYERS and Scope.PII_READ not in scopes_of_field(field)
    ]

    assert unguarded == []
    assert "remark" in shown_with_pii_read()


async def test_a_buyers_note_is_shown_with_pii_read_only(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    query = """mutation ($input: OrderImportInput!) { orderImport(input: $input) {
        order { details { ... on MiniProgramOrderDetails { remark } } }
    } }"""
    without = key(book, [scope for scope in Scope if scope is not Scope.PII_READ])
    granted = key(book, list(Scope))
    async with serve(**keys) as client:
        refused = await client.ask(query, {"input": mini_order("M1", remark="急")}, without)
        shown = await client.ask(query, {"input": mini_order("M2", remark="急")}, granted)

    assert refused.body["data"] == {"orderImport": {"order": {"details": {"remark": None}}}}
    assert refused.codes == ["FORBIDDEN"]
    assert shown.data == {"orderImport": {"order": {"details": {"remark": "急"}}}}


def test_no_input_that_names_a_person_is_forgotten() -> None:
    assert taking_a_person() == set(ASKING)


@pytest.mark.parametrize("coordinate", sorted(ASKING))
async def test_a_person_is_asked_for_with_pii_read_only(
    coordinate: str, serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    query = ASKING[coordinate]
    without = key(book, [scope for scope in Scope if scope is not Scope.PII_READ])
    granted = key(book, list(Scope))
    path, stream = "/graphql", query.startswith("subscription")
    async with serve(**keys) as client:
        if stream:
            refused = await client.http.post(
                path, json={"query": query}, headers=without | {"Accept": "text/event-stream"}
            )
            assert '"FORBIDDEN"' in refused.text
            assert "pii:read" in refused.text
            return
        asked = await client.ask(query, headers=without)
        given = await client.ask(query, headers=granted)

    assert asked.codes == ["FORBIDDEN"]
    assert "pii:read" in asked.body["errors"][0]["message"]
    assert "FORBIDDEN" not in given.codes


async def test_a_filter_that_names_nobody_needs_no_pii_read(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    query = "{ orders(first: 1, filter: {buyerOpenId: null}) { nodes { id } } }"
    header = key(book, ["orders:read"])
    async with serve(**keys) as client:
        asked = await client.ask(query, headers=header)

    assert len(asked.data["orders"]["nodes"]) == 1
