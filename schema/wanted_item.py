"""wanted_item."""

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

    shop: Shop = described("")
    product: Product | None = loads(
        "product", by="product_key", needs=(Scope.CATALOG_READ,), description=""
    )
    sku: Sku | None = loads("sku", by="sku_key", needs=(Scope.CATALOG_READ,), description="")
    open_id: str | None = guarded(
        "open_id_data", (Scope.PII_READ,), description="Needs the scope pii:read."
    )
    platform_product_id: str = described("")
    platform_sku_id: str | None = described("", default=None)
    title: str = described("")
    image: str | None = described("", default=None)
    price: Money | None = described("", default=None)
    list_price: Money | None = described("", default=None)
    status: ProductStatus | None = described("", default=None)
    page_path: str | None = described("", default=None)
    attributes: list[SkuAttribute] = described("")
    category_path: list[str] = described("")
    quantity: int | None = described(
        "Kept by the gateway; the platform has no place for them.", default=None
    )
    added_at: DateTime | None = described("", default=None)


@public_type
class WantedItemEdge:
    """WantedItemEdge."""

    cursor: str = described("")
    node: WantedItem = described("")


@public_type
class WantedItemConnection:
    """WantedItemConnection."""

    cursors: strawberry.Private[Cursors]

    nodes: list[WantedItem] = described("")
    total_count: int | None = described("", default=None)

    @derived("")
    def edges(self) -> list[WantedItemEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            WantedItemEdge(node=node, cursor=self.cursors.at(i))
            for i, node in enumerate(self.nodes)
        ]

    @derived("")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))
