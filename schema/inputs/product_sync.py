"""Inputs of product data for the shopping list."""

from schema.declare import described, public_input
from schema.money import MoneyInput
from schema.product_status import SkuStatusChange
from schema.sku import SkuAttributeInput


@public_input
class ProductSyncSkuInput:
    """A SKU as the shopping list shows it."""

    platform_id: str = described("The SKU's own id; empty if the product has only one SKU.")
    code: str | None = described(
        "The merchant's own code of the SKU, shared by the same goods in all shops; kept only by"
        " the gateway. If omitted, a code that was given before stays.",
        default=None,
    )
    price: MoneyInput | None = described("The price of one unit.", default=None)
    list_price: MoneyInput | None = described(
        "The price of one unit before discounts.", default=None
    )
    status: SkuStatusChange = described("Whether it can be bought.")
    version: int | None = described(
        "A version number that increases with each change; needed only if several writers compete.",
        default=None,
    )
    attributes: list[SkuAttributeInput] | None = described(
        "The attributes that tell the SKU apart, such as 颜色: 红色.", default=None
    )


@public_input
class ProductSyncInput:
    """A product as the shopping list shows it."""

    platform_product_id: str = described("The product's own id in the shop.")
    title: str = described("The title that buyers see.")
    description: str | None = described("A short description.", default=None)
    images: list[str] = described("Image URLs; at least one.")
    category_path: list[str] = described("The names of its categories, from the root down.")
    page_path: str = described("The Mini Program page that shows the product.")
    product_attributes: list[SkuAttributeInput] | None = described(
        "The attributes of the product, without those in which its SKUs differ.", default=None
    )
    version: int | None = described(
        "A version number that increases with each change; needed only if several writers compete.",
        default=None,
    )
    skus: list[ProductSyncSkuInput] = described(
        "The SKUs to update, at least one. Other SKUs that the platform has of the product stay."
    )


@public_input
class ProductsSyncInput:
    """Product data for one shopping list."""

    shop: str = described("The shop's key.")
    products: list[ProductSyncInput] = described("1 to 500 products, each at most once.")
