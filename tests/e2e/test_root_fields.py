"""A root field that fails is null, and takes no other field along."""

from typing import Final

from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLOutputType

from gateway.executor import Relation
from gateway.executor.strawberry_types import reading_of
from resolvers.schema import executable, hints
from schema.key import Key
from tests.e2e.storefront_samples import id_of
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

SCHEMA: Final = executable()
#: These ask neither a platform nor the ledger, or have a null for each entry that fails.
CANNOT_FAIL: Final = {"nodes", "viewer", "shops", "provinces"}
#: Null where there is no such shop, and nothing else of it is read; or without an argument to be
#: wrong.
NEVER_AN_ERROR: Final = {"shop", "apiKeys", "bulkOperations", "webhookEndpoints"}
#: What each argument is given, so that its field fails.
WRONG: Final = {
    "id": '"no id"',
    "shop": '"nobody"',
    "toShop": '"nobody"',
    "parent": '"no id"',
    "openId": '"nobody"',
    "platformId": '"nothing"',
    "partnerAppId": '"nobody"',
    "filter": '{ shops: ["nobody"] }',
    "shops": '["nobody"]',
    "groupBy": "[SHOP]",
    "key": '"nobody"',
}
#: Root fields that ask a platform, and how.
ASKING: Final = {
    "nodes": f'nodes(ids: ["{id_of("Product", "p")}"]) {{ id }}',
    "node": f'node(id: "{id_of("Product", "p")}") {{ id }}',
    "product": f'product(id: "{id_of("Product", "p")}") {{ id }}',
    "products": 'products(first: 1, filter: { shops: ["flagship"] }) { totalCount }',
    "productByPlatformId": 'productByPlatformId(shop: "flagship", platformId: "p") { id }',
    "sku": f'sku(id: "{Key("Sku", "flagship", "p", "1:2").encode()}") {{ id }}',
    "categories": 'categories(shop: "flagship") { platformId }',
    "deliveryTemplates": 'deliveryTemplates(shop: "flagship") { platformId }',
    "productGroups": 'productGroups(shop: "flagship") { platformId }',
    "shelf": f'shelf(id: "{id_of("Shelf", 22)}") {{ id }}',
    "shelves": "shelves(first: 1) { totalCount }",
    "order": f'order(id: "{id_of("Order", "1")}") {{ id }}',
    "orderByPlatformId": 'orderByPlatformId(shop: "flagship", platformId: "1") { id }',
    "orders": 'orders(first: 1, filter: { shops: ["flagship"] }) { totalCount }',
    "partnerOrder": 'partnerOrder(shop: "mini", partnerAppId: "wx1", platformId: "1") { id }',
}


def kinds(root: GraphQLObjectType | None) -> dict[str, GraphQLOutputType]:
    """The fields of a root type, and what each answers."""
    assert root is not None
    return {name: field.type for name, field in root.fields.items()}


def wrong(name: str) -> str:
    """The field, given arguments that it refuses."""
    field = SCHEMA.query_type.fields[name] if SCHEMA.query_type else None
    assert field is not None
    given = ", ".join(f"{each}: {WRONG[each]}" for each in field.args if each in WRONG)
    return f"{name}({given}) {{ __typename }}"


def test_what_can_fail_may_be_null() -> None:
    queries, mutations = kinds(SCHEMA.query_type), kinds(SCHEMA.mutation_type)

    assert {name for name, kind in queries.items() if isinstance(kind, GraphQLNonNull)} == (
        CANNOT_FAIL
    )
    assert [name for name, kind in mutations.items() if isinstance(kind, GraphQLNonNull)] == []


def test_a_relation_that_fails_is_null_as_well() -> None:
    relations = {
        f"{kind.name}.{name}"
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if isinstance(field.type, GraphQLNonNull) and isinstance(reading_of(field, hints), Relation)
    }

    # The status is UNKNOWN where nobody tells it; only a single product has to ask for it. Metadata
    # is the gateway's own.
    assert relations == {"Order.metadata", "Product.metadata", "Product.status"}


async def test_each_is_null_for_itself(gateway: Client) -> None:
    names = kinds(SCHEMA.query_type).keys() - CANNOT_FAIL - NEVER_AN_ERROR

    answer = await gateway.ask(f"{{ viewer {{ name }} {' '.join(map(wrong, sorted(names)))} }}")

    assert answer.body["data"]["viewer"]["name"]
    assert {name: answer.body["data"][name] for name in names} == dict.fromkeys(names)
    assert sorted(error["path"] for error in answer.body["errors"]) == [
        [name] for name in sorted(names)
    ]
    assert set(answer.codes) == {"BAD_USER_INPUT"}


async def test_each_is_null_for_itself_while_the_platforms_are_down(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("http_status", 503, times=None)

    answer = await gateway.ask(f"{{ pushes {{ totalCount }} {' '.join(ASKING.values())} }}")

    assert answer.body["data"] == dict.fromkeys(ASKING) | {
        "pushes": answer.body["data"]["pushes"],
        "nodes": [None],
    }
    assert answer.body["data"]["pushes"] is not None
    assert set(answer.codes) == {"PLATFORM_UNAVAILABLE"}
