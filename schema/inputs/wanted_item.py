"""Inputs of want-to-buy lists."""

from schema.declare import described, public_input
from schema.money import MoneyInput
from schema.product_status import SkuStatusChange
from schema.scalars import DateTime
from schema.sku import SkuAttributeInput


@public_input
class WantedItemInput:
    """A line of a want-to-buy list."""

    platform_product_id: str = described("The product's own id in the shop.")
    platform_sku_id: str | None = described(
        "The SKU's own id; omitted if the product has only one SKU.", default=None
    )
    code: str | None = described(
        "The merchant's own code of the SKU, shared by the same goods in all shops; kept only by"
        " the gateway.",
        default=None,
    )
    title: str = described("The title that buyers see.")
    description: str | None = described("A short description.", default=None)
    images: list[str] = described("Image URLs; at least one.")
    price: MoneyInput | None = described("The price of one unit.", default=None)
    list_price: MoneyInput | None = described(
        "The price of one unit before discounts.", default=None
    )
    status: SkuStatusChange = described("Whether it can be bought.")
    attributes: list[SkuAttributeInput] | None = described(
        "The attributes of the SKU, such as 颜色 红色.", default=None
    )
    product_attributes: list[SkuAttributeInput] | None = described(
        "The attributes of the product, without those in which its SKUs differ.", default=None
    )
    category_path: list[str] = described("The names of its categories, from the root down.")
    version: int | None = described(
        "A version number that increases with each change; needed only if several writers compete.",
        default=None,
    )
    sku_version: int | None = described("As `version`, for the data of the SKU.", default=None)
    quantity: int | None = described(
        "The number of units wanted; kept only by the gateway.", default=None
    )
    page_path: str = described("The Mini Program page that shows the product.")
    added_at: DateTime | None = described(
        "When it was added; kept only by the gateway, defaults to now.", default=None
    )


@public_input
class WantedItemKeyInput:
    """Identifies a line of a want-to-buy list."""

    platform_product_id: str = described("The product's own id in the shop.")
    platform_sku_id: str | None = described(
        "The SKU's own id; omitted if the product has only one SKU.", default=None
    )


@public_input
class WantedItemsImportInput:
    """Lines for one buyer's want-to-buy list."""

    shop: str = described("The shop's key.")
    open_id: str = described("The buyer's open id in the Mini Program.")
    items: list[WantedItemInput] = described("1 to 500 lines, each at most once.")
