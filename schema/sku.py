"""sku."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.declare import described, loads, public_type
from schema.key import Key
from schema.money import Money
from schema.node import Node
from schema.product_status import ProductStatus
from schema.queries import Naming

if TYPE_CHECKING:
    from schema.product import Product


@public_type
class SkuAttribute:
    """Names are null where the platform gave ids only and no longer knows them."""

    known_name: strawberry.Private[str | None] = None
    known_value: strawberry.Private[str | None] = None
    naming: strawberry.Private[Naming | None] = None

    name: str | None = loads("sku_attribute_name", by="naming", unless="known_name", description="")
    value: str | None = loads(
        "sku_attribute_value", by="naming", unless="known_value", description=""
    )
    name_id: str | None = described("", default=None)
    value_id: str | None = described("", default=None)
    custom: bool = described("")


@public_type
class Sku(Node):
    """Sku."""

    product_key: strawberry.Private[Key]

    product: Annotated["Product", strawberry.lazy("schema.product")] | None = loads(
        "product", by="product_key", description=""
    )
    platform_id: str = described(
        'The platform\'s own SKU id, for instance "1075741873:1079742386"; empty where the product has one SKU only.'
    )
    code: str | None = described("The merchant's own code.", default=None)
    attributes: list[SkuAttribute] = described("")
    price: Money | None = described("", default=None)
    list_price: Money | None = described("", default=None)
    status: ProductStatus | None = described("", default=None)
    stock: int | None = described(
        "Units in stock; null where the platform tells none.", default=None
    )
    image: str | None = described("", default=None)
