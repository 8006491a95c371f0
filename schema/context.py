"""What the types of the public schema need from a request."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from graphql import FieldNode

from schema.key import Key
from schema.scope import Scope

if TYPE_CHECKING:
    from schema.order import Order, OrderConnection, OrderFilter
    from schema.order_status import OrderStatus
    from schema.product import ProductConnection, ProductFilter
    from schema.push import PushConnection
    from schema.shelf import ShelfConnection
    from schema.shop import ShopHealth


class Loader(Protocol):
    """Gathers the keys of one level of a query and looks them up together."""

    def load(self, key: Any) -> Any:
        """An awaitable of what the key stands for; None where it no longer exists."""

    def load_many(self, keys: Sequence[Any]) -> Any:
        """The same for several keys, in their order."""


class Lists(Protocol):
    """Lists that hang on a type; each answers like the root field of the same name."""

    async def products(
        self, first: int | None, after: str | None, filter: "ProductFilter | None", shop: str
    ) -> "ProductConnection | None":
        """The products of one shop."""

    async def group_products(
        self, first: int | None, after: str | None, group: Key
    ) -> "ProductConnection | None":
        """The products of one group, in the group's order."""

    async def orders(
        self, first: int | None, after: str | None, filter: "OrderFilter | None", shop: str
    ) -> "OrderConnection | None":
        """The orders of one shop."""

    async def shelves(
        self, first: int | None, after: str | None, shop: str
    ) -> "ShelfConnection | None":
        """The shelves of one shop."""

    async def order_pushes(
        self, first: int | None, after: str | None, order: Key
    ) -> "PushConnection | None":
        """What was pushed of one order, newest first."""


class RequestContext(Protocol):
    """One request: who asks, and the loaders that gather its look-ups."""

    @property
    def loaders(self) -> Any:
        """The request's loaders, each an attribute; see `resolvers.loaders`."""

    @property
    def lists(self) -> Lists:
        """Lists below a type."""

    def permits(self, field: FieldNode, scopes: tuple[Scope, ...]) -> bool:
        """Whether the caller holds all scopes; raises Forbidden once per selected field if not."""

    def shop_health(self, shop: str) -> "ShopHealth":
        """How the shop's platform has fared lately."""

    async def changed_order(
        self, key: Key, status: "OrderStatus | None", at: datetime
    ) -> "Order | None":
        """The order of a change to that status at that time, not older than the change."""
