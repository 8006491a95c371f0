"""Products, the same on every platform."""

from collections.abc import Callable
from typing import Any

import strawberry

from schema.connection import Cursors, Source
from schema.declare import derived, described, guarded, loads, public_input, public_type
from schema.lazy_fields import lazy_fields
from schema.money import Money, PriceRange
from schema.node import Node, PageInfo
from schema.platform import Platform
from schema.product_details import ProductDetails
from schema.product_status import ProductStatus
from schema.scalars import JSON
from schema.scope import Scope
from schema.shop import Shop
from schema.sku import Sku


@lazy_fields("skus", "details")
@public_type
class Product(Node):
    """What every platform tells of a product; what only one of them tells stands in `details`."""

    known_status: strawberry.Private[ProductStatus | None] = None
    raw_source: strawberry.Private[Callable[[], Any] | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform: Platform = described("The platform that it lives on.")
    platform_id: str = described("The platform's own product id.")
    title: str = described("What people see it called.")
    description: str | None = described(
        "A text about it; the WeChat Store's is in `details`.", default=None
    )
    main_image: str | None = described("The address of its main picture.", default=None)
    images: list[str] = described("Addresses of pictures.")
    status: ProductStatus = loads(
        "product_status", by="key", unless="known_status", description="Where it stands."
    )
    skus: list[Sku] = described("What of it can be bought.")
    details: ProductDetails | None = described("What only its platform tells.", default=None)
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ,),
        description="The platform's document, as received.",
    )

    @derived("The lowest and the highest price of its SKUs.")
    def price_range(self) -> PriceRange | None:
        """The lowest and the highest price of its SKUs."""
        prices = [sku.price.fen for sku in self.skus if sku.price is not None]
        return (
            PriceRange(min=Money(fen=min(prices)), max=Money(fen=max(prices))) if prices else None
        )

    @derived("The units of all SKUs together; null where the platform tells none.")
    def total_stock(self) -> int | None:
        """The units of all SKUs together; None where the platform tells none."""
        stocks = [sku.stock for sku in self.skus]
        return None if not stocks or None in stocks else sum(stock or 0 for stock in stocks)


@public_type
class ProductEdge:
    """A product and its place in the list."""

    cursor: str = described("Give it as `after` to read on behind this entry.")
    node: Product = described("The entry itself.")


@public_type
class ProductConnection:
    """A page of products."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Product] = described("The entries themselves, without their cursors.")
    total_count: int | None = described(
        "How many there are in all; null unless the whole range was read.", default=None
    )
    sources: list[Source] = described(
        "How each shop contributed: one platform's outage never hides the others' answers."
    )

    @derived("The entries with their cursors.")
    def edges(self) -> list[ProductEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            ProductEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class ProductFilter:
    """Which products; what is left out means any."""

    shops: list[str] | None = described("Keys of shops.", default=None)
    platforms: list[Platform] | None = described("Platforms of the shops.", default=None)
    statuses: list[ProductStatus] | None = described("Any of these statuses.", default=None)
    search: str | None = described(
        "Words to find in the title, the SKU codes or the platform id.", default=None
    )
