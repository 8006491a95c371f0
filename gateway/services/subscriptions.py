"""Subscriptions: changes of orders and of shops' health, as they happen."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Self

from gateway.concurrency.lru_cache import LruCache
from gateway.feed.health_changes import HealthChange, HealthFeed
from gateway.feed.order_changes import OrderChangeFeed
from gateway.ports import ReadOptions
from gateway.services.batch_by_shop import raised
from gateway.services.cursor import read_change_cursor, write_change_cursor
from gateway.services.directory import Directory
from gateway.services.orders import OrderService
from gateway.services.viewer import Viewer
from gateway.store.order_changes import OrderChanges, StoredOrderChange
from gateway.store.row_numbers import RowNumbers
from gateway.store.store import Store
from schema.key import Key
from schema.order import Order, OrderFilter
from schema.order_change import OrderChange, OrderChangeCause
from schema.order_status import OrderStatus
from schema.shop import Shop

#: Seconds after which a cached order is certainly newer than a change.
_LONG: Final = 600.0
#: Events kept, so that they are made once for all followers.
_EVENTS: Final = 1_000


class OrderChangeEvents:
    """An endless iterator of the changes that match; cancelling a step loses none of them.

    `event_number` identifies the change that was given last: it is the same for every follower.
    """

    def __init__(
        self,
        feed: OrderChangeFeed,
        wanted: "ChangeFilter",
        start: int,
        show: Callable[[StoredOrderChange], OrderChange],
        write_cursor: Callable[[int], str],
    ) -> None:
        self._feed = feed
        self._wanted = wanted
        self._show = show
        self._write_cursor = write_cursor
        self._ahead: Sequence[StoredOrderChange] = ()
        self._next = 0
        #: The changes up to this one were given, or do not match.
        self._passed = start
        self.event_number = start

    @property
    def position(self) -> str | None:
        """The cursor to resume at: all that matches up to there was given."""
        return self._write_cursor(self._passed)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> OrderChange:
        """The next change.

        Raises:
            CursorExpired: it was deleted before it could be read.
            StoreUnavailable: the ledger cannot be read.
        """
        while True:
            while self._next < len(self._ahead):
                change = self._ahead[self._next]
                self._next += 1
                self._passed = change.cursor
                if self._wanted.matches(change):
                    self.event_number = change.cursor
                    return self._show(change)
            self._next, self._ahead = 0, ()
            self._ahead = await self._feed.after(self._passed)

    async def aclose(self) -> None:
        """Nothing is held."""


class HealthEvents:
    """An endless iterator of the viewer's shops, each time the health of one changes."""

    #: A follower that comes back is given what changes from then on.
    position: None = None

    def __init__(self, feed: HealthFeed, shops: frozenset[str]) -> None:
        self._feed = feed
        self._shops = shops
        self._ahead: Sequence[HealthChange] = ()
        self._next = 0
        self.event_number = feed.start()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Shop:
        """The next shop whose health changed."""
        while True:
            while self._next < len(self._ahead):
                change = self._ahead[self._next]
                self._next += 1
                self.event_number = change.number
                if change.shop.key_name in self._shops:
                    return change.shop
            self._next, self._ahead = 0, ()
            self._ahead = await self._feed.after(self.event_number)

    async def aclose(self) -> None:
        """Nothing is held."""


