"""The category tree, and the attributes and properties that each category defines."""

from typing import Annotated

import strawberry

from schema.declare import described, loads, public_type
from schema.node import Node
from schema.shop import Shop


@public_type
class AttributeValue:
    """A value of an attribute or a property."""

    platform_id: str = described("The platform's own id.")
    name: str | None = described("The name.", default=None)


@public_type
class SkuAttributeDefinition:
    """A SKU attribute, such as 颜色, with its possible values."""

    name_id: str = described("The platform's id of the attribute.")
    name: str | None = described(
        "The attribute's name; null if the platform no longer knows it.", default=None
    )
    values: list[AttributeValue] = described("The possible values.")


@public_type
class PropertyDefinition:
    """A property of the products of a category, such as 品牌, with its possible values."""

    platform_id: str = described("The platform's own id of the property.")
    name: str = described("The name.")
    values: list[AttributeValue] = described("The possible values.")


@public_type
class Category(Node):
    """A category of a platform's category tree."""

    known_name: strawberry.Private[str | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform_id: str = described("The platform's own id.")
    name: str | None = loads(
        "category_name",
        by="key",
        unless="known_name",
        description="The name; null if the platform's category tree does not have it.",
    )
    children: list[Annotated["Category", strawberry.lazy("schema.category")]] | None = loads(
        "category_children", by="key", description="The direct child categories."
    )
    sku_attributes: list[SkuAttributeDefinition] | None = loads(
        "category_sku_attributes",
        by="key",
        description="The attributes in which SKUs of this category can differ.",
    )
    properties: list[PropertyDefinition] | None = loads(
        "category_properties",
        by="key",
        description="The properties that products of this category can have.",
    )
