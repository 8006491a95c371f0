"""Subscriptions: changes of orders and of shops' health, as they happen."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Self

from gateway.concurrency.lru_cache import LruCache
from gateway.errors import BadUserInput
from gateway.feed.health_changes import HealthChange, HealthFeed
from gateway.feed.order_changes import (
    PAGE,
    OrderChangeFeed,
    read_change_cursor,
    write_change_cursor,
)
from gateway.ledger.mapping.order import parcel_of
from gateway.ledger.mapping.parts import moment
from gateway.ports import ReadOptions
from gateway.services.batch_by_shop import raised
from gateway.services.directory import Directory
from gateway.services.order_listings import indexed_fields
from gateway.services.orders import OrderService
from gateway.services.viewer import Viewer
from gateway.store.order_changes import OrderChanges, StoredOrderChange
from gateway.store.row_numbers import RowNumbers
from gateway.store.store import Store
from schema.key import Key
from schema.node import PageInfo
from schema.order import Order, OrderFilter
from schema.order_change import OrderChange, OrderChangeCause, OrderChangePage
from schema.order_status import OrderStatus
from schema.shop import Shop

#: Seconds after which a cached order is certainly newer than a change.
_LONG: Final = 600.0
#: Events kept, so that they are made once for all followers.
_EVENTS: Final = 1_000
#: Reads of the ledger for one page of changes, however few of them match.
_MOST_READ: Final = 4


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
            BadUserInput: an unknown shop, a cursor of something else, or an unfit filter.
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

    async def order_changes_page(
        self, chosen: OrderFilter | None, since: str | None, first: int, viewer: Viewer
    ) -> OrderChangePage:
        """At most `first` changes after `since` that match the filter; None: begin now.

        Of changes that do not match, a page passes so many: it may be short, and not the last.

        Raises: as `order_changes`.
        """
        wanted = ChangeFilter(chosen or OrderFilter(), self._directory, viewer, self._changes)
        after = None if since is None else read_change_cursor(since, self._numbers)
        passed = await self._feed.start_of(after)
        found: list[StoredOrderChange] = []
        more = after is not None
        for _ in range(_MOST_READ):
            changes = await self._feed.committed_after(passed) if more else ()
            for change in changes:
                if len(found) == first:
                    break
                passed = change.cursor
                if wanted.matches(change):
                    found.append(change)
            else:
                more = len(changes) == PAGE
                if more:
                    continue
            break
        nodes = [self._shown(change) for change in found]
        return OrderChangePage(
            nodes=nodes,
            page_info=PageInfo(
                has_next_page=more,
                has_previous_page=since is not None,
                start_cursor=nodes[0].cursor if nodes else None,
                end_cursor=self._cursor(passed),
            ),
        )

    def is_behind(self, order: Order, status: OrderStatus | None, at: datetime) -> bool:
        """Whether an order as read may be older than a change to `status`, recorded `at` then."""
        # Later it is certainly newer: else each change would cost two platform calls when a
        # subscriber was away for long.
        return status not in (None, order.status) and self._now() - at.timestamp() <= _LONG

    async def read_again(self, key: Key, viewer: Viewer, reading: ReadOptions) -> Order | None:
        """The order, past every cache."""
        fresh = ReadOptions(fresh=True, deadline=reading.deadline)
        return raised((await self._orders.get_many([key], viewer, fresh))[0])

    def _shown(self, change: StoredOrderChange) -> OrderChange:
        event = self._events.get(change.cursor)
        if event is None:
            event = shown_change(change, self._directory, self._numbers)
            self._events.put(change.cursor, event)
        return event

    def _cursor(self, number: int) -> str:
        return write_change_cursor(number, self._numbers)


class ChangeFilter:
    """The changes that a filter chooses for one viewer.

    Raises BadUserInput for an unknown shop, and for what changes do not tell.
    """

    def __init__(
        self, chosen: OrderFilter, directory: Directory, viewer: Viewer, changes: OrderChanges
    ) -> None:
        unmatched = [name for name in indexed_fields(chosen) if name != "platformIds"]
        if chosen.copies is not None:
            unmatched.append("copies")
        if unmatched:
            named = ", ".join(f"`{name}`" for name in unmatched)
            raise BadUserInput(f"Changes cannot be filtered by {named}.")
        shops = directory.select(viewer, chosen.shops, chosen.platforms)
        self._ids = None if chosen.platform_ids is None else frozenset(chosen.platform_ids)
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
        if self._ids is not None and change.platform_id not in self._ids:
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


def shown_change(
    change: StoredOrderChange, directory: Directory, numbers: RowNumbers
) -> OrderChange:
    """A stored change as the API shows it."""
    before, parcel = change.previous_status, change.shipment
    key = Key("Order", change.shop, change.platform_id, change.partner_app_id or "")
    return OrderChange(
        key=key,
        cursor=write_change_cursor(change.cursor, numbers),
        status=None if change.status is None else OrderStatus(change.status),
        previous_status=None if before is None else OrderStatus(before),
        platform_status=change.platform_status,
        paid_at=moment(change.paid_at),
        parcel=(
            None
            if parcel is None
            else parcel_of(key, parcel.number or 1, parcel, directory.carriers(change.shop))
        ),
        cause=OrderChangeCause(change.cause),
        at=datetime.fromtimestamp(change.written_at, UTC),
    )


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()
