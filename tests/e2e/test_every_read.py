"""Each read of the WeChat Store's manual is reached by a field of the schema."""

from typing import Any, Final, NamedTuple

import pytest

from schema.key import Key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client


class Read(NamedTuple):
    """A query by which an endpoint is asked, and the field that leads to it."""

    endpoint: str
    field: str
    query: str


def _id(kind: str, platform_id: str) -> str:
    return Key(kind, "flagship", platform_id).encode()


_CHILDREN: Final = f'categories(shop: "flagship", parent: "{_id("Category", "537074298")}")'
_CATEGORY: Final = f'node(id: "{_id("Category", "537074298")}") {{ ... on Category {{ %s }} }}'

READS: Final = [
    Read("get", "Query.product", f'product(id: "{_id("Product", "p")}") {{ title }}'),
    Read("getbystatus", "Query.products", "products(first: 1) { totalCount }"),
    Read("category.getsub", "Query.categories", f"{_CHILDREN} {{ name }}"),
    Read("category.getsku", "Category.skuAttributes", _CATEGORY % "skuAttributes { nameId }"),
    Read("category.getproperty", "Category.properties", _CATEGORY % "properties { platformId }"),
    Read(
        "express.getbyid",
        "Query.node",
        f'node(id: "{_id("DeliveryTemplate", "123456")}") {{ id }}',
    ),
    Read("express.getall", "Query.deliveryTemplates", 'deliveryTemplates(shop: "flagship") { id }'),
    Read("group.getall", "Query.productGroups", 'productGroups(shop: "flagship") { name }'),
    Read(
        "group.getbyid",
        "ProductGroup.products",
        'productGroups(shop: "flagship") { products(first: 1) { totalCount } }',
    ),
    Read("shelf.getall", "Query.shelves", 'shelves(shops: ["flagship"]) { totalCount }'),
    Read("shelf.getbyid", "Query.shelf", f'shelf(id: "{_id("Shelf", "22")}") {{ name }}'),
    Read(
        "order.getbyid",
        "Query.order",
        f'order(id: "{_id("Order", "7197417460812533543")}") {{ id }}',
    ),
    Read("order.getbyfilter", "Query.orders", "orders(first: 1) { nodes { id } }"),
]


@pytest.mark.parametrize("read", READS, ids=[read.endpoint for read in READS])
async def test_a_field_asks_the_platform(gateway: Client, sandbox: Sandbox, read: Read) -> None:
    await gateway.ask(f"{{ {read.query} }}", headers={"Cache-Control": "no-cache"})

    asked: list[dict[str, Any]] = sandbox.requests(f"/merchant/{read.endpoint.replace('.', '/')}")
    assert asked