class SubscriptionService:
    """The events of subscriptions."""

    def __init__(
        self,
        directory: Directory,
        orders: OrderService,
        store: Store,
        feed: OrderChangeFeed,
        health: HealthFeed,
        now: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._orders = orders
        self._changes = store.order_changes
        self._numbers = store.row_numbers
        self._feed = feed
        self._health = health
        self._now = now
        self._events: LruCache[int, OrderChange] = LruCache(max_entries=_EVENTS)

    async def order_changes(
        self, chosen: OrderFilter | None, since: str | None, viewer: Viewer
    ) -> OrderChangeEvents:
        """The changes after `since` that match the filter for the viewer.

        Raises:
            BadUserInput: an unknown shop, or a cursor of something else.
            CursorExpired: the changes after the cursor have been pruned.
            StoreUnavailable: the ledger cannot be read.
        """
        wanted = ChangeFilter(chosen or OrderFilter(), self._directory, viewer, self._changes)
        after = None if since is None else read_change_cursor(since, self._numbers)
        start = await self._feed.start_of(after)
        return OrderChangeEvents(self._feed, wanted, start, self._shown, self._cursor)

    def health_changes(self, viewer: Viewer) -> HealthEvents:
        """The viewer's shops, each time the health of one changes."""
        shops = frozenset(adapter.shop.key_name for adapter in self._directory.all(viewer))
        return HealthEvents(self._health, shops)

    async def as_changed(
        self,
        key: Key,
        status: OrderStatus | None,
        at: datetime,
        viewer: Viewer,
        reading: ReadOptions,
    ) -> Order | None:
        """The order of a change, not older than the change."""
        order = await self._read(key, viewer, reading)
        if order is None or status in (None, order.status) or self._now() - at.timestamp() > _LONG:
            # Else each change would cost two platform calls when a subscriber was away for long.
            return order
        # The cache of this process may be older than the change.
        return await self._read(key, viewer, ReadOptions(fresh=True, deadline=reading.deadline))

    async def _read(self, key: Key, viewer: Viewer, reading: ReadOptions) -> Order | None:
        return raised((await self._orders.get_many([key], viewer, reading))[0])

    def _shown(self, change: StoredOrderChange) -> OrderChange:
        event = self._events.get(change.cursor)
        if event is None:
            event = shown_change(change, self._numbers)
            self._events.put(change.cursor, event)
        return event

    def _cursor(self, number: int) -> str:
        return write_change_cursor(number, self._numbers)


class ChangeFilter:
    """The changes that a filter chooses for one viewer."""

    def __init__(
        self, chosen: OrderFilter, directory: Directory, viewer: Viewer, changes: OrderChanges
    ) -> None:
        shops = directory.select(viewer, chosen.shops, chosen.platforms)
        self._shops = frozenset(adapter.shop.key_name for adapter in shops)
        self._statuses = (
            None
            if chosen.statuses is None
            else frozenset(status.value for status in chosen.statuses)
        )
        self._from = _seconds(chosen.created_from)
        self._to = _seconds(chosen.created_to)
        self._buyers = (
            None
            if chosen.buyer_open_id is None
            else {shop: changes.buyer_indexes(shop, chosen.buyer_open_id) for shop in self._shops}
        )

    def matches(self, change: StoredOrderChange) -> bool:
        """Whether the filter matches; a deleted order counts by the status that it had."""
        if change.shop not in self._shops:
            return False
        if self._statuses is not None:
            status = change.previous_status if change.status is None else change.status
            if status not in self._statuses:
                return False
        if self._buyers is not None and change.buyer not in self._buyers[change.shop]:
            return False
        return self._in_time(change.created_at)

    def _in_time(self, created_at: int | None) -> bool:
        if self._from is None and self._to is None:
            return True
        if created_at is None:
            return False
        after = self._from is None or created_at >= self._from
        return after and (self._to is None or created_at < self._to)


def shown_change(change: StoredOrderChange, numbers: RowNumbers) -> OrderChange:
    """A stored change as the API shows it."""
    before = change.previous_status
    return OrderChange(
        key=Key("Order", change.shop, change.platform_id, change.partner_app_id or ""),
        status=None if change.status is None else OrderStatus(change.status),
        cursor=write_change_cursor(change.cursor, numbers),
        previous_status=None if before is None else OrderStatus(before),
        cause=OrderChangeCause(change.cause),
        at=datetime.fromtimestamp(change.written_at, UTC),
    )


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
