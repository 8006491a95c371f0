"""Retention job: deletes what is past its time: personal data, changes, events, keys, audit."""

from collections.abc import Collection
from typing import Final

import structlog

from gateway.concurrency.clock import DAY
from gateway.store.store import Store

#: Seconds between two rounds.
EVERY: Final = 3_600.0
#: Seconds that the outcome of a mutation is kept for its idempotency key; a day is promised.
_OUTCOMES: Final = 2 * DAY
#: Seconds that a processed event is kept to detect repetitions; platforms repeat for some hours.
_EVENTS: Final = 30 * DAY

_log = structlog.stdlib.get_logger(__name__)


class RetentionJob:
    """Safe to run in several processes at once.

    `shops` are those that messages can be sent to; messages that wait for others are logged.
    """

    def __init__(
        self,
        store: Store,
        shops: Collection[str],
        *,
        retention_days: int,
        changes_days: int,
        audit_days: int,
    ) -> None:
        self._store = store
        self._shops = shops
        self._personal = retention_days * DAY
        self._changes = changes_days * DAY
        self._audit = audit_days * DAY

    async def once(self) -> None:
        """Delete once.

        Raises:
            StoreUnavailable: the ledger cannot be read or written.
        """
        async with self._store.transaction() as transaction:
            erased = await self._store.personal.erase_older_than(transaction, self._personal)
            deleted = await self._store.order_changes.prune(transaction, self._changes)
            await self._store.idempotency.prune(transaction, _OUTCOMES)
            await self._store.inbox.prune(transaction, _EVENTS)
            await self._store.audit_events.prune(transaction, self._audit)
        if erased.rows or deleted:
            _log.info(
                "retention.data.deleted",
                message="Data past its retention period was deleted.",
                personal_rows=erased.rows,
                changes=deleted,
            )
        for shop, pushes in (await self._store.pushes.stranded(self._shops)).items():
            _log.warning(
                "retention.pushes.stranded",
                message="Pushes wait for a shop that is not configured, or takes none.",
                shop=shop,
                pushes=pushes,
            )
