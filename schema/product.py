"""product."""

from collections.abc import Callable
from typing import Any

import strawberry

from schema.connection import Cursors
from schema.declare import derived, described, guarded, loads, public_input, public_type
from schema.money import Money, PriceRange
from schema.node import Node, PageInfo
from schema.platform import Platform
from schema.product_details import ProductDetails
from schema.product_status import ProductStatus
from schema.scalars import JSON
from schema.scope import Scope
from schema.shop import Shop
from schema.sku import Sku
from schema.source import Source


@public_type
class Product(Node):
    """What every platform tells of a product; what only one of them tells stands in `details`."""

    known_status: strawberry.Private[ProductStatus | None] = None
    raw_source: strawberry.Private[Callable[[], Any] | None] = None

    shop: Shop = described("")
    platform: Platform = described("")
    platform_id: str = described("The platform's own product id.")
    title: str = described("")
    description: str | None = described("", default=None)
    main_image: str | None = described("", default=None)
    images: list[str] = described("")
    status: ProductStatus = loads("product_status", by="key", unless="known_status", description="")
    skus: list[Sku] = described("")
    details: ProductDetails | None = described("", default=None)
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ,),
        description="The platform's document, as received. Needs the scope raw:read.",
    )

    @derived("")
    def price_range(self) -> PriceRange | None:
        """The lowest and the highest price of its SKUs."""
        prices = [sku.price.fen for sku in self.skus if sku.price is not None]
        return (
            PriceRange(min=Money(fen=min(prices)), max=Money(fen=max(prices))) if prices else None
        )

    @derived("")
    def total_stock(self) -> int | None:
        """The units of all SKUs together; None where the platform tells none."""
        stocks = [sku.stock for sku in self.skus]
        return None if not stocks or None in stocks else sum(stock or 0 for stock in stocks)


@public_type
class ProductEdge:
    """ProductEdge."""

    cursor: str = described("")
    node: Product = described("")


@public_type
class ProductConnection:
    """ProductConnection."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Product] = described("")
    total_count: int | None = described("", default=None)
    sources: list[Source] = described("")

    @derived("")
    def edges(self) -> list[ProductEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            ProductEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class ProductFilter:
    """ProductFilter."""

    shops: list[str] | None = described("", default=None)
    platforms: list[Platform] | None = described("", default=None)
    statuses: list[ProductStatus] | None = described("", default=None)
    search: str | None = described(
        "Words to find in the title, the SKU codes or the platform id.", default=None
    )
