"""order_item."""

import strawberry

from schema.declare import described, loads, public_type
from schema.key import Key
from schema.money import Money
from schema.page_link import PageLink
from schema.product import Product
from schema.scope import Scope
from schema.sku import Sku, SkuAttribute


@public_type
class OrderItem:
    """OrderItem."""

    product_key: strawberry.Private[Key | None] = None
    sku_key: strawberry.Private[Key | None] = None

    platform_product_id: str = described("")
    platform_sku_id: str | None = described("", default=None)
    code: str | None = described("The merchant's own code of the SKU.", default=None)
    title: str = described("")
    description: str | None = described("", default=None)
    image: str | None = described("", default=None)
    images: list[str] = described("")
    quantity: int = described("")
    unit_price: Money = described("What one costs the buyer.")
    list_price: Money | None = described("", default=None)
    total: Money | None = described(
        "What the line costs; unitPrice × quantity where the platform tells no total.", default=None
    )
    estimated_total: Money | None = described("", default=None)
    changed_total: Money | None = described("", default=None)
    discounted: bool | None = described("", default=None)
    attributes: list[SkuAttribute] = described("")
    category_path: list[str] | None = described("", default=None)
    page: PageLink | None = described("", default=None)
    product: Product | None = loads(
        "product",
        by="product_key",
        description="Loaded in one batch for the whole request; null where the platform no longer has it.",
    )
    sku: Sku | None = loads("sku", by="sku_key", needs=(Scope.CATALOG_READ,), description="")
