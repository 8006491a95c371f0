"""Shops, their health, and the viewer: the API key that asks."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Info

from schema.context import (
    ConnectionArguments,
    OrderListArguments,
    ProductListArguments,
    RequestContext,
)
from schema.declare import (
    derived,
    described,
    guarded,
    loads,
    public_type,
    scopes_asked,
    selected_field,
)
from schema.errors import PlatformError
from schema.node import Node
from schema.platform import Availability, Capability, Platform
from schema.scalars import DateTime
from schema.scope import Scope

if TYPE_CHECKING:
    from schema.order import OrderConnection, OrderFilter, OrderSortKey
    from schema.product import ProductConnection, ProductFilter, ProductSortKey
    from schema.shelf import ShelfConnection


@public_type
class ShopHealth:
    """Recent health of a shop's platform, as seen by the gateway process that answers."""

    checked_at_data: strawberry.Private[datetime | None] = None
    last_success_at_data: strawberry.Private[datetime | None] = None
    last_error_data: strawberry.Private[PlatformError | None] = None
    token_expires_at_data: strawberry.Private[datetime | None] = None

    availability: Availability = described("Whether the platform answers.")
    checked_at: DateTime | None = guarded(
        "checked_at_data",
        (Scope.OPS_READ,),
        description="When the platform was last called; null if it was not called yet.",
    )
    last_success_at: DateTime | None = guarded(
        "last_success_at_data",
        (Scope.OPS_READ,),
        description="When a call last succeeded; null if none did yet.",
    )
    last_error: PlatformError | None = guarded(
        "last_error_data",
        (Scope.OPS_READ,),
        description="The error of the last failed call; null if none failed.",
    )
    token_expires_at: DateTime | None = guarded(
        "token_expires_at_data",
        (Scope.OPS_READ,),
        description="When the current access token expires; the gateway renews it before.",
    )


@public_type
class ShopIndex:
    """How far the gateway's own index of a shop reaches.

    The index is a copy of what platforms reported, kept in step with them; search, sorting, counts
    and sums are answered from it.
    """

    orders: int = described("The number of orders in it.")
    products: int = described("The number of products in it.")
    complete_from: DateTime | None = described(
        "Every order created at or after this time is in it; null: all orders are once `backfill`"
        " is null, and until then there is no such time.",
        default=None,
    )
    in_step_at: DateTime | None = described(
        "When it was last compared with the platform; null if it was not compared yet.",
        default=None,
    )
    backfill: float | None = described(
        "The share of past orders that was read, from 0 to 1; null once all were.", default=None
    )


@public_type
class ShopCalls:
    """Calls to a shop's platform in one minute, of the gateway process that answers."""

    at: DateTime = described("When the minute began.")
    calls: int = described("How many calls were made, each attempt counted.")
    failed: int = described(
        "How many of them failed: no answer came, or one that says that the platform is busy, past"
        " its quota, or refuses the credentials. A refusal of what was asked is no failure."
    )
    p50_ms: int | None = described(
        "The milliseconds that half of the calls took at most, with two digits from 100 on; null"
        " without calls.",
        default=None,
    )
    p95_ms: int | None = described(
        "The milliseconds that 95 % of the calls took at most; null without calls.", default=None
    )


@public_type
class Shop(Node):
    """A merchant account on one platform, as configured."""

    key_name: str = strawberry.field(
        name="key", description="The shop's key in the configuration; inputs identify shops by it."
    )
    platform: Platform = described("The platform of the shop.")
    name: str = described("The display name.")
    capabilities: list[Capability] = described("What its platform supports.")
    shopping_cart_path: str | None = loads(
        "shopping_cart_path",
        by="key_name",
        needs=(Scope.CATALOG_READ,),
        description="The page that the shopping list's cart button opens; null if none was set.",
    )
    order_center_path: str | None = loads(
        "order_center_path",
        by="key_name",
        needs=(Scope.ORDERS_READ,),
        description=(
            "The Mini Program page that WeChat's order centre opens for an order; null if none was"
            " set, or the platform has no order centre."
        ),
    )
    index: ShopIndex | None = loads(
        "shop_index",
        by="key_name",
        needs=(Scope.ORDERS_READ,),
        description=(
            "How far the gateway's own index of the shop reaches; null if its platform has no"
            " orders to index, or `index.enabled` is false."
        ),
    )

    @derived("Recent health of its platform.")
    def health(self, info: Info[RequestContext, None]) -> ShopHealth:
        """Recent health of the platform."""
        return info.context.shop_health(self.key_name)

    @derived(
        "The calls to its platform in each minute of the last hour, the oldest first. Needs the"
        " scope ops:read.",
        needs=(Scope.OPS_READ,),
    )
    def calls(self, info: Info[RequestContext, None]) -> list[ShopCalls] | None:
        """The calls of the last hour by minute."""
        if not info.context.permits(selected_field(info), (Scope.OPS_READ,)):
            return None
        return info.context.shop_calls(self.key_name)

    @derived(
        "The products of the shop. Needs the scope catalog:read.",
        needs=(Scope.CATALOG_READ,),
    )
    async def products(  # noqa: PLR0913 - those of the field
        self,
        info: Info[RequestContext, None],
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: Annotated["ProductFilter", strawberry.lazy("schema.product")] | None = None,
        sort_key: Annotated["ProductSortKey", strawberry.lazy("schema.product")] | None = None,
        reverse: bool | None = None,
    ) -> Annotated["ProductConnection", strawberry.lazy("schema.product")] | None:
        """The shop's products; shops in the filter are limited to this one."""
        if not info.context.permits(selected_field(info), (Scope.CATALOG_READ,)):
            return None
        return await info.context.lists.products(
            ConnectionArguments(first, after, last, before),
            ProductListArguments(filter, sort_key, bool(reverse)),
            self.key_name,
        )

    @derived(
        "The orders of the shop, newest first. Needs the scope orders:read.",
        needs=(Scope.ORDERS_READ,),
    )
    async def orders(  # noqa: PLR0913 - those of the field
        self,
        info: Info[RequestContext, None],
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: Annotated["OrderFilter", strawberry.lazy("schema.order")] | None = None,
        sort_key: Annotated["OrderSortKey", strawberry.lazy("schema.order")] | None = None,
        reverse: bool | None = None,
    ) -> Annotated["OrderConnection", strawberry.lazy("schema.order")] | None:
        """The shop's orders; shops in the filter are limited to this one."""
        scopes = (Scope.ORDERS_READ, *scopes_asked(filter))
        if not info.context.permits(selected_field(info), scopes):
            return None
        return await info.context.lists.orders(
            ConnectionArguments(first, after, last, before),
            OrderListArguments(filter, sort_key, bool(reverse)),
            self.key_name,
        )

    @derived(
        "The shelves of the shop. Needs the scope catalog:read.",
        needs=(Scope.CATALOG_READ,),
    )
    async def shelves(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["ShelfConnection", strawberry.lazy("schema.shelf")] | None:
        """The shop's shelves."""
        if not info.context.permits(selected_field(info), (Scope.CATALOG_READ,)):
            return None
        return await info.context.lists.shelves(first, after, self.key_name)


@public_type
class Viewer:
    """The caller, identified by its API key."""

    name: str = described("The name of the API key.")
    scopes: list[str] = described("The scopes of the API key.")
    shops: list[Shop] = described("The shops that the API key can see.")
