"""One line of a buyer's want-to-buy list, without the buyer."""

import msgspec

from gateway.store.documents.parts import Attribute


class WantedItemDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A SKU that a buyer wants; the prices are in fen, `status` is a SkuStatusChange."""

    platform_product_id: str
    platform_sku_id: str | None = None
    title: str
    description: str | None = None
    images: tuple[str, ...] = ()
    price: int | None = None
    list_price: int | None = None
    status: str
    #: The SKU's.
    attributes: tuple[Attribute, ...] = ()
    product_attributes: tuple[Attribute, ...] = ()
    category_path: tuple[str, ...] = ()
    version: int | None = None
    sku_version: int | None = None
    #: Kept by the gateway only, as is `added_at`.
    quantity: int | None = None
    page_path: str
    added_at: int | None = None
