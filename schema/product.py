"""Products, in the same form on every platform."""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

import strawberry

from schema.connection import Cursors, Source
from schema.declare import (
    derived,
    described,
    guarded,
    loads,
    means,
    public_enum,
    public_input,
    public_type,
)
from schema.lazy_fields import lazy_fields
from schema.loader_keys import DetailQuery, SameGoods
from schema.metadata import MetadataItem
from schema.money import Money, PriceRange
from schema.node import Node, PageInfo
from schema.platform import Platform
from schema.product_details import ProductDetails
from schema.product_status import ProductStatus
from schema.scalars import JSON
from schema.scope import Scope
from schema.shop import Shop
from schema.sku import Sku


@lazy_fields("skus", "details", "known_description", "description_query")
@public_type
class Product(Node):
    """A product, in the same form on every platform.

    Fields that only one platform has are in `details`.
    """

    known_status: strawberry.Private[ProductStatus | None] = None
    known_description: strawberry.Private[str | None] = None
    description_query: strawberry.Private[DetailQuery | None] = None
    raw_source: strawberry.Private[Callable[[], Any] | None] = None
    #: When the platform was asked for it, in unix seconds; None: the ledger has it, or what was
    #: read was taken into the index already.
    asked_at: strawberry.Private[float | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform: Platform = described("The platform of the shop.")
    platform_id: str = described("The platform's own product id.")
    title: str = described("The title that buyers see.")
    description: str | None = loads(
        "product_description",
        by="description_query",
        unless="known_description",
        description=(
            "A description as plain text; of a product of the WeChat Store the paragraphs of its"
            " blocks, null where `details.blocks` is."
        ),
    )
    main_image: str | None = described("The URL of the main image.", default=None)
    images: list[str] = described("Image URLs.")
    status: ProductStatus = loads(
        "product_status", by="key", unless="known_status", description="Its current status."
    )
    skus: list[Sku] = described("The SKUs: the variants that can be bought.")
    details: ProductDetails | None = described("Fields that only its platform has.", default=None)
    metadata: list[MetadataItem] = loads(
        "metadata",
        by="key",
        description="The integrators' own keys and values, such as a number in an ERP; by key.",
    )
    counterparts: list["Product"] | None = loads(
        "product_counterparts",
        by="same_goods",
        description=(
            "The same goods in other shops: products with a SKU of the same merchant's code, as"
            " the index has them; null if the index is off."
        ),
    )
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ,),
        description="The platform's own document, as received.",
    )

    @derived("The lowest and the highest price of its SKUs; null if the platform reports no price.")
    def price_range(self) -> PriceRange | None:
        """The lowest and the highest price of its SKUs."""
        prices = [sku.price.fen for sku in self.skus if sku.price is not None]
        return (
            PriceRange(min=Money(fen=min(prices)), max=Money(fen=max(prices))) if prices else None
        )

    @property
    def same_goods(self) -> SameGoods:
        """What its counterparts in other shops are found by."""
        return SameGoods(self.key.shop, tuple(sku.code for sku in self.skus if sku.code))

    @derived("The stock of all SKUs together; null if the platform does not report it.")
    def total_stock(self) -> int | None:
        """The stock of all SKUs together; None if the platform does not report it."""
        stocks = [sku.stock for sku in self.skus]
        return None if not stocks or None in stocks else sum(stock or 0 for stock in stocks)


@public_type
class ProductEdge:
    """An entry of a product connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: Product = described("The entry.")


@public_type
class ProductConnection:
    """One page of products."""

    cursors: strawberry.Private[Cursors]
    #: How many entries there are on all pages; None: that is not known.
    total: strawberry.Private[Callable[[], Awaitable[int | None]]]

    nodes: list[Product] = described("The entries of the page, without their cursors.")
    sources: list[Source] = described(
        "What each shop contributed. If one platform fails, the entries of the other"
        " shops are still returned."
    )

    @derived(
        "The exact number of entries on all pages, from the gateway's index or from a list that was"
        " read to its end; null while the index does not reach over the whole range."
    )
    async def total_count(self) -> int | None:
        """How many entries there are on all pages."""
        return await self.total()

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[ProductEdge]:
        """Each node with the cursor that follows it."""
        return [
            ProductEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class ProductFilter:
    """Filters products; an omitted field matches all."""

    shops: list[str] | None = described("Only these shops, by key.", default=None)
    platforms: list[Platform] | None = described("Only shops on these platforms.", default=None)
    statuses: list[ProductStatus] | None = described("Any of these statuses.", default=None)
    search: str | None = described(
        "Words to find in the title, the SKU codes or the platform id.", default=None
    )
    sku_codes: list[str] | None = described(
        "Products with a SKU of one of these merchant's codes. Needs the index.", default=None
    )
    stock_at_most: int | None = described(
        "Products with a SKU of which there are at most so many units. Needs the index.",
        default=None,
    )


@public_enum
class ProductSortKey(Enum):
    """What a list of products is sorted by; equal ones by shop, then by platform id."""

    SHOP = means("SHOP", "By shop, as configured, then by platform id.")
    TITLE = means("TITLE", "By title, in the order of its characters; capitals do not count.")
    PRICE = means(
        "PRICE", "By the lowest price of the SKUs, cheapest first; those without a price last."
    )
    STOCK = means(
        "STOCK", "By the units of all SKUs, fewest first; those without a reported stock last."
    )
