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
    """Where a product can be put: on the shelf, where buyers see it, or off it."""

    ON_SHELF = "ON_SHELF"
    OFF_SHELF = "OFF_SHELF"


@public_enum
class SkuStatusChange(Enum):
    """Whether a SKU can be bought: on sale, off sale, or sold out."""

    ON_SALE = "ON_SALE"
    OFF_SALE = "OFF_SALE"
    SOLD_OUT = "SOLD_OUT"
