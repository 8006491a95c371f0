"""Maps the Weixin Store's status codes of products, drafts and SKUs (reference, section 5)."""

from collections.abc import Sequence
from typing import Final

from gateway.platforms.weixin_store.wire.product import ProductCopy, Sku
from gateway.wechat.scalars import whole
from schema.product_status import ProductDraftStatus, ProductStatus, status_of_sku

#: Of a draft.
EDITING: Final = 1
IN_AUDIT: Final = 2
#: Of the listed copy.
LISTED: Final = 5
SOLD_OUT: Final = 12
#: Deleted for good, and unknown to the platform.
GONE: Final = frozenset({9, 30})
#: Drafts (0 to 4), the bin, uploads, frozen, delisted by the shop or for a reason, banned, failed
#: inspection.
_UNLISTED: Final = frozenset({0, 1, 2, 3, 4, 6, 7, 8, 10, 11, 13, 14, 15, 20, 71})

#: 5, being written, is from one source only (C).
_DRAFT: Final = {
    0: ProductDraftStatus.NONE,
    EDITING: ProductDraftStatus.EDITING,
    IN_AUDIT: ProductDraftStatus.IN_AUDIT,
    3: ProductDraftStatus.REFUSED,
    4: ProductDraftStatus.PASSED,
    5: ProductDraftStatus.EDITING,
    7: ProductDraftStatus.UPLOADING,
    8: ProductDraftStatus.UPLOAD_FAILED,
}
#: A SKU that was delisted, or deleted after its presale.
_SKU_UNLISTED: Final = frozenset({11, 21})


def product_status(copy: ProductCopy) -> ProductStatus:
    """The status of a product, by the code and the stock of one of its copies."""
    code = whole(copy.status)
    if code == SOLD_OUT or (code == LISTED and _is_sold_out(copy.skus or ())):
        return ProductStatus.SOLD_OUT
    if code == LISTED:
        return ProductStatus.ON_SHELF
    return ProductStatus.OFF_SHELF if code in _UNLISTED else ProductStatus.UNKNOWN


def is_gone(copy: ProductCopy) -> bool:
    """Whether the platform reports a product that does not exist."""
    return whole(copy.status) in GONE


def draft_status(draft: ProductCopy | None) -> ProductDraftStatus:
    """The status of the draft; NONE if there is none."""
    if draft is None:
        return ProductDraftStatus.NONE
    # `status` is the draft's too while nothing was listed yet.
    code = whole(draft.edit_status if draft.edit_status is not None else draft.status)
    if code is None:
        return ProductDraftStatus.NONE
    return _DRAFT.get(code, ProductDraftStatus.UNKNOWN)


def sku_status(sku: Sku, product: ProductStatus) -> ProductStatus:
    """The status of a SKU of a product with this status."""
    if whole(sku.status) in _SKU_UNLISTED:
        return ProductStatus.OFF_SHELF
    return status_of_sku(product, sold_out=whole(sku.stock_num) == 0)


def _is_sold_out(skus: Sequence[Sku]) -> bool:
    stocks = [whole(sku.stock_num) for sku in skus]
    return bool(stocks) and all(stock == 0 for stock in stocks)
