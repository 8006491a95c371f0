"""A product of a platform whose products cannot be read back."""

import msgspec

from gateway.store.documents.parts import Attribute, PageLink


class ProductSku(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One SKU; the prices are in fen, `status` is a SkuStatusChange."""

    platform_id: str
    code: str | None = None
    price: int | None = None
    list_price: int | None = None
    status: str | None = None
    version: int | None = None
    attributes: tuple[Attribute, ...] = ()
    image: str | None = None


class ProductDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The product as it was last synced to the shopping list, or was last seen in an order."""

    platform_product_id: str
    title: str
    description: str | None = None
    images: tuple[str, ...] = ()
    category_path: tuple[str, ...] = ()
    #: The Mini Program page that shows it.
    page_path: str | None = None
    #: The page that Baidu's app opens.
    page: PageLink | None = None
    product_attributes: tuple[Attribute, ...] = ()
    version: int | None = None
    skus: tuple[ProductSku, ...] = ()
    #: When it was brought into the shopping list; None where it was only seen in an order.
    synced_at: int | None = None
