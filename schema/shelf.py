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
    """A group of products that shelves can show."""

    shop: Shop = described("The shop that it belongs to.")
    platform_id: str = described("The platform's own id.")
    name: str = described("What it is called.")

    @derived("Its products, in the group's own order.")
    async def products(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["ProductConnection", strawberry.lazy("schema.product")] | None:
        """The group's products, in the group's order."""
        return await info.context.lists.group_products(first, after, self.key)


@public_type
class ShelfGroup:
    """A group may have been deleted since: then `group` is null and its platform id remains."""

    group_key: strawberry.Private[Key]

    platform_id: str = described("The platform's own id of the group.")
    group: ProductGroup | None = loads(
        "group", by="group_key", description="The group; null where it was deleted since."
    )
    image: str | None = described("The picture that stands for the group.", default=None)


@public_type
class ShelfProductList:
    """Widget 1: the first products of a group."""

    shown: strawberry.Private[ShownProducts]

    entry: ShelfGroup = described("The group.")
    count: int = described("How many products are shown.")
    products: list[Product] | None = loads(
        "shown_products", by="shown", description="The products that are shown."
    )


@public_type
class ShelfGroupTabs:
    """Widget 2: the names of up to four groups."""

    entries: list[ShelfGroup] = described("The groups.")


@public_type
class ShelfGroupBanner:
    """Widget 3: a group behind its picture."""

    entry: ShelfGroup = described("The group.")


@public_type
class ShelfGroupGallery:
    """Widget 4: up to three groups behind their pictures."""

    entries: list[ShelfGroup] = described("The groups.")


@public_type
class ShelfCover:
    """Widget 5: the names of groups over a background; it fills its shelf alone."""

    entries: list[ShelfGroup] = described("The groups.")
    background: str | None = described("The address of the background.", default=None)


@public_type
class ShelfUnknown:
    """A widget that the manual does not list."""

    raw_source: strawberry.Private[Callable[[], Any] | None] = None

    widget: int = described("The widget's number (eid).")
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ,),
        description="The widget as received.",
    )


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
    """A page of a shop, made of widgets."""

    raw_source: strawberry.Private[Callable[[], Any] | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform: Platform = described("The platform that it lives on.")
    platform_id: str = described("The platform's own id.")
    name: str = described("What it is called.")
    banner: str | None = described("The address of its banner; widget 5 has none.", default=None)
    modules: list[ShelfModule] = described("Its widgets, from the top.")
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ,),
        description="The platform's document, as received.",
    )


@public_type
class ShelfEdge:
    """A shelf and its place in the list."""

    cursor: str = described("Give it as `after` to read on behind this entry.")
    node: Shelf = described("The entry itself.")


@public_type
class ShelfConnection:
    """A page of shelves."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Shelf] = described("The entries themselves, without their cursors.")
    total_count: int | None = described(
        "How many there are in all; null unless the whole range was read.", default=None
    )
    sources: list[Source] = described(
        "How each shop contributed: one platform's outage never hides the others' answers."
    )

    @derived("The entries with their cursors.")
    def edges(self) -> list[ShelfEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            ShelfEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))
