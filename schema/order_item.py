"""The lines of an order."""

import strawberry

from schema.declare import derived, described, loads, public_type
from schema.key import Key
from schema.lazy_fields import lazy_fields
from schema.line_ids import line_id
from schema.loader_keys import LineGoods
from schema.money import Money
from schema.page_link import PageLink
from schema.product import Product
from schema.scope import Scope
from schema.sku import Sku, SkuAttribute


@lazy_fields("sku_key", "images", "total", "attributes")
@public_type
class OrderItem:
    """A line of an order."""

    order_key: strawberry.Private[Key]
    #: Among the order's lines of the same product and SKU; 0 for the first.
    position: strawberry.Private[int] = 0
    product_key: strawberry.Private[Key | None] = None
    sku_key: strawberry.Private[Key | None] = None
    #: The platform's own id of the line, where it has one.
    line: strawberry.Private[str | None] = None
    #: As the line itself has it.
    known_code: strawberry.Private[str | None] = None

    platform_product_id: str = described("The platform's own product id.")
    platform_sku_id: str | None = described(
        "The platform's own SKU id; null or empty if the product has only one SKU.", default=None
    )
    code: str | None = loads(
        "sku_code",
        by="sku_key",
        unless="known_code",
        description=(
            "The merchant's own code of the SKU: of the line, or else of the current SKU; null if"
            " neither has one."
        ),
    )
    title: str = described("The title that buyers see.")
    description: str | None = described(
        "A short description; null if the platform does not report it.", default=None
    )
    image: str | None = described(
        "The URL of the first image; null if there is none.", default=None
    )
    images: list[str] = described("Image URLs.")
    quantity: int = described("The number of units.")
    unit_price: Money = described("The price of one unit to the buyer.")
    list_price: Money | None = described(
        "The price of one unit before discounts; null if the platform does not report it.",
        default=None,
    )
    total: Money | None = described(
        "The price of the line; `unitPrice` × `quantity` if the platform does not report it.",
        default=None,
    )
    estimated_total: Money | None = described(
        "The price of the line after all discounts; null if the platform does not report it.",
        default=None,
    )
    changed_total: Money | None = described(
        "The price of the line after it was changed; null if the platform does not report it.",
        default=None,
    )
    discounted: bool | None = described(
        "Whether the merchant granted a discount; null if the platform does not report it.",
        default=None,
    )
    price_changed: bool | None = described(
        "Whether the shop changed the price of the line; null if the platform does not report it.",
        default=None,
    )
    attributes: list[SkuAttribute] = described(
        "The attributes that tell the SKU apart, such as 颜色: 红色."
    )
    category_path: list[str] | None = described(
        "The names of its categories, from the root down.", default=None
    )
    page: PageLink | None = described("The page that shows it.", default=None)
    gift: bool | None = described(
        "Whether it comes as a gift with other lines; null if the platform does not report it.",
        default=None,
    )
    quantity_in_after_sale: int | None = described(
        "Units in an after-sale that is open; null if the platform does not report them.",
        default=None,
    )
    quantity_refunded: int | None = described(
        "Units whose after-sale is finished; null if the platform does not report them.",
        default=None,
    )
    product: Product | None = loads(
        "product",
        by="product_key",
        needs=(Scope.CATALOG_READ,),
        description=(
            "The current product, loaded in one batch per request; null if the platform no"
            " longer has it."
        ),
    )
    sku: Sku | None = loads(
        "sku_of_line",
        by="goods",
        needs=(Scope.CATALOG_READ,),
        description=(
            "The current SKU: by the line's ids, or else by its code, as the index has it; null if"
            " the shop no longer has it."
        ),
    )

    @property
    def goods(self) -> LineGoods | None:
        """What the current SKU is found by."""
        if self.sku_key is None and self.known_code is None:
            return None
        return LineGoods(self.order_key.shop, self.sku_key, self.known_code)

    @derived(
        "An opaque id, unique over all orders and stable: the same line has the same id in every"
        " query. Parcels and after-sales name it."
    )
    def id(self) -> strawberry.ID:
        """Of the order and the platform's id of the line, if it has one.

        Else of the goods, and the position among lines of equal goods.
        """
        if self.line is not None:
            return line_id("OrderItem", self.order_key, self.line)
        sku = self.platform_sku_id or ""
        return line_id(
            "OrderItem", self.order_key, self.platform_product_id, sku, str(self.position)
        )
