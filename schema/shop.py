"""shop."""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Info

from schema.context import RequestContext
from schema.declare import derived, described, loads, public_type
from schema.node import Node
from schema.platform import Availability, Capability, Platform
from schema.platform_error import PlatformError
from schema.scalars import DateTime

if TYPE_CHECKING:
    from schema.order import OrderConnection, OrderFilter
    from schema.product import ProductConnection, ProductFilter
    from schema.shelf import ShelfConnection


@public_type
class ShopHealth:
    """ShopHealth."""

    availability: Availability = described("")
    checked_at: DateTime | None = described("", default=None)
    last_success_at: DateTime | None = described("", default=None)
    last_error: PlatformError | None = described("", default=None)
    token_expires_at: DateTime | None = described("", default=None)


@public_type
class Shop(Node):
    """One merchant account on one platform, as configured."""

    key_name: str = strawberry.field(
        name="key", description="The key the configuration gives it; inputs name shops by it."
    )
    platform: Platform = described("")
    name: str = described("")
    capabilities: list[Capability] = described("")
    shopping_cart_path: str | None = loads(
        "shopping_cart_path",
        by="key_name",
        description="The page behind the shopping list's cart button.",
    )

    @derived("")
    def health(self, info: Info[RequestContext, None]) -> ShopHealth:
        """How the platform has answered lately."""
        return info.context.shop_health(self.key_name)

    @derived("")
    async def products(
        self,
        info: Info[RequestContext, None],
        first: int | None = None,
        after: str | None = None,
        filter: Annotated["ProductFilter", strawberry.lazy("schema.product")] | None = None,
    ) -> Annotated["ProductConnection", strawberry.lazy("schema.product")] | None:
        """The shop's products; a filter's own shops are narrowed to this one."""
        return await info.context.lists.products(first, after, filter, self.key_name)

    @derived("")
    async def orders(
        self,
        info: Info[RequestContext, None],
        first: int | None = None,
        after: str | None = None,
        filter: Annotated["OrderFilter", strawberry.lazy("schema.order")] | None = None,
    ) -> Annotated["OrderConnection", strawberry.lazy("schema.order")] | None:
        """The shop's orders; a filter's own shops are narrowed to this one."""
        return await info.context.lists.orders(first, after, filter, self.key_name)

    @derived("")
    async def shelves(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["ShelfConnection", strawberry.lazy("schema.shelf")] | None:
        """The shop's shelves."""
        return await info.context.lists.shelves(first, after, self.key_name)
