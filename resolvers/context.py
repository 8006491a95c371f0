"""One request as resolvers see it: who asks, how fresh, and the loaders that gather look-ups."""

from collections.abc import Hashable
from datetime import datetime
from functools import cached_property

import msgspec
from graphql import FieldNode

from gateway.cache_control import note
from gateway.errors import Forbidden
from gateway.ports import ReadOptions
from gateway.services import Services
from gateway.services.failures import public_failure
from gateway.services.viewer import Viewer
from resolvers.lists import TypeLists
from resolvers.loaders import Loaders
from schema.key import Key
from schema.order import Order
from schema.order_status import OrderStatus
from schema.platform import Availability
from schema.scope import Scope
from schema.shop import ShopHealth


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the edge knows of a request before anything is resolved."""

    viewer: Viewer
    request_id: str
    reading: ReadOptions


class Context:
    """One request; made by the edge, read by every resolver."""

    def __init__(self, services: Services, facts: RequestFacts) -> None:
        self.services = services
        self.viewer = facts.viewer
        self.request_id = facts.request_id
        self.reading = facts.reading
        self._granted: dict[tuple[Scope, ...], bool] = {}
        self._refused: set[int] = set()

    @property
    def caller(self) -> str:
        """Who spends the points: the key's name."""
        return self.viewer.name

    @property
    def caller_id(self) -> str:
        """Whose idempotency keys these are: tells one key from another, also of the same name."""
        return self.viewer.key_id

    @property
    def asker(self) -> Hashable | None:
        """Who may be given the same answer; None where the platforms shall be read afresh."""
        return None if self.reading.fresh else self.viewer

    # Made when they are first read: a request that shares another's answer needs neither.

    @cached_property
    def loaders(self) -> Loaders:
        """What relations read."""
        return Loaders(self.services, self.viewer, self.reading)

    @cached_property
    def lists(self) -> TypeLists:
        """Lists below a type."""
        return TypeLists(self)

    def forget(self) -> None:
        """Let relations be looked up anew: mutations of one request follow one another."""
        self.__dict__.pop("loaders", None)

    def permits(self, field: FieldNode, scopes: tuple[Scope, ...]) -> bool:
        """Whether the caller holds all scopes.

        Raises:
            Forbidden: it does not, and this selected field was not refused before: one error a
                selected field, not one a row.
        """
        granted = self._granted.get(scopes)
        if granted is None:
            granted = self._granted[scopes] = self.viewer.scopes.issuperset(scopes)
        if granted:
            return True
        selected = id(field)
        if selected in self._refused:
            return False
        self._refused.add(selected)
        missing = " and ".join(scope for scope in scopes if scope not in self.viewer.scopes)
        raise Forbidden(f"{field.name.value} needs the scope {missing}, which this key lacks.")

    async def changed_order(
        self, key: Key, status: OrderStatus | None, at: datetime
    ) -> Order | None:
        """The order of a change, not older than the change."""
        following = self.services.following
        return await following.as_changed(key, status, at, self.viewer, self.reading)

    def shop_health(self, shop: str) -> ShopHealth:
        """How the shop's platform has fared lately."""
        note(0.0)
        adapter = self.services.directory.find(shop, self.viewer)
        if adapter is None:
            return ShopHealth(availability=Availability.UNKNOWN)
        now = adapter.health()
        return ShopHealth(
            availability=now.availability,
            checked_at_data=now.checked_at,
            last_success_at_data=now.last_success_at,
            last_error_data=public_failure(now.last_error) if now.last_error else None,
            token_expires_at_data=now.token_expires_at,
        )
