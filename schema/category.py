"""A platform's tree of categories, and what its products may differ in."""

from typing import Annotated

import strawberry

from schema.declare import described, loads, public_type
from schema.node import Node
from schema.shop import Shop


@public_type
class AttributeValue:
    """A value that an attribute or a property can take."""

    platform_id: str = described("The platform's own id.")
    name: str | None = described("What it is called.", default=None)


@public_type
class SkuAttributeDefinition:
    """An attribute in which SKUs differ, such as 颜色, and its values."""

    name_id: str = described("The platform's id of the attribute.")
    name: str | None = described("What the attribute is called.", default=None)
    values: list[AttributeValue] = described("The values it can take.")


@public_type
class PropertyDefinition:
    """Something by which products of a category are described, such as 品牌, and its values."""

    platform_id: str = described("The platform's own id of the property.")
    name: str = described("What it is called.")
    values: list[AttributeValue] = described("The values it can take.")


@public_type
class Category(Node):
    """A node of a platform's tree of categories."""

    known_name: strawberry.Private[str | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform_id: str = described("The platform's own id.")
    name: str | None = loads(
        "category_name",
        by="key",
        unless="known_name",
        description="What it is called; null where the platform's tree does not have it.",
    )
    children: list[Annotated["Category", strawberry.lazy("schema.category")]] | None = loads(
        "category_children", by="key", description="The categories right below it."
    )
    sku_attributes: list[SkuAttributeDefinition] | None = loads(
        "category_sku_attributes", by="key", description="What SKUs of its products may differ in."
    )
    properties: list[PropertyDefinition] | None = loads(
        "category_properties", by="key", description="What its products may be described by."
    )
