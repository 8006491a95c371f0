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
        "Listed, and no unit is left: reported so to the shopping list; of the stores it follows"
        " from the stock, too.",
    )
    UNKNOWN = means("UNKNOWN", "The platform does not report it.")


def status_of_sku(product: ProductStatus, *, sold_out: bool) -> ProductStatus:
    """The status of a SKU of a product with this status, where only its stock is reported."""
    if product not in {ProductStatus.ON_SHELF, ProductStatus.SOLD_OUT}:
        return product
    return ProductStatus.SOLD_OUT if sold_out else ProductStatus.ON_SHELF


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


@public_enum
class ProductDraftStatus(Enum):
    """The status of a product's draft, which is audited before it replaces the listed copy."""

    NONE = means("NONE", "There is no draft, or nothing was done with it.")
    EDITING = means("EDITING", "It was changed, and is not in audit.")
    IN_AUDIT = means("IN_AUDIT", "It is in audit: it cannot be changed unless it is withdrawn.")
    REFUSED = means("REFUSED", "The audit refused it.")
    PASSED = means("PASSED", "It passed the audit.")
    UPLOADING = means("UPLOADING", "The platform still takes it in; it cannot be listed yet.")
    UPLOAD_FAILED = means("UPLOAD_FAILED", "The platform could not take it in: send it again.")
    UNKNOWN = means("UNKNOWN", "The platform reports a status that the gateway does not know.")
