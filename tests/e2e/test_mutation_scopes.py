"""No mutation does anything for a key that may not write, or does not see the shop."""

from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_argument,
    is_required_input_field,
)

from gateway.auth.key_manager import KeyManager
from resolvers.schema import executable
from schema.key import Key
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.product_samples import new_product
from tests.e2e.uploads import PNG, upload
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

mutations = executable().mutation_type
assert mutations is not None
#: Files come by multipart requests, and are tried on their own; a bulk operation is the caller's,
#: and an export reads.
APART = {"imageUpload", "bulkImport", "bulkCancel", "bulkExport"}
FIELDS = {name: field for name, field in mutations.fields.items() if name not in APART}
NEW = new_product()
PRODUCT = {"id": Key("Product", "flagship", "pDF3iY6Kr_BV_CXaiYysoGqJhppQ").encode()}
SKU = {"id": Key("Sku", "flagship", "pDF3iY6Kr_BV_CXaiYysoGqJhppQ", "1:2").encode()}
SCALARS = {
    "ID": '"x"',
    "String": '"flagship"',
    "Int": "1",
    "Boolean": "true",
    "BigInt": "1",
    "Decimal": '"1"',
    "DateTime": '"2026-11-20T00:00:00Z"',
}


def _literal(kind: GraphQLInputType) -> str:
    """A value that has the type, and as little in it as that takes."""
    if isinstance(kind, GraphQLNonNull):
        inner: GraphQLInputType = kind.of_type
        return _literal(inner)
    if isinstance(kind, GraphQLList):
        return f"[{_literal(kind.of_type)}]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        fields = {name: it for name, it in kind.fields.items() if is_required_input_field(it)}
        if kind.is_one_of:
            fields = dict(list(kind.fields.items())[:1])
        given = (f"{name}: {_literal(it.type)}" for name, it in fields.items())
        return f"{{{', '.join(given)}}}"
    return SCALARS[kind.name]


def _written(sandbox: Sandbox) -> list[str]:
    """The calls that were made, but for tokens and what is read in the background."""
    asked = {request["endpoint"] for request in sandbox.requests()}
    return sorted(path for path in asked if "token" not in path and "/get" not in path)


def _call(name: str) -> str:
    given = ", ".join(
        f"{argument}: {_literal(it.type)}"
        for argument, it in FIELDS[name].args.items()
        if is_required_argument(it)
    )
    return f"mutation {{ {name}({given}) {{ userErrors {{ code }} }} }}"


async def test_a_key_that_may_only_read_changes_nothing(
    serve: Serve, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager
) -> None:
    header = key(book, [scope for scope in Scope if scope.endswith(":read")])
    async with serve(**keys) as gateway:
        for name in FIELDS:
            asked = await gateway.ask(_call(name), headers=header)

            assert asked.codes == ["FORBIDDEN"], (name, asked.body)
            assert asked.body["data"] == {name: None}, name
            needed = (FIELDS[name].description or "").partition("Needs the scope ")[2].rstrip(".")
            assert f"needs the scope {needed}," in asked.body["errors"][0]["message"], name

        picture = await upload(gateway, PNG, headers=header)

    assert picture.codes == ["FORBIDDEN"]
    assert _written(sandbox) == []


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("mutation ($input: ProductCreateInput!) { done: productCreate(input: $input)", NEW),
        ("mutation ($id: ID!) { done: productUpdate(input: {id: $id})", PRODUCT),
        ("mutation ($id: ID!) { done: productDelete(id: $id)", PRODUCT),
        ("mutation ($id: ID!) { done: productSetStatus(ids: [$id], status: ON_SHELF)", PRODUCT),
        ("mutation ($id: ID!) { done: skuAdjustStock(id: $id, delta: 1)", SKU),
    ],
)
async def test_another_shop_does_not_exist(
    serve: Serve,
    sandbox: Sandbox,
    keys: dict[str, Any],
    book: KeyManager,
    query: str,
    variables: dict[str, Any],
) -> None:
    header = key(book, ["catalog:write"], ["mini"])
    async with serve(**keys) as gateway:
        asked = await gateway.ask(f"{query} {{ userErrors {{ code }} }} }}", variables, header)

    assert asked.data["done"]["userErrors"] == [{"code": "NOT_FOUND"}]
    assert _written(sandbox) == []


@pytest.mark.parametrize("shop", ["mini", "swan"])
async def test_a_platform_that_cannot_says_so(gateway: Client, sandbox: Sandbox, shop: str) -> None:
    asked = await gateway.ask(
        "mutation ($input: ProductCreateInput!, $id: ID!, $sku: ID!) {"
        " a: productCreate(input: $input) { userErrors { code field } }"
        " b: productDelete(id: $id) { userErrors { code field } }"
        " c: skuAdjustStock(id: $sku, delta: 1) { userErrors { code field } } }",
        {
            **new_product(shop=shop),
            "id": Key("Product", shop, "1").encode(),
            "sku": Key("Sku", shop, "1", "2").encode(),
        },
    )

    assert asked.data == {
        name: {"userErrors": [{"code": "UNSUPPORTED_BY_PLATFORM", "field": [field]}]}
        for name, field in (("a", "shop"), ("b", "id"), ("c", "id"))
    }
    assert _written(sandbox) == []
