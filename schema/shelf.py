"""shelf."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from schema.connection import Cursors
from schema.declare import derived, described, guarded, loads, public_type
from schema.group import ProductGroup
from schema.key import Key
from schema.node import Node, PageInfo
from schema.platform import Platform
from schema.product import Product
from schema.queries import ShownProducts
from schema.scalars import JSON
from schema.scope import Scope
from schema.shop import Shop
from schema.source import Source


@public_type
class ShelfGroup:
    """A group may have been deleted since: then `group` is null and its platform id remains."""

    group_key: strawberry.Private[Key]

    platform_id: str = described("")
    group: ProductGroup | None = loads("group", by="group_key", description="")
    image: str | None = described("", default=None)


@public_type
class ShelfProductList:
    """ShelfProductList."""

    shown: strawberry.Private[ShownProducts]

    entry: ShelfGroup = described("")
    count: int = described("")
    products: list[Product] | None = loads("shown_products", by="shown", description="")


@public_type
class ShelfGroupTabs:
    """ShelfGroupTabs."""

    entries: list[ShelfGroup] = described("")


@public_type
class ShelfGroupBanner:
    """ShelfGroupBanner."""

    entry: ShelfGroup = described("")


@public_type
class ShelfGroupGallery:
    """ShelfGroupGallery."""

    entries: list[ShelfGroup] = described("")


@public_type
class ShelfCover:
    """ShelfCover."""

    entries: list[ShelfGroup] = described("")
    background: str | None = described("", default=None)


@public_type
class ShelfUnknown:
    """ShelfUnknown."""

    raw_source: strawberry.Private[Callable[[], Any] | None] = None

    widget: int = described("")
    raw: JSON | None = guarded("raw_source", (Scope.RAW_READ,), description="")


ShelfModule = Annotated[
    ShelfProductList
    | ShelfGroupTabs
    | ShelfGroupBanner
    | ShelfGroupGallery
    | ShelfCover
    | ShelfUnknown,
    strawberry.union(
        "ShelfModule", description="Widgets 1 to 5 of the WeChat Store, in the manual's order."
    ),
]


@public_type
class Shelf(Node):
    """Shelf."""

    raw_source: strawberry.Private[Callable[[], Any] | None] = None

    shop: Shop = described("")
    platform: Platform = described("")
    platform_id: str = described("")
    name: str = described("")
    banner: str | None = described("", default=None)
    modules: list[ShelfModule] = described("")
    raw: JSON | None = guarded("raw_source", (Scope.RAW_READ,), description="")


@public_type
class ShelfEdge:
    """ShelfEdge."""

    cursor: str = described("")
    node: Shelf = described("")


@public_type
class ShelfConnection:
    """ShelfConnection."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Shelf] = described("")
    total_count: int | None = described("", default=None)
    sources: list[Source] = described("")

    @derived("")
    def edges(self) -> list[ShelfEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            ShelfEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))
