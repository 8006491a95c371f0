"""Subscriptions: changes of orders and of shops' health, as they happen."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final

from gateway.feed.health_changes import health_changes
from gateway.feed.order_changes import OrderChangeFeed
from gateway.ports import ReadOptions
from gateway.services.batch_by_shop import raised
from gateway.services.cursor import read_change_cursor, write_change_cursor
from gateway.services.directory import Directory
from gateway.services.orders import OrderService
from gateway.services.viewer import Viewer
from gateway.store.order_changes import OrderChanges, StoredOrderChange
from gateway.store.row_numbers import RowNumbers
from schema.key import Key
from schema.order import Order, OrderFilter
from schema.order_change import OrderChange, OrderChangeCause
from schema.order_status import OrderStatus
from schema.shop import Shop

#: Seconds after which a cached order is certainly newer than a change.
_LONG: Final = 600.0


class SubscriptionService:
    """The events of subscriptions."""

    def __init__(
        self,
        directory: Directory,
        orders: OrderService,
        changes: OrderChanges,
        feed: OrderChangeFeed,
        numbers: RowNumbers,
        now: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._orders = orders
        self._changes = changes
        self._feed = feed
        self._numbers = numbers
        self._now = now

    async def order_changes(
        self, chosen: OrderFilter | None, since: str | None, viewer: Viewer
    ) -> AsyncGenerator[OrderChange, None]:
        """An endless stream of the changes after `since` that match the filter for the viewer.

        Raises:
            BadUserInput: an unknown shop, or a cursor of something else.
            CursorExpired: the changes after the cursor have been pruned.
            StoreUnavailable: the ledger cannot be read.
        """
        wanted = ChangeFilter(chosen or OrderFilter(), self._directory, viewer, self._changes)
        after = None if since is None else read_change_cursor(since, self._numbers)
        start = await self._feed.start_of(after)
        return self._matching(wanted, start)

    def health_changes(self, viewer: Viewer) -> AsyncGenerator[Shop, None]:
        """An endless stream of the viewer's shops, each time the health of one changes."""
        return self._faring(viewer)

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

    async def _matching(
        self, wanted: "ChangeFilter", start: int
    ) -> AsyncGenerator[OrderChange, None]:
        async with aclosing(self._feed.follow(start)) as changes:
            async for change in changes:
                if wanted.matches(change):
                    yield shown_change(change, self._numbers)

    async def _faring(self, viewer: Viewer) -> AsyncGenerator[Shop, None]:
        async with aclosing(health_changes(self._directory.all(viewer))) as changed:
            async for adapter in changed:
                yield adapter.shop


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
