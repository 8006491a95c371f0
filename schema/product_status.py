"""Where a product stands."""

from enum import Enum

from schema.declare import public_enum


@public_enum
class ProductStatus(Enum):
    """Where a product or a SKU stands; UNKNOWN where the platform does not tell."""

    ON_SHELF = "ON_SHELF"
    OFF_SHELF = "OFF_SHELF"
    SOLD_OUT = "SOLD_OUT"
    UNKNOWN = "UNKNOWN"


@public_enum
class ProductListing(Enum):
    """ProductListing."""

    ON_SHELF = "ON_SHELF"
    OFF_SHELF = "OFF_SHELF"


@public_enum
class SkuStatusChange(Enum):
    """SkuStatusChange."""

    ON_SALE = "ON_SALE"
    OFF_SALE = "OFF_SALE"
    SOLD_OUT = "SOLD_OUT"
