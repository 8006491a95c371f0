"""Writes of products: the draft, its audit, listing and prices (reference, 5)."""

from typing import Any

from gateway.platforms.weixin_store.wire.base import Id, Read, Written


class WrittenAttribute(Written, frozen=True, kw_only=True):
    """An attribute by name; several choices are joined with ";"."""

    attr_key: str
    attr_value: str


class Description(Written, frozen=True, kw_only=True):
    """`desc_info`: 1 to 20 images, and one text."""

    imgs: list[str]
    desc: str | None = None


class CategoryId(Written, frozen=True, kw_only=True):
    """One category of the path from the root to the leaf."""

    cat_id: str


class Delivery(Written, frozen=True, kw_only=True):
    """`express_info`; `weight` in grams."""

    template_id: str | None = None
    weight: int | None = None


class ReturnAddress(Written, frozen=True, kw_only=True):
    """`after_sale_info`."""

    after_sale_address_id: str


class SkuDelivery(Written, frozen=True, kw_only=True):
    """`sku_deliver_info`, as it came."""

    stock_type: int | None = None
    full_payment_presale_delivery_type: int | None = None
    presale_begin_time: int | None = None
    presale_end_time: int | None = None
    full_payment_presale_delivery_time: int | None = None
    spot_after_presale_end: int | None = None


class NewSku(Written, frozen=True, kw_only=True):
    """A SKU that the platform does not have yet; prices in fen."""

    thumb_img: str | None = None
    sale_price: int
    market_price: int | None = None
    stock_num: int
    sku_code: str | None = None
    bar_code: str | None = None
    sku_attrs: list[WrittenAttribute] | None = None


class Sku(NewSku, frozen=True, kw_only=True):
    """A SKU of a draft; without `sku_id` a new one."""

    sku_id: str | None = None
    out_sku_id: str | None = None
    status: int | None = None
    sku_deliver_info: SkuDelivery | None = None


class Document(Written, frozen=True, kw_only=True):
    """A draft; `listing` 1 sends it to its audit at once.

    `cats` is the old tree's path: empty where `cats_v2`, which the platform prefers, is given.
    """

    title: str
    short_title: str | None = None
    head_imgs: list[str]
    desc_info: Description
    cats: list[CategoryId]
    cats_v2: list[CategoryId] | None = None
    attrs: list[WrittenAttribute] | None = None
    brand_id: str | None = None
    deliver_method: int
    express_info: Delivery | None = None
    after_sale_info: ReturnAddress | None = None
    extra_service: dict[str, Any]
    listing: int | None = None


class CreateRequest(Document, frozen=True, kw_only=True):
    """A new product."""

    skus: list[NewSku]


class UpdateRequest(Document, frozen=True, kw_only=True):
    """A product's whole new draft: what is left out is removed from it.

    What the inputs have no place for comes from the platform, and goes back as it came.
    """

    product_id: str
    skus: list[Sku]
    spu_code: str | None = None
    aftersale_desc: str | None = None
    release_mode: int | None = None
    limited_info: Any = None
    deliver_acct_type: Any = None
    product_qua_infos: Any = None
    size_chart: Any = None
    timing_onsale_info: Any = None
    spu_deliver_info: Any = None


class Created(Read, frozen=True, kw_only=True):
    """The new product's id."""

    product_id: Id


class CreateResponse(Read, frozen=True, kw_only=True):
    """The answer to `product/add`."""

    data: Created


class ProductIdRequest(Written, frozen=True, kw_only=True):
    """Names a product to list, to delist, to delete, or to take out of its audit."""

    product_id: str


class SkuPrice(Written, frozen=True, kw_only=True):
    """The new price of a SKU, in fen."""

    sku_id: str
    sale_price: int


class AuditFreeRequest(Written, frozen=True, kw_only=True):
    """Changes of a listed product that need no audit; what is not given stays."""

    product_id: str
    skus: list[SkuPrice]
