"""The lines of an order."""

import strawberry

from schema.declare import described, loads, public_type
from schema.key import Key
from schema.lazy_fields import lazy_fields
from schema.money import Money
from schema.page_link import PageLink
from schema.product import Product
from schema.scope import Scope
from schema.sku import Sku, SkuAttribute


@lazy_fields("sku_key", "images", "total", "attributes")
@public_type
class OrderItem:
    """A line of an order."""

    product_key: strawberry.Private[Key | None] = None
    sku_key: strawberry.Private[Key | None] = None

    platform_product_id: str = described("The platform's own product id.")
    platform_sku_id: str | None = described(
        "The platform's own SKU id; null or empty where the product has one SKU only.", default=None
    )
    code: str | None = described("The merchant's own code of the SKU.", default=None)
    title: str = described("What people see it called.")
    description: str | None = described("A short text about it.", default=None)
    image: str | None = described("The address of its first picture.", default=None)
    images: list[str] = described("Addresses of pictures.")
    quantity: int = described("How many.")
    unit_price: Money = described("What one costs the buyer.")
    list_price: Money | None = described("What one costs without any reduction.", default=None)
    total: Money | None = described(
        "What the line costs; unitPrice × quantity where the platform tells no total.", default=None
    )
    estimated_total: Money | None = described(
        "The line after all offers; partner orders only.", default=None
    )
    changed_total: Money | None = described(
        "The line after its price was changed; partner orders only.", default=None
    )
    discounted: bool | None = described(
        "Whether the merchant took something off; partner orders only.", default=None
    )
    attributes: list[SkuAttribute] = described("The choice it stands for, such as 颜色: 红色.")
    category_path: list[str] | None = described(
        "Names of its categories, from the widest.", default=None
    )
    page: PageLink | None = described("The page that shows it.", default=None)
    product: Product | None = loads(
        "product",
        by="product_key",
        needs=(Scope.CATALOG_READ,),
        description=(
            "The product as it is now, loaded in one batch for the whole request; null where the"
            " platform no longer has it."
        ),
    )
    sku: Sku | None = loads(
        "sku",
        by="sku_key",
        needs=(Scope.CATALOG_READ,),
        description="The SKU as it is now; null where the platform no longer has it.",
    )
