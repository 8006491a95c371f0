"""What a key may not read is null with one FORBIDDEN for each selected field, by every way."""

import re
from typing import Any

import pytest

from gateway.auth.key_manager import KeyManager
from resolvers.schema import executable
from schema.key import Key
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.fixtures_served import Serve

ALL = [scope.value for scope in Scope]

#: A field of Query, the scope it needs, and a selection that asks for it.
GUARDED = [
    ("product(id: $product)", "catalog:read", "{ id }"),
    ("products(first: 1)", "catalog:read", "{ totalCount }"),
    ('productByPlatformId(shop: "flagship", platformId: "x")', "catalog:read", "{ id }"),
    ("sku(id: $sku)", "catalog:read", "{ id }"),
    ('categories(shop: "flagship")', "catalog:read", "{ id }"),
    ('productGroups(shop: "flagship")', "catalog:read", "{ id }"),
    ("shelf(id: $shelf)", "catalog:read", "{ id }"),
    ("shelves", "catalog:read", "{ totalCount }"),
    ('deliveryTemplates(shop: "flagship")', "catalog:read", "{ id }"),
    ('carriers(shop: "flagship")', "catalog:read", "{ code }"),
    ("order(id: $order)", "orders:read", "{ id }"),
    ('orderByPlatformId(shop: "flagship", platformId: "x")', "orders:read", "{ id }"),
    ("orders(first: 1)", "orders:read", "{ totalCount }"),
    ('partnerOrder(shop: "mini", partnerAppId: "a", platformId: "b")', "orders:read", "{ id }"),
    ("afterSale(id: $afterSale)", "orders:read", "{ id }"),
    ("afterSales(first: 1)", "orders:read", "{ totalCount }"),
    ('rejectReasons(shop: "flagship")', "orders:read", "{ code }"),
    ('returnAddresses(shop: "flagship")', "orders:read", "{ platformId }"),
    ('wantedItems(shop: "mini", openId: "o")', "orders:read", "{ totalCount }"),
    ('wantedItems(shop: "mini", openId: "o")', "pii:read", "{ totalCount }"),
    ('buyerLinks(shop: "flagship", toShop: "mini")', "orders:read", "{ totalCount }"),
    ('buyerLinks(shop: "flagship", toShop: "mini")', "pii:read", "{ totalCount }"),
    ("pushes(first: 1)", "ops:read", "{ totalCount }"),
    ("orderStats(groupBy: [SHOP])", "orders:read", "{ rows { orders } }"),
    ("orderChanges(first: 1)", "orders:read", "{ pageInfo { endCursor } }"),
    ("auditEvents(first: 1)", "audit:read", "{ totalCount }"),
    ("apiKeys", "ops:read", "{ name }"),
    ("webhookEndpoints", "ops:read", "{ id }"),
    ("node(id: $order)", "orders:read", "{ id }"),
    ("node(id: $product)", "catalog:read", "{ id }"),
]
#: Fields of Query that need no scope, or that cannot be null and are tried on their own.
OTHERS = {"viewer", "shops", "shop", "nodes", "provinces", "bulkOperation", "bulkOperations"}

IDS = {
    "product": Key("Product", "flagship", "pDF3iY6Kr_BV_CXaiYysoGqJhppQ").encode(),
    "sku": Key("Sku", "flagship", "pDF3iY6Kr_BV_CXaiYysoGqJhppQ", "1075741873:1079742386").encode(),
    "shelf": Key("Shelf", "flagship", "22").encode(),
    "order": Key("Order", "flagship", "7197417460812533543").encode(),
    "afterSale": Key("AfterSale", "swan", "1", "2").encode(),
}


def needed(field: str) -> list[str]:
    """The scopes that the public schema says a field of Query needs."""
    query = executable().query_type
    assert query is not None
    described = query.fields[field.partition("(")[0]].description or ""
    return re.findall("[a-z]+:[a-z]+", described.partition("Needs the scope")[2])


def declared(query: str) -> str:
    """The query, with the variables that it uses declared."""
    used = [name for name in IDS if f"${name}" in query]
    head = ", ".join(f"${name}: ID!" for name in used)
    return f"query({head}) {{ {query} }}" if used else f"{{ {query} }}"


