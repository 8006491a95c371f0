"""Product groups, and the shelves that present them."""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Info

from schema.context import RequestContext
from schema.declare import derived, described, public_type
from schema.node import Node
from schema.shop import Shop

if TYPE_CHECKING:
    from schema.product import ProductConnection

from collections.abc import Callable
from typing import Any

from schema.connection import Cursors, Source
from schema.declare import guarded, loads
from schema.key import Key
from schema.loader_keys import ShownProducts
from schema.node import PageInfo
from schema.platform import Platform
from schema.product import Product
from schema.scalars import JSON
from schema.scope import Scope


@public_type
class ProductGroup(Node):
    """A group of products, which shelves can show."""

    shop: Shop = described("The shop that it belongs to.")
    platform_id: str = described("The platform's own id.")
    name: str = described("The name.")

    @derived("The products of the group, in the group's order.")
    async def products(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["ProductConnection", strawberry.lazy("schema.product")] | None:
        """The products of the group, in the group's order."""
        return await info.context.lists.group_products(first, after, self.key)


@public_type
class ShelfGroup:
    """A group on a shelf. If it was deleted, `group` is null and its platform id remains."""

    group_key: strawberry.Private[Key]

    platform_id: str = described("The platform's own id of the group.")
    group: ProductGroup | None = loads(
        "group", by="group_key", description="The group; null if it was deleted."
    )
    image: str | None = described(
        "The URL of the group's image; null if it has none.", default=None
    )


@public_type
class ShelfProductList:
    """Widget 1: the first products of a group; in a Weixin Store those of its home page."""

    shown: strawberry.Private[ShownProducts]

    entry: ShelfGroup = described("The group.")
    count: int = described("The number of products shown.")
    products: list[Product] | None = loads(
        "shown_products", by="shown", description="The products shown."
    )


@public_type
class ShelfGroupTabs:
    """Widget 2: the names of up to four groups; in a Weixin Store of its classes."""

    entries: list[ShelfGroup] = described("The groups.")


@public_type
class ShelfGroupBanner:
    """Widget 3: a group shown as an image."""

    entry: ShelfGroup = described("The group.")


@public_type
class ShelfGroupGallery:
    """Widget 4: up to three groups shown as images."""

    entries: list[ShelfGroup] = described("The groups.")


@public_type
class ShelfCover:
    """Widget 5: the names of groups over a background image; it must be the shelf's only widget."""

    entries: list[ShelfGroup] = described("The groups.")
    background: str | None = described("The URL of the background image.", default=None)


@public_type
class ShelfBanner:
    """A banner of a Weixin Store's home page; read only."""

    product_key: strawberry.Private[Key | None] = None

    image: str | None = described("The URL of its image.", default=None)
    title: str | None = described("Its title; null if it has none.", default=None)
    url: str | None = described(
        "The article that it opens; null if it opens a product or a video.", default=None
    )
    product: Product | None = loads(
        "product",
        by="product_key",
        description="The product that it opens; null if it opens something else.",
    )


@public_type
class ShelfUnknown:
    """A widget that the manual does not list."""

    raw_source: strawberry.Private[Callable[[], Any] | None] = None

    widget: int = described("The widget's number (eid).")
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ,),
        description="The platform's own document of the widget, as received.",
    )


ShelfModule = Annotated[
    ShelfBanner
    | ShelfProductList
    | ShelfGroupTabs
    | ShelfGroupBanner
    | ShelfGroupGallery
    | ShelfCover
    | ShelfUnknown,
    strawberry.union(
        "ShelfModule",
        description="Widgets 1 to 5 of the classic WeChat Store, in the manual's order. A Weixin"
        " Store's home page has banners, the tabs of its classification, and its products.",
    ),
]


@public_type
class Shelf(Node):
    """A page of a shop, made of widgets; a Weixin Store has one, its home page."""

    raw_source: strawberry.Private[Callable[[], Any] | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform: Platform = described("The platform of the shop.")
    platform_id: str = described("The platform's own id.")
    name: str = described("The name.")
    banner: str | None = described(
        "The URL of the banner; null if it has none, as with widget 5.", default=None
    )
    modules: list[ShelfModule] = described("The widgets, from top to bottom.")
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ,),
        description="The platform's own document, as received.",
    )


@public_type
class ShelfEdge:
    """An entry of a shelf connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: Shelf = described("The entry.")


@public_type
class ShelfConnection:
    """One page of shelves."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Shelf] = described("The entries of the page, without their cursors.")
    total_count: int | None = described(
        "The total number of entries; null unless the whole range was read.", default=None
    )
    sources: list[Source] = described(
        "What each shop contributed. If one platform fails, the entries of the other"
        " shops are still returned."
    )

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[ShelfEdge]:
        """Each node with the cursor that follows it."""
        return [
            ShelfEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))
