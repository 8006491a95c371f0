"""Lines of want-to-buy lists."""

from schema.declare import described, public_input
from schema.inputs.attribute import SkuAttributeInput
from schema.inputs.money import MoneyInput
from schema.product_status import SkuStatusChange
from schema.scalars import DateTime


@public_input
class WantedItemInput:
    """WantedItemInput."""

    platform_product_id: str = described("")
    platform_sku_id: str | None = described("", default=None)
    title: str = described("")
    description: str | None = described("", default=None)
    images: list[str] = described("")
    price: MoneyInput | None = described("", default=None)
    list_price: MoneyInput | None = described("", default=None)
    status: SkuStatusChange = described("")
    attributes: list[SkuAttributeInput] | None = described("The SKU's.", default=None)
    product_attributes: list[SkuAttributeInput] | None = described("", default=None)
    category_path: list[str] = described("")
    version: int | None = described(
        "Grows with each change; only for writers that race.", default=None
    )
    sku_version: int | None = described("", default=None)
    quantity: int | None = described("Kept by the gateway only.", default=None)
    page_path: str = described("")
    added_at: DateTime | None = described("", default=None)


@public_input
class WantedItemKeyInput:
    """WantedItemKeyInput."""

    platform_product_id: str = described("")
    platform_sku_id: str | None = described("", default=None)


@public_input
class WantedItemsImportInput:
    """WantedItemsImportInput."""

    shop: str = described("")
    open_id: str = described("")
    items: list[WantedItemInput] = described("")
