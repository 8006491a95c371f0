"""Lets go of what was kept long enough: personal data, changes, events, idempotency keys."""

import asyncio
from collections.abc import Collection
from typing import Final

import structlog

from gateway.concurrency.clock import DAY
from gateway.errors import GatewayError
from gateway.store.store import Store

#: Seconds for which the outcome of a mutation can be asked for again; a day is promised.
_OUTCOMES: Final = 2 * DAY
#: Seconds for which an event that is done is known again; platforms repeat for some hours.
_EVENTS: Final = 30 * DAY
#: Seconds between two rounds.
_HOUR: Final = 3_600.0

_log = structlog.stdlib.get_logger(__name__)


class RetentionJob:
    """Goes round once an hour, and at the start; several processes do no harm to one another.

    `shops` are those that take pushes: what waits for another one is told of in the log.
    """

    def __init__(
        self, store: Store, shops: Collection[str], *, retention_days: int, changes_days: int
    ) -> None:
        self._store = store
        self._shops = shops
        self._personal = retention_days * DAY
        self._changes = changes_days * DAY

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            try:
                await self.once()
            except GatewayError as error:
                _log.warning("nothing could be let go of", error=error.message)
            await asyncio.sleep(_HOUR)

    async def once(self) -> None:
        """Erase personal data, forget changes, events and idempotency keys that had their time.

        Raises:
            StoreUnavailable: the ledger cannot be read or written.
        """
        async with self._store.transaction() as transaction:
            erased = await self._store.personal.erase_older_than(transaction, self._personal)
            forgotten = await self._store.order_changes.prune(transaction, self._changes)
            await self._store.idempotency.prune(transaction, _OUTCOMES)
            await self._store.inbox.prune(transaction, _EVENTS)
        if erased or forgotten:
            _log.info("kept long enough", personal_rows=erased, changes=forgotten)
        for shop, pushes in (await self._store.pushes.stranded(self._shops)).items():
            _log.warning("pushes wait for a shop that takes none here", shop=shop, pushes=pushes)
