"""Backlog metrics: counts the messages and events that wait in the ledger."""

from collections.abc import Callable, Collection
from typing import Final, Protocol

from gateway.store.store import Store

#: Seconds between two counts.
EVERY: Final = 15.0


class BacklogObserver(Protocol):
    """Metrics of the backlog."""

    def waiting(self, shop: str, pushes: int, oldest: float, events: int) -> None:
        """Of a shop: undelivered pushes, seconds since the oldest was queued, open events."""


class BacklogMetrics:
    """Of these shops, and of others for which something waits; `now` gives unix seconds."""

    def __init__(
        self,
        store: Store,
        shops: Collection[str],
        now: Callable[[], float],
        observer: BacklogObserver,
    ) -> None:
        self._store = store
        self._shops = set(shops)
        self._now = now
        self._observer = observer

    async def once(self) -> None:
        """Count once; raises StoreUnavailable."""
        pushes = await self._store.pushes.backlog()
        events = await self._store.inbox.backlog()
        # A shop that had a backlog once is reported with 0 later.
        self._shops |= pushes.keys() | events.keys()
        now = self._now()
        for shop in self._shops:
            count, since = pushes.get(shop, (0, now))
            self._observer.waiting(shop, count, max(0.0, now - since), events.get(shop, 0))
