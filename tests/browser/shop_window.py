"""The contract's schema over a handful of things to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, build_schema

from gateway.errors import Unauthenticated
from gateway.http.documents import DocumentLimits, Documents
from gateway.http.executor import CoreExecutor
from gateway.http.graphiql import GraphiQL
from gateway.http.graphql import EdgeLimits, GraphQLEndpoint
from gateway.http.prices import PRICES
from gateway.http.request import RequestInfo
from tests.house.tree import ROOT

SHOP = {
    "key": "flagship",
    "name": "旗舰店",
    "platform": "WECHAT_STORE",
    "capabilities": ["READ_PRODUCTS", "READ_ORDERS"],
    "health": {"availability": "UP"},
}
PRODUCT = {
    "id": "p1",
    "platformId": "pDF3iY0ptap-mIIPYnsM5n8VtCR0",
    "title": "青花瓷马克杯",
    "status": "ON_SHELF",
    "totalStock": 42,
    "skus": [{"platformId": "1:2", "attributes": [], "stock": 42}],
    "shop": SHOP,
}
ORDER = {
    "shop": SHOP,
    "platformId": "7197417460812533543",
    "status": "AWAITING_SHIPMENT",
    "total": {"amount": "58.00", "currencyCode": "CNY"},
    "items": [
        {"title": "马克杯", "quantity": 1, "unitPrice": {"amount": "58.00"}, "product": PRODUCT}
    ],
}
PAGE = {"hasNextPage": False, "endCursor": None}
SOURCES = [{"shop": SHOP, "state": "LIVE", "count": 1}]
ANSWERS: Mapping[str, Any] = {
    "viewer": {"name": "demo", "scopes": ["catalog:read"]},
    "shops": [SHOP],
    "orders": {"nodes": [ORDER], "pageInfo": PAGE, "sources": SOURCES},
    "products": {"nodes": [PRODUCT], "pageInfo": PAGE, "sources": SOURCES},
    "shelves": {
        "nodes": [
            {
                "name": "新品上架",
                "shop": SHOP,
                "modules": [{"__typename": "ShelfProductList", "count": 1, "products": [PRODUCT]}],
            }
        ],
        "sources": SOURCES,
    },
}


@dataclass(frozen=True)
class Visitor:
    """Who asks."""

    caller: str = "demo"


def contract_schema() -> GraphQLSchema:
    """The contract's schema, whose queries answer what stands above."""
    schema = build_schema((ROOT / "tests/contract/schema.graphql").read_text())
    assert schema.query_type is not None
    for name, field in schema.query_type.fields.items():
        field.resolve = answering(ANSWERS.get(name))
    return schema


def answering(answer: Any) -> Any:
    """A resolver that always answers the same."""

    def resolve(_source: Any, _info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
        return answer

    return resolve


def endpoint(key: str, graphiql: GraphiQL) -> GraphQLEndpoint:
    """GraphQL over the window, for who holds the key."""
    schema = contract_schema()

    async def visitor(request: RequestInfo) -> Visitor:
        if request.authorization != f"Bearer {key}":
            raise Unauthenticated("an API key is needed")
        return Visitor()

    return GraphQLEndpoint(
        schema,
        Documents(schema, DocumentLimits(tokens=5_000, depth=15, aliases=50), PRICES),
        CoreExecutor(schema),
        visitor,
        EdgeLimits(body_bytes=1_000_000, cost=10_000, seconds=5),
        page=graphiql,
    )
