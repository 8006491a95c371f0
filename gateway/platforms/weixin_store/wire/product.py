"""Products as `product/get` returns them, and the ids of `product/list/get` (reference, 5)."""

from typing import Any, Final

from gateway.platforms.weixin_store.wire.base import Attribute, Id, Number, Read, Written

#: `data_type`: the copy that is listed, the draft, or both.
LINE: Final = 1
DRAFT: Final = 2
BOTH: Final = 3


class ProductRequest(Written, frozen=True, kw_only=True):
    """Requests one product."""

    product_id: str
    data_type: int


class ProductIdsRequest(Written, frozen=True, kw_only=True):
    """A page of ids; without `status` all but the bin and drafts that were never listed."""

    status: int | None = None
    page_size: int
    next_key: str | None = None


class ProductIdsResponse(Read, frozen=True, kw_only=True):
    """A page of ids; the platform does not say whether one follows."""

    product_ids: list[Id] | None = None
    next_key: str | None = None
    total_num: Number | None = None

    def __post_init__(self) -> None:
        """Refuses an answer that has neither: it is no empty list."""
        if self.product_ids is None and self.total_num is None:
            raise ValueError("neither product_ids nor total_num")


class Description(Read, frozen=True, kw_only=True):
    """`desc_info`: the images of the product's page, and one text."""

    imgs: list[str] | None = None
    desc: str | None = None


class CategoryId(Read, frozen=True, kw_only=True):
    """One category of the path from the root to the leaf."""

    cat_id: Id


class Delivery(Read, frozen=True, kw_only=True):
    """`express_info`; `weight` in grams."""

    template_id: Id | None = None
    weight: Number | None = None


class ReturnAddress(Read, frozen=True, kw_only=True):
    """`after_sale_info`."""

    after_sale_address_id: Id | None = None


class SkuDelivery(Read, frozen=True, kw_only=True):
    """`sku_deliver_info`: from stock (`stock_type` 0), or in a presale; times in unix seconds."""

    stock_type: Number | None = None
    full_payment_presale_delivery_type: Number | None = None
    presale_begin_time: Number | None = None
    presale_end_time: Number | None = None
    full_payment_presale_delivery_time: Number | None = None
    spot_after_presale_end: Number | None = None


class Sku(Read, frozen=True, kw_only=True):
    """One SKU; prices in fen."""

    sku_id: Id
    out_sku_id: str | None = None
    thumb_img: str | None = None
    sale_price: Number | None = None
    market_price: Number | None = None
    stock_num: Number | None = None
    sku_code: str | None = None
    bar_code: str | None = None
    sku_attrs: list[Attribute] | None = None
    status: Number | None = None
    sku_deliver_info: SkuDelivery | None = None


class ProductCopy(Read, frozen=True, kw_only=True):
    """One of the two copies of a product: the listed one, or the draft.

    `status` is that of the listed copy in both; `edit_status` and `edit_time` (unix seconds) are
    those of the draft. What is `Any` is only sent back.
    """

    product_id: Id | None = None
    title: str | None = None
    short_title: str | None = None
    head_imgs: list[str] | None = None
    desc_info: Description | None = None
    cats: list[CategoryId] | None = None
    cats_v2: list[CategoryId] | None = None
    attrs: list[Attribute] | None = None
    spu_code: str | None = None
    brand_id: Id | None = None
    deliver_method: Number | None = None
    express_info: Delivery | None = None
    aftersale_desc: str | None = None
    after_sale_info: ReturnAddress | None = None
    skus: list[Sku] | None = None
    status: Number | None = None
    edit_status: Number | None = None
    edit_time: Number | None = None
    total_sold_num: Number | None = None
    release_mode: Number | None = None
    extra_service: Any = None
    limited_info: Any = None
    deliver_acct_type: Any = None
    product_qua_infos: Any = None
    size_chart: Any = None
    timing_onsale_info: Any = None
    spu_deliver_info: Any = None


class ProductResponse(Read, frozen=True, kw_only=True):
    """Both copies: never listed ones have no `product`, read-only ones no `edit_product`."""

    product: ProductCopy | None = None
    edit_product: ProductCopy | None = None

    def __post_init__(self) -> None:
        """Refuses an answer that has neither: that a product is gone is told by a code."""
        if self.product is None and self.edit_product is None:
            raise ValueError("neither product nor edit_product")
