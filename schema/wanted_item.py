"""Buyers' want-to-buy lists."""

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
    """One line of a buyer's want-to-buy list."""

    product_key: strawberry.Private[Key | None] = None
    sku_key: strawberry.Private[Key | None] = None
    open_id_data: strawberry.Private[str | None] = None
    #: Why the open id, which is kept, cannot be told.
    unreadable: strawberry.Private[Exception | None] = None

    shop: Shop = described("The shop that it belongs to.")
    product: Product | None = loads(
        "product",
        by="product_key",
        needs=(Scope.CATALOG_READ,),
        description="The product as it is now; null where the platform no longer has it.",
    )
    sku: Sku | None = loads(
        "sku",
        by="sku_key",
        needs=(Scope.CATALOG_READ,),
        description="The SKU as it is now; null where the platform no longer has it.",
    )
    open_id: str | None = guarded(
        "told_open_id", (Scope.PII_READ,), description="The buyer's open id in the shop's app."
    )
    platform_product_id: str = described("The platform's own product id.")
    platform_sku_id: str | None = described(
        "The platform's own SKU id; null or empty where the product has one SKU only.", default=None
    )
    title: str = described("What people see it called.")
    image: str | None = described("The address of a picture.", default=None)
    price: Money | None = described("What one costs.", default=None)
    list_price: Money | None = described("What one costs without any reduction.", default=None)
    status: ProductStatus | None = described("Where it stands.", default=None)
    page_path: str | None = described("The Mini Program page that shows it.", default=None)
    attributes: list[SkuAttribute] = described("The choice it stands for, such as 颜色: 红色.")
    category_path: list[str] = described("Names of its categories, from the widest.")
    quantity: int | None = described(
        "How many are wanted; kept by the gateway, for the platform has no place for it.",
        default=None,
    )
    added_at: DateTime | None = described("When it was added.", default=None)

    @property
    def told_open_id(self) -> str | None:
        """The buyer's open id; raises `unreadable`."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.open_id_data


@public_type
class WantedItemEdge:
    """A line and its place in the list."""

    cursor: str = described("Give it as `after` to read on behind this entry.")
    node: WantedItem = described("The entry itself.")


@public_type
class WantedItemConnection:
    """A page of a want-to-buy list."""

    cursors: strawberry.Private[Cursors]

    nodes: list[WantedItem] = described("The entries themselves, without their cursors.")
    total_count: int | None = described(
        "How many there are in all; null unless the whole range was read.", default=None
    )

    @derived("The entries with their cursors.")
    def edges(self) -> list[WantedItemEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            WantedItemEdge(node=node, cursor=self.cursors.at(i))
            for i, node in enumerate(self.nodes)
        ]

    @derived("Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))
