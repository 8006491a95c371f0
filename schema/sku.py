"""SKUs: the variants of a product, told apart by their attributes."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.declare import described, loads, public_type
from schema.key import Key
from schema.lazy_fields import lazy_fields
from schema.loader_keys import Naming, SameGoods, SkuStatusQuery
from schema.money import Money
from schema.node import Node
from schema.product_status import ProductStatus

if TYPE_CHECKING:
    from schema.product import Product

from schema.declare import public_input


@public_type
class SkuAttribute:
    """An attribute of a SKU.

    Names are null if the platform sent only ids and no longer knows them.
    """

    known_name: strawberry.Private[str | None] = None
    known_value: strawberry.Private[str | None] = None
    naming: strawberry.Private[Naming | None] = None

    name: str | None = loads(
        "sku_attribute_name",
        by="naming",
        unless="known_name",
        description="The attribute's name, such as 颜色.",
    )
    value: str | None = loads(
        "sku_attribute_value",
        by="naming",
        unless="known_value",
        description="The value's name, such as 红色.",
    )
    name_id: str | None = described("The platform's id of the attribute.", default=None)
    value_id: str | None = described("The platform's id of the value.", default=None)
    custom: bool = described("Whether the merchant defined it, rather than the platform.")


@lazy_fields("key", "attributes", "known_status", "status_query")
@public_type
class Sku(Node):
    """A SKU: a variant of a product, with its own price and stock."""

    product_key: strawberry.Private[Key]
    known_status: strawberry.Private[ProductStatus | None] = None
    status_query: strawberry.Private[SkuStatusQuery | None] = None

    product: Annotated["Product", strawberry.lazy("schema.product")] | None = loads(
        "product",
        by="product_key",
        description="The product that it belongs to; null if it no longer exists.",
    )
    platform_id: str = described(
        'The platform\'s own SKU id, such as "1075741873:1079742386"; empty if the'
        " product has only one SKU."
    )
    code: str | None = described("The merchant's own code; null if it has none.", default=None)
    attributes: list[SkuAttribute] = described(
        "The attributes that tell the SKU apart, such as 颜色: 红色."
    )
    price: Money | None = described(
        "The price of one unit; null if the platform does not report it.", default=None
    )
    list_price: Money | None = described(
        "The price of one unit before discounts; null if the platform does not report it.",
        default=None,
    )
    status: ProductStatus | None = loads(
        "sku_status",
        by="status_query",
        unless="known_status",
        description=(
            "Its current status; null if the platform does not report it. In the stores it follows"
            " from its product's status and its own stock."
        ),
    )
    stock: int | None = described(
        "The number of units in stock; null if the platform does not report it.", default=None
    )
    image: str | None = described("The URL of an image; null if there is none.", default=None)
    barcode: str | None = described(
        "The barcode, such as an EAN; null if the platform reports none.", default=None
    )
    counterparts: list["Sku"] | None = loads(
        "sku_counterparts",
        by="same_goods",
        description=(
            "The same goods in other shops: SKUs of the same merchant's code, as the index has"
            " them; null if the index is off."
        ),
    )

    @property
    def same_goods(self) -> SameGoods:
        """What its counterparts in other shops are found by."""
        return SameGoods(self.product_key.shop, (self.code,) if self.code else ())


@public_input
class SkuAttributeInput:
    """An attribute of a SKU, as name and value."""

    name: str = described("The name, such as 颜色.")
    value: str = described("The value, such as 红色.")
