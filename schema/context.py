"""What public types read from the context of a request."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from graphql import FieldNode
from graphql.pyutils import Path

from schema.key import Key
from schema.scope import Scope

if TYPE_CHECKING:
    from schema.order import Order, OrderConnection, OrderFilter, OrderSortKey
    from schema.order_status import OrderStatus
    from schema.product import ProductConnection, ProductFilter, ProductSortKey
    from schema.push import PushConnection
    from schema.shelf import ShelfConnection
    from schema.shop import ShopCalls, ShopHealth
    from schema.webhook import (
        WebhookDeliveryConnection,
        WebhookDeliveryState,
        WebhookEndpoint,
    )


class Loader(Protocol):
    """A data loader: loads the keys of one level of a query in one batch."""

    def load(self, key: Any) -> Any:
        """An awaitable of the object with this key; None if it no longer exists."""

    def load_many(self, keys: Sequence[Any]) -> Any:
        """The same for several keys, in order."""


class ConnectionArguments(NamedTuple):
    """The arguments of a connection that choose the page, as clients sent them."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


class OrderListArguments(NamedTuple):
    """The arguments of a list of orders that choose its entries and their order."""

    filter: "OrderFilter | None"
    sort_key: "OrderSortKey | None"
    reverse: bool


class ProductListArguments(NamedTuple):
    """The arguments of a list of products that choose its entries and their order."""

    filter: "ProductFilter | None"
    sort_key: "ProductSortKey | None"
    reverse: bool


class Lists(Protocol):
    """Lists that are fields of a type; each answers like the root field of the same name."""

    async def products(
        self, page: ConnectionArguments, listing: ProductListArguments, shop: str
    ) -> "ProductConnection | None":
        """The products of one shop."""

    async def group_products(
        self, first: int | None, after: str | None, group: Key
    ) -> "ProductConnection | None":
        """The products of one group, in the group's order."""

    async def orders(
        self, page: ConnectionArguments, listing: "OrderListArguments", shop: str
    ) -> "OrderConnection | None":
        """The orders of one shop."""

    async def shelves(
        self, first: int | None, after: str | None, shop: str
    ) -> "ShelfConnection | None":
        """The shelves of one shop."""

    async def order_pushes(
        self, first: int | None, after: str | None, order: Key
    ) -> "PushConnection | None":
        """The pushes of one order, newest first."""

    async def order_deliveries(
        self, first: int | None, after: str | None, order: Key
    ) -> "WebhookDeliveryConnection":
        """What webhook endpoints were told of one order, newest first."""

    async def endpoint_deliveries(
        self,
        first: int | None,
        after: str | None,
        states: "list[WebhookDeliveryState] | None",
        endpoint: "WebhookEndpoint",
    ) -> "WebhookDeliveryConnection":
        """The deliveries to one webhook endpoint, newest first."""


class RequestContext(Protocol):
    """The context of one request: the caller, and the data loaders."""

    @property
    def loaders(self) -> Any:
        """The request's data loaders, by attribute; see `resolvers.loaders`."""

    @property
    def revealed(self) -> list[Any]:
        """The records whose personal data was shown so far; one may be there several times."""

    @property
    def lists(self) -> Lists:
        """Lists that are fields of a type."""

    def related(self, loader: str, key: Any, path: Path) -> Awaitable[Any]:
        """What a loader has for the key; a stale copy is told of at the field's path."""

    def permits(self, field: FieldNode, scopes: tuple[Scope, ...]) -> bool:
        """Whether the caller holds all scopes; raises Forbidden once per selected field if not."""

    def shop_health(self, shop: str) -> "ShopHealth":
        """Recent health of the shop's platform."""

    def shop_calls(self, shop: str) -> list["ShopCalls"]:
        """The calls to the shop's platform in each minute of the last hour."""

    async def changed_order(
        self, key: Key, status: "OrderStatus | None", at: datetime, path: Path
    ) -> "Order | None":
        """The order of a change to that status at that time, at least as recent as the change.

        Where only a stale copy can be had, that is told of at the field's path.
        """
