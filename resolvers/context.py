"""The context of one request: the caller, the cache policy and the data loaders."""

from collections.abc import Awaitable, Hashable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from types import TracebackType
from typing import Any

import msgspec
from graphql import FieldNode
from graphql.pyutils import Path

from gateway.audit import AuditLog, Origin
from gateway.cache_control import note
from gateway.errors import Forbidden
from gateway.ports import ReadOptions
from gateway.services import Services
from gateway.services.failures import public_failure
from gateway.services.viewer import Viewer
from gateway.stale_reads import StaleRead, StaleReads
from resolvers.lists import TypeLists
from resolvers.loaders import Loaders
from schema.key import Key
from schema.order import Order
from schema.order_status import OrderStatus
from schema.platform import Availability
from schema.scalars import write_datetime
from schema.scope import Scope
from schema.shop import ShopCalls, ShopHealth


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the HTTP layer knows about a request before resolvers run."""

    viewer: Viewer
    request_id: str
    #: How lists are read.
    reading: ReadOptions
    #: The client's address, if the server knows it.
    peer: str | None = None


class Context:
    """The context of one request: made by the HTTP layer, read by every resolver."""

    def __init__(
        self, services: Services, facts: RequestFacts, audit: AuditLog | None = None
    ) -> None:
        """Without `audit` nothing is written to the audit log."""
        self.services = services
        self.audit = audit
        self._peer = facts.peer
        #: The records whose personal data was shown so far; one may be there several times.
        self.revealed: list[Any] = []
        self.viewer = facts.viewer
        self.request_id = facts.request_id
        self.reading = facts.reading
        self._stale: dict[tuple[str | int, ...], StaleRead] = {}
        self._granted: dict[tuple[Scope, ...], bool] = {}
        self._refused: set[int] = set()

    @property
    def origin(self) -> Origin:
        """Who asks, for the audit log."""
        return Origin(self.viewer.name, self.request_id, self._peer)

    @property
    def caller(self) -> str:
        """The API key's name, whose rate limit is charged."""
        return self.viewer.name

    @property
    def caller_id(self) -> str:
        """The API key's id, which scopes idempotency keys: unlike the name, it is unique."""
        return self.viewer.key_id

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of the API key."""
        return self.viewer.scopes

    def sees(self, shop: str) -> bool:
        """Whether the API key is bound to the shop."""
        return self.viewer.sees(shop)

    @property
    def asker(self) -> Hashable | None:
        """Equal for requests that may share one execution; None: platforms must be read afresh."""
        return None if self.reading.fresh else self.viewer

    @property
    def visibility(self) -> Hashable:
        """Equal for callers who see the same: with the same scopes, bound to the same shops."""
        return self.viewer.scopes, self.viewer.bound_to

    # Lazy: a request that shares another's answer needs neither.

    @cached_property
    def reading_one(self) -> ReadOptions:
        """How single things and relations are read: a fresh read never returns an older copy.

        A list reports older copies in its `sources` instead.
        """
        if not self.reading.fresh:
            return self.reading
        return msgspec.structs.replace(self.reading, strict=True)

    @cached_property
    def loaders(self) -> Loaders:
        """The request's data loaders."""
        return Loaders(self.services, self.viewer, self.reading_one)

    @cached_property
    def lists(self) -> TypeLists:
        """Lists that are fields of a type."""
        return TypeLists(self)

    def forget(self) -> None:
        """Drops the data loaders, so that the next mutation of the request reads fresh data."""
        self.__dict__.pop("loaders", None)

    def related(self, loader: str, key: Any, path: Path) -> Awaitable[Any]:
        """The loader's value of the key; a stale copy is reported at the field's path."""
        found: Awaitable[Any] = getattr(self.loaders, loader).load(
            key, partial(self.note_stale, path)
        )
        return found

    def single(self, path: Path) -> "SingleRead":
        """A block that reads a field's single thing; a stale copy is reported at its path."""
        return SingleRead(self, path)

    def note_stale(self, path: Path, read: StaleRead) -> None:
        """Records that the value at the path was made from a stale copy."""
        self._stale[tuple(path.as_list())] = read

    @property
    def stale_reads(self) -> Sequence[Mapping[str, Any]]:
        """`extensions.stale` of the answer: empty if nothing stale was read."""
        return [
            {"path": path, "shop": read.shop, "since": write_datetime(read.since)}
            for path, read in sorted(self._stale.items())
        ]

    def permits(self, field: FieldNode, scopes: tuple[Scope, ...]) -> bool:
        """Whether the caller holds all scopes.

        Raises:
            Forbidden: a scope is missing and this selected field was not refused before: one error
                for each selected field, not for each row.
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
        raise Forbidden(
            f"{field.name.value} needs the scope {missing}, which this API key does not have."
        )

    async def changed_order(
        self, key: Key, status: OrderStatus | None, at: datetime, path: Path
    ) -> Order | None:
        """The order of a change, at least as recent as the change; a stale copy is reported."""
        order: Order | None = await self.related("order", key, path)
        following = self.services.following
        if order is None or not following.is_behind(order, status, at):
            return order
        # The cache of this process may be older than the change.
        with self.single(path) as reading:
            return await following.read_again(key, self.viewer, reading)

    def shop_health(self, shop: str) -> ShopHealth:
        """Recent health of the shop's platform."""
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

    def shop_calls(self, shop: str) -> list[ShopCalls]:
        """The calls to the shop's platform in each minute of the last hour, the oldest first."""
        note(0.0)
        adapter = self.services.directory.find(shop, self.viewer)
        return [] if adapter is None else list(adapter.calls())


class SingleRead:
    """Reads a field's single thing, then reports a stale copy."""

    __slots__ = ("_context", "_gathered", "_path")

    def __init__(self, context: Context, path: Path) -> None:
        self._context = context
        self._path = path
        self._gathered = StaleReads()

    def __enter__(self) -> ReadOptions:
        self._gathered.__enter__()
        return self._context.reading_one

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._gathered.__exit__(kind, error, traceback)
        if kind is None and (read := self._gathered.oldest) is not None:
            self._context.note_stale(self._path, read)
