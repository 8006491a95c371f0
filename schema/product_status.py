"""Where a product stands."""

from enum import Enum

from schema.declare import means, public_enum


@public_enum
class ProductStatus(Enum):
    """Where a product or a SKU stands."""

    ON_SHELF = means("ON_SHELF", "Buyers see it.")
    OFF_SHELF = means("OFF_SHELF", "Buyers do not see it.")
    SOLD_OUT = means(
        "SOLD_OUT",
        "The shopping list was told so; the WeChat Store has no such status: see `totalStock`.",
    )
    UNKNOWN = means("UNKNOWN", "The platform does not tell.")


@public_enum
class ProductListing(Enum):
    """Where a product can be put."""

    ON_SHELF = means("ON_SHELF", "On the shelf, where buyers see it.")
    OFF_SHELF = means("OFF_SHELF", "Off the shelf: it stays, and buyers do not see it.")


@public_enum
class SkuStatusChange(Enum):
    """Whether a SKU can be bought."""

    ON_SALE = means("ON_SALE", "It can be bought.")
    OFF_SALE = means("OFF_SALE", "It was taken off sale.")
    SOLD_OUT = means("SOLD_OUT", "There is none left.")
