"""Shops, their health, and the viewer: the API key that asks."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Info

from schema.context import RequestContext
from schema.declare import derived, described, guarded, loads, public_type, selected_field
from schema.errors import PlatformError
from schema.node import Node
from schema.platform import Availability, Capability, Platform
from schema.scalars import DateTime
from schema.scope import Scope

if TYPE_CHECKING:
    from schema.order import OrderConnection, OrderFilter
    from schema.product import ProductConnection, ProductFilter
    from schema.shelf import ShelfConnection


@public_type
class ShopHealth:
    """How a shop's platform has answered lately, as seen from the process that is asked."""

    checked_at_data: strawberry.Private[datetime | None] = None
    last_success_at_data: strawberry.Private[datetime | None] = None
    last_error_data: strawberry.Private[PlatformError | None] = None
    token_expires_at_data: strawberry.Private[datetime | None] = None

    availability: Availability = described("Whether it answers.")
    checked_at: DateTime | None = guarded(
        "checked_at_data", (Scope.OPS_READ,), description="When it was last called."
    )
    last_success_at: DateTime | None = guarded(
        "last_success_at_data", (Scope.OPS_READ,), description="When it last answered as it should."
    )
    last_error: PlatformError | None = guarded(
        "last_error_data", (Scope.OPS_READ,), description="What last went wrong."
    )
    token_expires_at: DateTime | None = guarded(
        "token_expires_at_data",
        (Scope.OPS_READ,),
        description="When the access token in use ends; it is renewed before.",
    )


@public_type
class Shop(Node):
    """One merchant account on one platform, as configured."""

    key_name: str = strawberry.field(
        name="key", description="The key the configuration gives it; inputs name shops by it."
    )
    platform: Platform = described("The platform that it is on.")
    name: str = described("What people call it.")
    capabilities: list[Capability] = described("What can be done with it.")
    shopping_cart_path: str | None = loads(
        "shopping_cart_path",
        by="key_name",
        needs=(Scope.CATALOG_READ,),
        description="The page behind the shopping list's cart button; null where none was set.",
    )

    @derived("How its platform has answered lately.")
    def health(self, info: Info[RequestContext, None]) -> ShopHealth:
        """How the platform has answered lately."""
        return info.context.shop_health(self.key_name)

    @derived("Its products. Needs the scope catalog:read.")
    async def products(
        self,
        info: Info[RequestContext, None],
        first: int | None = None,
        after: str | None = None,
        filter: Annotated["ProductFilter", strawberry.lazy("schema.product")] | None = None,
    ) -> Annotated["ProductConnection", strawberry.lazy("schema.product")] | None:
        """The shop's products; a filter's own shops are narrowed to this one."""
        if not info.context.permits(selected_field(info), (Scope.CATALOG_READ,)):
            return None
        return await info.context.lists.products(first, after, filter, self.key_name)

    @derived("Its orders, newest first. Needs the scope orders:read.")
    async def orders(
        self,
        info: Info[RequestContext, None],
        first: int | None = None,
        after: str | None = None,
        filter: Annotated["OrderFilter", strawberry.lazy("schema.order")] | None = None,
    ) -> Annotated["OrderConnection", strawberry.lazy("schema.order")] | None:
        """The shop's orders; a filter's own shops are narrowed to this one."""
        if not info.context.permits(selected_field(info), (Scope.ORDERS_READ,)):
            return None
        return await info.context.lists.orders(first, after, filter, self.key_name)

    @derived("Its shelves. Needs the scope catalog:read.")
    async def shelves(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["ShelfConnection", strawberry.lazy("schema.shelf")] | None:
        """The shop's shelves."""
        if not info.context.permits(selected_field(info), (Scope.CATALOG_READ,)):
            return None
        return await info.context.lists.shelves(first, after, self.key_name)


@public_type
class Viewer:
    """The holder of the key that asks."""

    name: str = described("What the key is called.")
    scopes: list[str] = described("What the key may do.")
    shops: list[Shop] = described("The shops that the key is bound to.")
