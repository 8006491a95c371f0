"""SKUs: the variants of a product, told apart by their attributes."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.declare import described, loads, public_type
from schema.key import Key
from schema.lazy_fields import lazy_fields
from schema.loader_keys import Naming
from schema.money import Money
from schema.node import Node
from schema.product_status import ProductStatus

if TYPE_CHECKING:
    from schema.product import Product

from schema.declare import public_input


@public_type
class SkuAttribute:
    """Names are null where the platform gave ids only and no longer knows them."""

    known_name: strawberry.Private[str | None] = None
    known_value: strawberry.Private[str | None] = None
    naming: strawberry.Private[Naming | None] = None

    name: str | None = loads(
        "sku_attribute_name",
        by="naming",
        unless="known_name",
        description="What the attribute is called, such as 颜色.",
    )
    value: str | None = loads(
        "sku_attribute_value",
        by="naming",
        unless="known_value",
        description="What the value is called, such as 红色.",
    )
    name_id: str | None = described("The platform's id of the attribute.", default=None)
    value_id: str | None = described("The platform's id of the value.", default=None)
    custom: bool = described("Whether the merchant made it, rather than the platform's table.")


@lazy_fields("key", "attributes")
@public_type
class Sku(Node):
    """One choice of a product's attributes, with its price and stock."""

    product_key: strawberry.Private[Key]

    product: Annotated["Product", strawberry.lazy("schema.product")] | None = loads(
        "product", by="product_key", description="The product that it belongs to."
    )
    platform_id: str = described(
        'The platform\'s own SKU id, for instance "1075741873:1079742386";'
        " empty where the product has one SKU only."
    )
    code: str | None = described("The merchant's own code.", default=None)
    attributes: list[SkuAttribute] = described("The choice it stands for, such as 颜色: 红色.")
    price: Money | None = described("What one costs.", default=None)
    list_price: Money | None = described("What one costs without any reduction.", default=None)
    status: ProductStatus | None = described("Where it stands.", default=None)
    stock: int | None = described(
        "Units in stock; null where the platform tells none.", default=None
    )
    image: str | None = described("The address of a picture.", default=None)


@public_input
class SkuAttributeInput:
    """A name and a value that the merchant wrote."""

    name: str = described("Such as 颜色.")
    value: str = described("Such as 红色.")
