"""Looks every few seconds at what waits in the ledger, for the figures."""

import asyncio
from collections.abc import Callable, Collection
from typing import Final, Protocol

import structlog

from gateway.errors import GatewayError
from gateway.store.store import Store

#: Seconds between two looks.
_EVERY: Final = 15.0

_log = structlog.stdlib.get_logger(__name__)


class BacklogObserver(Protocol):
    """Is told how much waits."""

    def waiting(self, shop: str, pushes: int, oldest: float, events: int) -> None:
        """Of a shop: pushes, the seconds since the oldest was queued, and platforms' events."""


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

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.once()
            except GatewayError as failure:
                _log.info("what waits cannot be counted", failure=type(failure).__name__)
            await asyncio.sleep(_EVERY)

    async def once(self) -> None:
        """Tell how much waits now; raises StoreUnavailable."""
        pushes = await self._store.pushes.backlog()
        events = await self._store.inbox.backlog()
        # Whatever waited once is told to be gone later.
        self._shops |= pushes.keys() | events.keys()
        now = self._now()
        for shop in self._shops:
            count, since = pushes.get(shop, (0, now))
            self._observer.waiting(shop, count, max(0.0, now - since), events.get(shop, 0))
