"""Feed of order changes: one reader of the ledger per process, any number of followers."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.errors import CursorExpired
from gateway.feed.notifier import Notifier
from gateway.store.order_changes import OrderChanges, StoredOrderChange

#: Seconds between two reads of the ledger when no notification arrives.
POLL: Final = 1.0
#: Changes read at once.
_PAGE: Final = 500
#: Changes kept in memory, so that followers who keep up cost the ledger nothing.
_KEPT: Final = 1_000

#: The message for a cursor whose changes are deleted.
CHANGES_EXPIRED: Final = "`since` is older than the changes that are kept: read the orders again"


class OrderChangeFeed:
    """Gives every change after a cursor, in the order of commits, each exactly once.

    A follower holds nothing but its cursor: a slow one reads from the ledger what is no longer
    in memory, and none waits for another.
    """

    def __init__(
        self,
        changes: OrderChanges,
        notifier: Notifier,
        *,
        poll: float = POLL,
        supervision: Supervision | None = None,
    ) -> None:
        self._changes = changes
        self._recent: list[StoredOrderChange] = []
        #: `_recent` holds all changes after it.
        self._base = 0
        self._moved = asyncio.Event()
        self._reader = BackgroundTask(
            "order_feed",
            self._read,
            interval=poll,
            wait=notifier.wait,
            grace=0,
            supervision=supervision,
        )
        self._reading = False

    async def start_of(self, since: int | None) -> int:
        """The cursor that a follower begins at: `since`, or that of the newest change.

        Raises:
            CursorExpired: changes after it are deleted already.
            StoreUnavailable: the ledger cannot be read.
        """
        kept = await self._changes.kept()
        if since is None:
            return kept.newest
        if not kept.oldest <= since <= kept.newest:
            raise CursorExpired(CHANGES_EXPIRED)
        return since

    async def follow(self, cursor: int) -> AsyncGenerator[StoredOrderChange, None]:
        """The changes after the cursor, without an end.

        Raises:
            CursorExpired: the next change was deleted before it could be read.
            StoreUnavailable: the ledger cannot be read.
        """
        if not self._reading:
            await self._begin()
        while True:
            moved = self._moved
            changes = await self._after(cursor)
            if changes and changes[0].cursor != cursor + 1:
                # Cursors have no gaps: the changes between are deleted.
                raise CursorExpired(CHANGES_EXPIRED)
            for change in changes:
                yield change
                cursor = change.cursor
            if not changes:
                await moved.wait()

    async def aclose(self) -> None:
        """Stop reading."""
        await self._reader.stop()

    async def _begin(self) -> None:
        base = (await self._changes.kept()).newest
        if not self._reading:
            self._reading = True
            self._base = base
            self._reader.start()

    async def _after(self, cursor: int) -> Sequence[StoredOrderChange]:
        if cursor < self._base:
            return await self._changes.after(cursor, limit=_PAGE)
        return self._recent[bisect_right(self._recent, cursor, key=_cursor) :]

    async def _read(self) -> int:
        head = self._recent[-1].cursor if self._recent else self._base
        changes = await self._changes.after(head, limit=_PAGE)
        if changes:
            self._keep(changes)
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()
        return len(changes)

    def _keep(self, changes: Sequence[StoredOrderChange]) -> None:
        kept = [*self._recent, *changes]
        if len(kept) > _KEPT:
            self._base = kept[-_KEPT - 1].cursor
            kept = kept[-_KEPT:]
        self._recent = kept


def _cursor(change: StoredOrderChange) -> int:
    return change.cursor
