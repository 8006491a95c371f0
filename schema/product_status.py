"""Statuses of products and SKUs."""

from enum import Enum

from schema.declare import means, public_enum


@public_enum
class ProductStatus(Enum):
    """The status of a product or a SKU."""

    ON_SHELF = means("ON_SHELF", "Listed: buyers can see it.")
    OFF_SHELF = means("OFF_SHELF", "Unlisted: buyers cannot see it.")
    SOLD_OUT = means(
        "SOLD_OUT",
        "Reported as sold out to the shopping list. The WeChat Store has no such"
        " status; see `totalStock`.",
    )
    UNKNOWN = means("UNKNOWN", "The platform does not report it.")


@public_enum
class ProductListing(Enum):
    """The statuses of a product that can be set."""

    ON_SHELF = means("ON_SHELF", "Listed: buyers can see it.")
    OFF_SHELF = means("OFF_SHELF", "Unlisted: it stays in the shop, but buyers cannot see it.")


@public_enum
class SkuStatusChange(Enum):
    """Whether a SKU can be bought."""

    ON_SALE = means("ON_SALE", "It can be bought.")
    OFF_SALE = means("OFF_SALE", "It was taken off sale.")
    SOLD_OUT = means("SOLD_OUT", "It is sold out.")
