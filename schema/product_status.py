"""product_status."""

from enum import Enum

from schema.declare import public_enum


@public_enum
class ProductStatus(Enum):
    """ProductStatus."""

    ON_SHELF = "ON_SHELF"
    OFF_SHELF = "OFF_SHELF"
    SOLD_OUT = "SOLD_OUT"
    UNKNOWN = "UNKNOWN"
