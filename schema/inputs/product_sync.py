"""Product data for the shopping list."""

from schema.declare import described, public_input
from schema.inputs.attribute import SkuAttributeInput
from schema.inputs.money import MoneyInput
from schema.product_status import SkuStatusChange


@public_input
class ProductSyncSkuInput:
    """ProductSyncSkuInput."""

    platform_id: str = described("")
    price: MoneyInput | None = described("", default=None)
    list_price: MoneyInput | None = described("", default=None)
    status: SkuStatusChange = described("")
    version: int | None = described("", default=None)
    attributes: list[SkuAttributeInput] | None = described("", default=None)


@public_input
class ProductSyncInput:
    """ProductSyncInput."""

    platform_product_id: str = described("")
    title: str = described("")
    description: str | None = described("", default=None)
    images: list[str] = described("")
    category_path: list[str] = described("")
    page_path: str = described("")
    product_attributes: list[SkuAttributeInput] | None = described("", default=None)
    version: int | None = described("", default=None)
    skus: list[ProductSyncSkuInput] = described("")


@public_input
class ProductsSyncInput:
    """ProductsSyncInput."""

    shop: str = described("")
    products: list[ProductSyncInput] = described("")
