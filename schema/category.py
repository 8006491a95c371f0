"""category."""

from typing import Annotated

import strawberry

from schema.declare import described, loads, public_type
from schema.node import Node
from schema.shop import Shop


@public_type
class AttributeValue:
    """AttributeValue."""

    platform_id: str = described("")
    name: str | None = described("", default=None)


@public_type
class SkuAttributeDefinition:
    """SkuAttributeDefinition."""

    name_id: str = described("")
    name: str | None = described("", default=None)
    values: list[AttributeValue] = described("")


@public_type
class PropertyDefinition:
    """PropertyDefinition."""

    platform_id: str = described("")
    name: str = described("")
    values: list[AttributeValue] = described("")


@public_type
class Category(Node):
    """Category."""

    known_name: strawberry.Private[str | None] = None

    shop: Shop = described("")
    platform_id: str = described("")
    name: str | None = loads("category_name", by="key", unless="known_name", description="")
    children: list[Annotated["Category", strawberry.lazy("schema.category")]] | None = loads(
        "category_children", by="key", description=""
    )
    sku_attributes: list[SkuAttributeDefinition] | None = loads(
        "category_sku_attributes", by="key", description=""
    )
    properties: list[PropertyDefinition] | None = loads(
        "category_properties", by="key", description=""
    )
