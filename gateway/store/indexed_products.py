"""The index's products and SKUs: what the platforms reported, found by words, code and stock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuIndexEntry:
    """A SKU to index; `price` in fen, None like `stock` if the platform does not report it.

    `platform_id` is empty if the product has one SKU only.
    """

    platform_id: str
    code: str | None
    price: int | None
    stock: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductIndexEntry:
    """A product to index.

    `status` is a ProductStatus. `document` is the platform's own; None if the ledger has the
    product. `seen_at` is when the platform was asked, in unix seconds.
    """

    shop: str
    platform_id: str
    title: str
    status: str
    skus: Sequence[SkuIndexEntry]
    document: str | None
    seen_at: float


class ProductSort(Enum):
    """What a list of products is sorted by, ascending; then by platform id."""

    PLATFORM_ID = auto()
    TITLE = auto()
    #: The lowest price of the SKUs.
    PRICE = auto()
    #: Units of all SKUs.
    STOCK = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuestion:
    """Which products of a shop, and their order; None means any."""

    statuses: Collection[str] | None = None
    #: Each word must be in the title, in a SKU's code or in the product's id.
    search: str | None = None
    #: With a SKU of one of these codes.
    sku_codes: Collection[str] | None = None
    #: With a SKU of which there are at most so many units.
    stock_at_most: int | None = None
    sort: ProductSort = ProductSort.PLATFORM_ID
    reverse: bool = False
