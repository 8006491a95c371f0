"""Product data for the shopping list."""

from schema.declare import described, public_input
from schema.money import MoneyInput
from schema.product_status import SkuStatusChange
from schema.sku import SkuAttributeInput


@public_input
class ProductSyncSkuInput:
    """A SKU as the shopping list shows it."""

    platform_id: str = described("The SKU's own id; empty where the product has one SKU only.")
    price: MoneyInput | None = described("What one costs.", default=None)
    list_price: MoneyInput | None = described("What one costs without any reduction.", default=None)
    status: SkuStatusChange = described("Whether it can be bought.")
    version: int | None = described(
        "Grows with each change; only for writers that race.", default=None
    )
    attributes: list[SkuAttributeInput] | None = described(
        "The choice it stands for, such as 颜色: 红色.", default=None
    )


@public_input
class ProductSyncInput:
    """A product as the shopping list shows it."""

    platform_product_id: str = described("The product's own id.")
    title: str = described("What people see it called.")
    description: str | None = described("A short text about it.", default=None)
    images: list[str] = described("Addresses of pictures, at least one.")
    category_path: list[str] = described("Names of its categories, from the widest.")
    page_path: str = described("The Mini Program page that shows it.")
    product_attributes: list[SkuAttributeInput] | None = described(
        "The product's attributes, apart from those that its SKUs differ in.", default=None
    )
    version: int | None = described(
        "Grows with each change; only for writers that race.", default=None
    )
    skus: list[ProductSyncSkuInput] = described(
        "Its SKUs, at least one; others that the platform has of it stay."
    )


@public_input
class ProductsSyncInput:
    """Product data for one shopping list."""

    shop: str = described("The shop's key.")
    products: list[ProductSyncInput] = described("The products, 1 to 500, each once.")
