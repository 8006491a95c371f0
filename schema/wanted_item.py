"""Want-to-buy lists of buyers."""

import strawberry

from schema.connection import Cursors
from schema.declare import derived, described, guarded, loads, public_type
from schema.key import Key
from schema.money import Money
from schema.node import Node, PageInfo
from schema.product import Product
from schema.product_status import ProductStatus
from schema.scalars import DateTime
from schema.scope import Scope
from schema.shop import Shop
from schema.sku import Sku, SkuAttribute


@public_type
class WantedItem(Node):
    """A line of a buyer's want-to-buy list."""

    product_key: strawberry.Private[Key | None] = None
    sku_key: strawberry.Private[Key | None] = None
    open_id_data: strawberry.Private[str | None] = None
    #: As the line itself has it.
    known_code: strawberry.Private[str | None] = None
    #: Why the stored open id cannot be decrypted.
    unreadable: strawberry.Private[Exception | None] = None

    shop: Shop = described("The shop that it belongs to.")
    product: Product | None = loads(
        "product",
        by="product_key",
        needs=(Scope.CATALOG_READ,),
        description="The current product; null if the platform no longer has it.",
    )
    sku: Sku | None = loads(
        "sku",
        by="sku_key",
        needs=(Scope.CATALOG_READ,),
        description="The current SKU; null if the platform no longer has it.",
    )
    open_id: str | None = guarded(
        "readable_open_id", (Scope.PII_READ,), description="The buyer's open id in the shop's app."
    )
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
    image: str | None = described("The URL of an image; null if there is none.", default=None)
    price: Money | None = described(
        "The price of one unit; null if the platform does not report it.", default=None
    )
    list_price: Money | None = described(
        "The price of one unit before discounts; null if the platform does not report it.",
        default=None,
    )
    status: ProductStatus | None = described("Its current status.", default=None)
    page_path: str | None = described("The Mini Program page that shows the product.", default=None)
    attributes: list[SkuAttribute] = described(
        "The attributes that tell the SKU apart, such as 颜色: 红色."
    )
    category_path: list[str] = described("The names of its categories, from the root down.")
    quantity: int | None = described(
        "The number of units wanted; kept by the gateway, because the platform does not store it.",
        default=None,
    )
    added_at: DateTime | None = described(
        "When it was added; kept by the gateway, because the platform does not store it.",
        default=None,
    )

    @property
    def readable_open_id(self) -> str | None:
        """The buyer's open id; raises `unreadable`."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.open_id_data


@public_type
class WantedItemEdge:
    """An entry of a want-to-buy list connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: WantedItem = described("The entry.")


@public_type
class WantedItemConnection:
    """One page of a want-to-buy list."""

    cursors: strawberry.Private[Cursors]

    nodes: list[WantedItem] = described("The entries of the page, without their cursors.")
    total_count: int | None = described(
        "The total number of entries; null unless the whole range was read.", default=None
    )

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[WantedItemEdge]:
        """Each node with the cursor that follows it."""
        return [
            WantedItemEdge(node=node, cursor=self.cursors.at(i))
            for i, node in enumerate(self.nodes)
        ]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))
