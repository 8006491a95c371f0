"""What mutations answer."""

import strawberry

from schema.after_sale import AfterSale
from schema.declare import described, public_type
from schema.delivery import DeliveryTemplate
from schema.group import ProductGroup
from schema.order import Order
from schema.product import Product
from schema.push import Push
from schema.shelf import Shelf
from schema.shop import Shop
from schema.sku import Sku
from schema.user_error import UserError
from schema.wanted_item import WantedItem


@public_type
class ShopPayload:
    """ShopPayload."""

    shop: Shop | None = described("", default=None)
    push: Push | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class DeletePayload:
    """DeletePayload."""

    deleted_id: strawberry.ID | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class ProductPayload:
    """ProductPayload."""

    product: Product | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class ProductsPayload:
    """ProductsPayload."""

    products: list[Product] = described("")
    pushes: list[Push] = described("")
    user_errors: list[UserError] = described("")


@public_type
class SkuPayload:
    """SkuPayload."""

    sku: Sku | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class ImagePayload:
    """ImagePayload."""

    url: str | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class ProductGroupPayload:
    """ProductGroupPayload."""

    product_group: ProductGroup | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class ShelfPayload:
    """ShelfPayload."""

    shelf: Shelf | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class DeliveryTemplatePayload:
    """DeliveryTemplatePayload."""

    delivery_template: DeliveryTemplate | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class OrderPayload:
    """OrderPayload."""

    order: Order | None = described("", default=None)
    push: Push | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class OrdersPayload:
    """OrdersPayload."""

    orders: list[Order] = described("")
    pushes: list[Push] = described("")
    user_errors: list[UserError] = described("")


@public_type
class PushPayload:
    """PushPayload."""

    push: Push | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class BuyerLinksPayload:
    """BuyerLinksPayload."""

    linked: int = described("")
    released: list[Push] = described("")
    user_errors: list[UserError] = described("")


@public_type
class AfterSalePayload:
    """AfterSalePayload."""

    after_sale: AfterSale | None = described("", default=None)
    push: Push | None = described("", default=None)
    user_errors: list[UserError] = described("")


@public_type
class AfterSalesPayload:
    """AfterSalesPayload."""

    after_sales: list[AfterSale] = described("")
    pushes: list[Push] = described("")
    user_errors: list[UserError] = described("")


@public_type
class WantedItemsPayload:
    """WantedItemsPayload."""

    wanted_items: list[WantedItem] = described("")
    pushes: list[Push] = described("")
    user_errors: list[UserError] = described("")
