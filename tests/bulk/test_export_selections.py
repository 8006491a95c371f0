"""Selections of exports: what is refused, where, and which fields the ledger answers."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from gateway.auth import ALL_SHOPS, Viewer
from gateway.bulk.export_selections import ExportSelections, whole_selection
from gateway.http.documents import DocumentLimits
from gateway.http.field_prices import FIELD_PRICES
from gateway.ports import Adapter
from gateway.ports.writing.problems import InputRefused
from gateway.services.export_sources import ExportedShop
from gateway.services.exports import FILTERED, TYPES
from resolvers.ledger_fields import LOADERS, METHODS, answered_by
from resolvers.schema import executable
from schema.declare import RELATION
from schema.key import Key
from schema.platform import Platform
from schema.scope import Scope
from schema.shop import Shop

SCHEMA = executable()
#: All that a field can need of a shop; nothing here is ever called.
PORT: object = object()
KEPT = Adapter(
    shop=Shop(
        key=Key("Shop", "swan"),
        key_name="swan",
        platform=Platform.BAIDU,
        name="",
        capabilities=[],
    ),
    check=PORT,  # type: ignore[arg-type] # as above
    health=PORT,  # type: ignore[arg-type] # as above
    exports_orders=PORT,  # type: ignore[arg-type] # as above
    exports_after_sales=PORT,  # type: ignore[arg-type] # as above
    exports_products=PORT,  # type: ignore[arg-type] # as above
)
REMOTE = Adapter(shop=KEPT.shop, check=KEPT.check, health=KEPT.health)
#: What an export must not ask for, wherever in its objects it is.
BY_PLATFORMS = {
    "Category.children",
    "Category.name",
    "Category.properties",
    "Category.skuAttributes",
    "Order.copies",
    "Order.mirrorOf",
    "Product.counterparts",
    "ProductDelivery.template",
    "ProductGroup.products",
    "Push.request",
    "Push.response",
    "Push.subject",
    "ShelfGroup.group",
    "ShelfProductList.products",
    "Shop.orderCenterPath",
    "Shop.orders",
    "Shop.products",
    "Shop.shelves",
    "Sku.counterparts",
    "WechatStoreProductDetails.blocks",
    "WechatStoreProductDetails.categories",
    "WechatStoreProductDetails.groups",
    "WechatStoreProductDetails.properties",
    "WechatStoreProductDetails.skuAttributes",
    "WeixinStoreProductDetails.categories",
    "WeixinStoreProductDetails.template",
}


def selections(**limits: int) -> ExportSelections:
    given = {"tokens": 500, "depth": 8, "aliases": 10, "cost": 1_000} | limits
    cost = given.pop("cost")
    return ExportSelections(SCHEMA, DocumentLimits(**given), FIELD_PRICES, cost=cost)


def viewer(*scopes: Scope) -> Viewer:
    return Viewer(name="shop", scopes=frozenset(scopes), shops=ALL_SHOPS, key_id="")


def problems(text: str, *, kind: str = "ORDERS_EXPORT", **limits: int) -> list[tuple[str, str]]:
    """The code and the path of each problem of a selection."""
    return [(code, path) for code, path, _ in told(text, kind=kind, **limits)]


def told(text: str, *, kind: str = "ORDERS_EXPORT", **limits: int) -> list[tuple[str, str, str]]:
    try:
        selections(**limits).check(kind, text, viewer(Scope.ORDERS_READ), [ExportedShop(KEPT)])
    except InputRefused as refused:
        return [(one.code.name, ".".join(one.field or ()), one.message) for one in refused.errors]
    return []


def fields_below(*names: str) -> Iterator[tuple[str, GraphQLField]]:
    """All fields of these types and of all types that they lead to, by coordinate."""
    seen: set[str] = set()
    waiting = [SCHEMA.type_map[name] for name in names]
    while waiting:
        kind = waiting.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        if isinstance(kind, GraphQLUnionType):
            waiting += kind.types
        if isinstance(kind, GraphQLInterfaceType):
            waiting += SCHEMA.get_possible_types(kind)
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field
                waiting.append(get_named_type(field.type))


def test_each_field_that_only_platforms_answer_is_known() -> None:
    refused = {
        coordinate
        for coordinate, field in fields_below(*TYPES.values())
        if not answered_by(coordinate, field)(ExportedShop(KEPT))
    }

    assert refused == BY_PLATFORMS


def test_what_the_ledger_answers_is_listed_once_and_exists() -> None:
    fields = dict(fields_below(*TYPES.values()))
    relations = {
        field.extensions["strawberry-definition"].metadata[RELATION][0]
        for field in fields.values()
        if RELATION in field.extensions["strawberry-definition"].metadata
    }

    assert set(METHODS) <= set(fields)
    assert set(LOADERS) <= relations


@pytest.mark.parametrize("kind", TYPES)
def test_a_shop_whose_platform_keeps_everything_has_no_relation_in_the_ledger(kind: str) -> None:
    refused = {
        coordinate
        for coordinate, field in fields_below(TYPES[kind])
        if not answered_by(coordinate, field)(ExportedShop(REMOTE))
    }

    assert {"Order.afterSales", "OrderItem.product", "Product.status", "Sku.product"} <= refused
    assert not {"Order.id", "Order.buyer", "Order.pushes", "Shop.health"} & refused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ id status total { amount } }", []),
        ("# all of it\n{ id ... on Order { status } ... { paidAt } }", []),
        ("{ items { attributes { name value } } afterSales { id order { id } } }", []),
        ("{ nothing }", [("INVALID", "selection")]),
        ("{ id { more } }", [("INVALID", "selection")]),
        ("{ items }", [("INVALID", "selection")]),
        ("{ id", [("INVALID", "selection")]),
        ("", [("INVALID", "selection")]),
        ("id status", [("INVALID", "selection")]),
        ("{ }", [("INVALID", "selection")]),
        ("query { id }", [("INVALID", "selection")]),
        ("mutation { id }", [("INVALID", "selection")]),
        ("{ id } { id }", [("INVALID", "selection"), ("INVALID", "selection")]),
        ("{ ...F } fragment F on Order { id }", [("INVALID", "selection")]),
        ("query($a: Int) { pushes(first: $a) { totalCount } }", [("INVALID", "selection")]),
        ("{ __schema { types { name } } }", [("INVALID", "selection.__schema")]),
        ("{ __typename id }", []),
        ("{ shop { orders { totalCount } } }", [("INVALID", "selection.shop.orders")]),
        (
            "{ n: shop { products { totalCount } } ... { shop { shelves { nodes { id } } } } }",
            [
                ("FORBIDDEN", "selection.shop.products"),
                ("INVALID", "selection.shop.products"),
                ("FORBIDDEN", "selection.shop.shelves"),
                ("INVALID", "selection.shop.shelves"),
            ],
        ),
        ("{ buyer { openId } }", [("FORBIDDEN", "selection.buyer")]),
        ("{ raw }", [("FORBIDDEN", "selection.raw")]),
        ("{ items { product { id } } }", [("FORBIDDEN", "selection.items.product")]),
        ("{ pushes { totalCount } }", [("FORBIDDEN", "selection.pushes")]),
    ],
)
def test_a_selection_is_checked_with_the_path_of_what_is_wrong(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert problems(text) == expected


def test_a_message_says_where_and_why() -> None:
    assert told("{\n  nothing\n}") == [
        ("INVALID", "selection", "Cannot query field 'nothing' on type 'Order'. (line 2, column 3)")
    ]
    message = (
        "Only the platform has Shop.orders of swan, and an export never calls a platform: leave"
        " the field or the shop out."
    )
    assert told("{ shop { orders { totalCount } } }") == [
        (
            "INVALID",
            "selection.shop.orders",
            message,
        )
    ]
    assert told("{ raw }") == [
        (
            "FORBIDDEN",
            "selection.raw",
            "raw needs the scope raw:read and pii:read, which this API key does not have.",
        )
    ]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"tokens": 5}, "The document has more than 5 tokens, which is the limit"),
        ({"depth": 2}, "The operation has 3 levels of fields; the limit is 2"),
        ({"aliases": 1}, "The operation has 2 aliased or repeated fields; the limit is 1"),
        ({"cost": 40}, "One object costs 41 points; the limit is 40."),
    ],
)
def test_a_selection_has_the_limits_of_a_document(limits: dict[str, int], message: str) -> None:
    text = "{ a: id b: id afterSales { items { quantity } } }"

    assert told(text) == []
    assert told(text, kind="ORDERS_EXPORT", **limits) == [("INVALID", "selection", message)]


@pytest.mark.parametrize("kind", TYPES)
def test_the_whole_selection_is_valid_and_the_ledgers(kind: str) -> None:
    text = whole_selection(SCHEMA, kind, [ExportedShop(KEPT)])
    every = viewer(*Scope)

    needed = selections(tokens=5_000, aliases=50, depth=15).check(
        kind, text, every, [ExportedShop(KEPT)]
    )

    personal = {Scope.RAW_READ, Scope.PII_READ} if kind == "ORDERS_EXPORT" else set()
    assert personal <= needed


def test_every_filter_field_is_answered_by_the_ledger_or_refused() -> None:
    fields = {
        kind: {field.python_name for field in kind.__strawberry_definition__.fields}  # type: ignore[union-attr] # inputs
        for kind in FILTERED
    }

    assert all(FILTERED[kind] <= fields[kind] for kind in FILTERED)
