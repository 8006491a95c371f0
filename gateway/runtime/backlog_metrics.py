"""Backlog metrics: counts what waits in the ledger, and says how far the index reaches."""

from collections.abc import Callable, Collection
from typing import Final, Protocol

from gateway.store.index_progress import IndexReach
from gateway.store.store import Store

#: Seconds between two counts.
EVERY: Final = 15.0


class BacklogObserver(Protocol):
    """Metrics of the backlog."""

    def pushes_waiting(self, shop: str, count: int, oldest: float) -> None:
        """So many pushes of a shop are undelivered, the oldest for so many seconds."""

    def events_waiting(self, shop: str, count: int, oldest: float) -> None:
        """So many events of a shop are not done, the oldest for so many seconds."""

    def webhooks_waiting(self, oldest: float) -> None:
        """The oldest webhook that is still to be sent waits for so many seconds; 0: none does."""

    def index_reached(self, shop: str, kind: str, at: float | None, *, complete: bool) -> None:
        """The index was last compared then (unix seconds, None: never); whether all is in it."""


class BacklogMetrics:
    """Of these shops, and of others for which something waits; `now` gives unix seconds."""

    def __init__(
        self,
        store: Store,
        shops: Collection[str],
        now: Callable[[], float],
        observer: BacklogObserver,
        indexed: Collection[tuple[str, str]] = (),
    ) -> None:
        """`indexed` are the shops and kinds that the index is to have."""
        self._store = store
        self._indexed = indexed
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
            self._observer.pushes_waiting(shop, count, max(0.0, now - since))
            count, since = events.get(shop, (0, now))
            self._observer.events_waiting(shop, count, max(0.0, now - since))
        oldest = await self._store.webhook_deliveries.oldest_pending()
        self._observer.webhooks_waiting(0.0 if oldest is None else max(0.0, now - oldest))
        for kind in sorted({kind for _, kind in self._indexed}):
            await self._look_at_index(kind, [shop for shop, of in self._indexed if of == kind])

    async def _look_at_index(self, kind: str, shops: Collection[str]) -> None:
        known = await self._store.index_progress.of_shops(kind, shops)
        for shop in shops:
            reach = known.get(shop, IndexReach(shop=shop, kind=kind))
            self._observer.index_reached(shop, kind, reach.in_step_at, complete=reach.done)
