"""Payloads of mutations."""

from typing import Final

import strawberry

from schema.after_sale import AfterSale
from schema.declare import described, public_type
from schema.delivery import DeliveryTemplate
from schema.errors import UserError
from schema.metadata import MetadataItem
from schema.order import Order
from schema.product import Product
from schema.push import Push
from schema.shelf import ProductGroup, Shelf
from schema.shop import Shop
from schema.sku import Sku
from schema.wanted_item import WantedItem

_UNSENT: Final = (
    "What was left out although the change was made: what the platform has no place for, and what"
    " could not be known or shown afterwards. Do not repeat the change."
)


@public_type
class ShopPayload:
    """The result of a change to a shop."""

    shop: Shop | None = described("The changed shop; null if nothing was changed.", default=None)
    push: Push | None = described(
        "The push to the platform; null if nothing was sent.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")


@public_type
class DeletePayload:
    """The result of a deletion."""

    deleted_id: strawberry.ID | None = described(
        "The id of the deleted object; null if it was not deleted.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")


@public_type
class ProductPayload:
    """The result of a change to a product."""

    product: Product | None = described(
        "The changed product; null if nothing was changed, or with a warning.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(
        "What did not work although the change was made: reading the object back failed, or the"
        " platform no longer has it. Do not repeat the change."
    )


@public_type
class ProductsPayload:
    """The result of changes to several products."""

    products: list[Product] = described("The changed products.")
    pushes: list[Push] = described("The pushes to the platform.")
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(_UNSENT)


@public_type
class SkuPayload:
    """The result of a change to a SKU."""

    sku: Sku | None = described(
        "The changed SKU; null if nothing was changed, or with a warning.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(
        "What did not work although the change was made: reading the object back failed, or the"
        " platform no longer has it. Do not repeat the change."
    )


@public_type
class SkusPayload:
    """The result of changes to several SKUs."""

    skus: list[Sku] = described("The SKUs whose stock was set, as they are now.")
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(_UNSENT)


@public_type
class ImagePayload:
    """The result of an upload."""

    url: str | None = described(
        "The URL of the image on the platform; null if it was not uploaded.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")


@public_type
class ProductGroupPayload:
    """The result of a change to a product group."""

    product_group: ProductGroup | None = described(
        "The changed product group; null if nothing was changed, or with a warning.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(
        "What did not work although the change was made: reading the object back failed, or the"
        " platform no longer has it. Do not repeat the change."
    )


@public_type
class ShelfPayload:
    """The result of a change to a shelf."""

    shelf: Shelf | None = described("The changed shelf; null if nothing was changed.", default=None)
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")


@public_type
class DeliveryTemplatePayload:
    """The result of a change to a delivery template."""

    delivery_template: DeliveryTemplate | None = described(
        "The changed delivery template; null if nothing was changed.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")


@public_type
class OrderPayload:
    """The result of a change to an order."""

    order: Order | None = described(
        "The changed order; null if nothing was changed, or with a warning.", default=None
    )
    push: Push | None = described(
        "The push to the platform; null if nothing was sent.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(_UNSENT)


@public_type
class OrdersPayload:
    """The result of changes to several orders."""

    orders: list[Order] = described("The changed orders.")
    pushes: list[Push] = described("The pushes to the platform.")
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(_UNSENT)


@public_type
class PushPayload:
    """The result of an operator action on a push."""

    push: Push | None = described(
        "The push to the platform; null if nothing was sent.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")


@public_type
class MetadataPayload:
    """The result of setting metadata."""

    metadata: list[MetadataItem] = described(
        "All metadata of the order or product afterwards; empty if nothing was changed."
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")


@public_type
class BuyerLinksPayload:
    """The result of linking buyers, or of taking links back."""

    linked: int = described("The number of links recorded, or removed.")
    released: list[Push] = described(
        "The pushes because of these links: those that waited for them and are sent now, and those"
        " that take copies from one buyer to another."
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")


@public_type
class AfterSalePayload:
    """The result of a change to an after-sale."""

    after_sale: AfterSale | None = described(
        "The changed after-sale; null if nothing was changed.", default=None
    )
    push: Push | None = described(
        "The push to the platform; null if nothing was sent.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(_UNSENT)


@public_type
class AfterSalesPayload:
    """The result of changes to several after-sales."""

    after_sales: list[AfterSale] = described("The changed after-sales.")
    pushes: list[Push] = described("The pushes to the platform.")
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(_UNSENT)


@public_type
class WantedItemsPayload:
    """The result of changes to a want-to-buy list."""

    wanted_items: list[WantedItem] = described("The changed lines.")
    pushes: list[Push] = described("The pushes to the platform.")
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
    warnings: list[UserError] = described(_UNSENT)
