"""Lines of want-to-buy lists."""

from schema.declare import described, public_input
from schema.money import MoneyInput
from schema.product_status import SkuStatusChange
from schema.scalars import DateTime
from schema.sku import SkuAttributeInput


@public_input
class WantedItemInput:
    """A line of a want-to-buy list."""

    platform_product_id: str = described("The product's own id.")
    platform_sku_id: str | None = described(
        "The SKU's own id; left out where the product has one SKU only.", default=None
    )
    title: str = described("What people see it called.")
    description: str | None = described("A short text about it.", default=None)
    images: list[str] = described("Addresses of pictures, at least one.")
    price: MoneyInput | None = described("What one costs.", default=None)
    list_price: MoneyInput | None = described("What one costs without any reduction.", default=None)
    status: SkuStatusChange = described("Whether it can be bought.")
    attributes: list[SkuAttributeInput] | None = described(
        "What the SKU differs in, such as 颜色 红色.", default=None
    )
    product_attributes: list[SkuAttributeInput] | None = described(
        "The product's attributes, apart from those that its SKUs differ in.", default=None
    )
    category_path: list[str] = described("Names of its categories, from the widest.")
    version: int | None = described(
        "Grows with each change; only for writers that race.", default=None
    )
    sku_version: int | None = described("As `version`, of the SKU's data.", default=None)
    quantity: int | None = described("How many are wanted; kept by the gateway only.", default=None)
    page_path: str = described("The Mini Program page that shows it.")
    added_at: DateTime | None = described(
        "When it was added; kept by the gateway only, now where left out.", default=None
    )


@public_input
class WantedItemKeyInput:
    """Names a line of a want-to-buy list."""

    platform_product_id: str = described("The product's own id.")
    platform_sku_id: str | None = described(
        "The SKU's own id; left out where the product has one SKU only.", default=None
    )


@public_input
class WantedItemsImportInput:
    """Lines for one buyer's want-to-buy list."""

    shop: str = described("The shop's key.")
    open_id: str = described("The buyer's open id in the Mini Program.")
    items: list[WantedItemInput] = described("The lines, 1 to 500, each once.")
