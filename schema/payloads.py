"""What mutations answer."""

import strawberry

from schema.after_sale import AfterSale
from schema.declare import described, public_type
from schema.delivery import DeliveryTemplate
from schema.errors import UserError
from schema.order import Order
from schema.product import Product
from schema.push import Push
from schema.shelf import ProductGroup, Shelf
from schema.shop import Shop
from schema.sku import Sku
from schema.wanted_item import WantedItem


@public_type
class ShopPayload:
    """What became of a change to a shop."""

    shop: Shop | None = described("The shop as it is now.", default=None)
    push: Push | None = described(
        "The delivery to the platform; null where nothing was sent.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class DeletePayload:
    """What became of a deletion."""

    deleted_id: strawberry.ID | None = described(
        "The id of what is gone; null where it is not.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class ProductPayload:
    """What became of a change to a product."""

    product: Product | None = described(
        "The product as it is now; null where it was not done.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class ProductsPayload:
    """What became of changes to several products."""

    products: list[Product] = described("The products that were changed, as they are now.")
    pushes: list[Push] = described("The deliveries to the platform.")
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class SkuPayload:
    """What became of a change to a SKU."""

    sku: Sku | None = described("The SKU as it is now; null where it was not done.", default=None)
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class ImagePayload:
    """What became of an upload."""

    url: str | None = described(
        "The address under which the platform keeps the picture.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class ProductGroupPayload:
    """What became of a change to a group."""

    product_group: ProductGroup | None = described(
        "The group as it is now; null where it was not done.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class ShelfPayload:
    """What became of a change to a shelf."""

    shelf: Shelf | None = described(
        "The shelf as it is now; null where it was not done.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class DeliveryTemplatePayload:
    """What became of a change to a delivery template."""

    delivery_template: DeliveryTemplate | None = described(
        "The template as it is now; null where it was not done.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class OrderPayload:
    """What became of a change to an order."""

    order: Order | None = described(
        "The order as it is now; null where it was not done.", default=None
    )
    push: Push | None = described(
        "The delivery to the platform; null where nothing was sent.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class OrdersPayload:
    """What became of changes to several orders."""

    orders: list[Order] = described("The orders that were changed, as they are now.")
    pushes: list[Push] = described("The deliveries to the platform.")
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class PushPayload:
    """What became of a change to a push."""

    push: Push | None = described(
        "The delivery to the platform; null where nothing was sent.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class BuyerLinksPayload:
    """What became of links between buyers."""

    linked: int = described("How many links were taken.")
    released: list[Push] = described("Deliveries that waited for these links and go out now.")
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class AfterSalePayload:
    """What became of a change to an after-sale."""

    after_sale: AfterSale | None = described(
        "The after-sale as it is now; null where it was not done.", default=None
    )
    push: Push | None = described(
        "The delivery to the platform; null where nothing was sent.", default=None
    )
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class AfterSalesPayload:
    """What became of changes to after-sales."""

    after_sales: list[AfterSale] = described("The after-sales that were changed, as they are now.")
    pushes: list[Push] = described("The deliveries to the platform.")
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )


@public_type
class WantedItemsPayload:
    """What became of changes to a want-to-buy list."""

    wanted_items: list[WantedItem] = described("The lines that were changed, as they are now.")
    pushes: list[Push] = described("The deliveries to the platform.")
    user_errors: list[UserError] = described(
        "What the caller can act on; empty where all was done."
    )