async def test_every_field_is_refused_without_its_scope_alone(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    lacking = {scope: [one for one in ALL if one != scope] for _, scope, _ in GUARDED}
    headers = {scope: key(book, rest) for scope, rest in lacking.items()}
    full = key(book, ALL)
    async with serve(**keys) as client:
        for field, scope, selection in GUARDED:
            query = declared(f"asked: {field} {selection}")
            variables = {name: IDS[name] for name in IDS if f"${name}" in query}

            refused = await client.ask(query, variables, headers[scope])
            granted = await client.ask(query, variables, full)

            assert refused.body["data"] == {"asked": None}, field
            assert refused.codes == ["FORBIDDEN"], field
            assert scope in refused.body["errors"][0]["message"], field
            assert field.startswith("node(") or scope in needed(field), field
            assert "FORBIDDEN" not in granted.codes, field


def test_no_field_of_query_is_forgotten() -> None:
    query = executable().query_type
    assert query is not None
    tried = {field.partition("(")[0] for field, _, _ in GUARDED}

    assert tried | OTHERS == set(query.fields)


async def test_provinces_need_no_scope_and_take_nothing_along(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    header = key(book, ["orders:read"], ["mini"])
    async with serve(**keys) as client:
        asked = await client.ask(
            "{ provinces { name } orders(first: 1) { nodes { platform } } }", headers=header
        )

    assert len(asked.data["provinces"]) == 31
    assert asked.data["orders"]["nodes"] == [{"platform": "MINI_PROGRAM"}]


async def test_personal_data_is_one_error_a_field_not_one_a_row(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    query = """{ orders(first: 10, filter: {shops: ["flagship"]}) {
        nodes { platformId buyer { openId } shippingAddress { mobile } again: buyer { nickname } }
    } }"""
    header = key(book, ["orders:read"])
    async with serve(**keys) as client:
        asked = await client.ask(query, headers=header)

    nodes = asked.body["data"]["orders"]["nodes"]
    assert len(nodes) == 10
    assert all(node["buyer"] is None and node["shippingAddress"] is None for node in nodes)
    assert asked.codes == ["FORBIDDEN"] * 3
    paths = [error["path"] for error in asked.body["errors"]]
    assert sorted(path[-1] for path in paths) == ["again", "buyer", "shippingAddress"]


async def test_relations_are_no_way_around_a_scope(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    query = """{ orders(first: 3, filter: {shops: ["flagship"]}) {
        nodes { items { product { title } sku { price { fen } } } raw }
    } viewer { shops {
        products(first: 1) { totalCount } health { lastSuccessAt }
    } } }"""
    header = key(book, ["orders:read"], ["flagship"])
    async with serve(**keys) as client:
        asked = await client.ask(query, headers=header)

    items = [item for node in asked.body["data"]["orders"]["nodes"] for item in node["items"]]
    assert items
    assert [item for item in items if item != {"product": None, "sku": None}] == []
    assert asked.body["data"]["viewer"]["shops"] == [
        {"products": None, "health": {"lastSuccessAt": None}}
    ]
    assert asked.codes == ["FORBIDDEN"] * 5, asked.body["errors"]


async def test_another_shop_does_not_exist(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    header = key(book, ALL, ["mini"])
    async with serve(**keys) as client:
        listed = await client.ask(
            "{ shops { key } orders { nodes { platform } sources { shop { key } } } }",
            headers=header,
        )
        named = await client.ask(
            '{ orders(filter: {shops: ["flagship"]}) { totalCount } }', None, header
        )
        by_id = await client.ask(
            "query($id: ID!) { node(id: $id) { id } order(id: $id) { id } }",
            {"id": IDS["order"]},
            header,
        )

    assert listed.data["shops"] == [{"key": "mini"}]
    assert {node["platform"] for node in listed.data["orders"]["nodes"]} == {"MINI_PROGRAM"}
    assert listed.data["orders"]["sources"] == [{"shop": {"key": "mini"}}]
    assert named.codes == ["BAD_USER_INPUT"]
    assert named.body["errors"][0]["message"] == (
        'There is no shop "flagship". Shops of this API key: mini.'
    )
    assert by_id.data == {"node": None, "order": None}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        pytest.param({}, "an API key is required", id="none"),
        pytest.param({"Authorization": "Basic abc"}, "is malformed", id="another-scheme"),
        pytest.param(
            {"Authorization": "Bearer abc"}, "not an API key of the gateway", id="malformed"
        ),
    ],
)
async def test_without_a_good_key_nothing_is_answered(
    serve: Serve, keys: dict[str, Any], header: dict[str, str], message: str
) -> None:
    async with serve(**keys) as client:
        asked = await client.ask("{ shops { key } }", headers=header)

    assert asked.status == 401
    assert asked.codes == ["UNAUTHENTICATED"]
    assert message in asked.body["errors"][0]["message"]
    assert asked.headers["www-authenticate"] == "Bearer"
