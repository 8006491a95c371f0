"""Follows the table of changes: one reader a process, as many followers as there are."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Sequence
from typing import Final

import structlog

from gateway.errors import CursorExpired, GatewayError
from gateway.feed.notifier import Notifier
from gateway.store.order_changes import OrderChanges, StoredOrderChange

#: Seconds after which the table is looked at even where no notifier rang.
POLL: Final = 1.0
#: Changes read at once.
_PAGE: Final = 500
#: Changes that a process remembers, so that followers who keep up cost the ledger nothing.
_KEPT: Final = 1_000

_FORGOTTEN: Final = "`since` is older than what is kept: read the orders anew"

_log = structlog.stdlib.get_logger(__name__)


class OrderChangeFeed:
    """Gives every change behind a cursor, in the order of commits, each exactly once.

    A follower holds nothing but its cursor: one that is slow reads from the ledger what is no
    longer remembered, and none waits for another.
    """

    def __init__(self, changes: OrderChanges, notifier: Notifier, *, poll: float = POLL) -> None:
        self._changes = changes
        self._notifier = notifier
        self._poll = poll
        self._recent: list[StoredOrderChange] = []
        #: `_recent` holds all changes behind it.
        self._base = 0
        self._moved = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    async def start_of(self, since: int | None) -> int:
        """Where a follower begins: behind `since`, or behind all there is.

        Raises:
            CursorExpired: changes behind it are forgotten already.
            StoreUnavailable: the ledger cannot be read.
        """
        kept = await self._changes.kept()
        if since is None:
            return kept.newest
        if not kept.oldest <= since <= kept.newest:
            raise CursorExpired(_FORGOTTEN)
        return since

    async def follow(self, cursor: int) -> AsyncGenerator[StoredOrderChange, None]:
        """The changes behind the cursor, for ever.

        Raises:
            CursorExpired: what comes next was forgotten before it could be read.
            StoreUnavailable: the ledger cannot be read.
        """
        if self._reader is None:
            await self._begin()
        while True:
            moved = self._moved
            changes = await self._behind(cursor)
            if changes and changes[0].cursor != cursor + 1:
                # Each change has the next number: the ones between are gone.
                raise CursorExpired(_FORGOTTEN)
            for change in changes:
                yield change
                cursor = change.cursor
            if not changes:
                await moved.wait()

    async def aclose(self) -> None:
        """Stop reading."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None

    async def _begin(self) -> None:
        base = (await self._changes.kept()).newest
        if self._reader is None:
            self._base, self._recent = base, []
            self._reader = asyncio.create_task(self._read(), name="order feed")

    async def _behind(self, cursor: int) -> Sequence[StoredOrderChange]:
        if cursor < self._base:
            return await self._changes.after(cursor, limit=_PAGE)
        return self._recent[bisect_right(self._recent, cursor, key=_cursor) :]

    async def _read(self) -> None:
        while True:
            if await self._read_on() == 0:
                await self._notifier.wait(self._poll)

    async def _read_on(self) -> int:
        head = self._recent[-1].cursor if self._recent else self._base
        try:
            changes = await self._changes.after(head, limit=_PAGE)
        except GatewayError as failure:
            _log.warning("changes cannot be read", failure=type(failure).__name__)
            return 0
        except Exception:  # noqa: BLE001 - without a reader every follower would wait for ever
            _log.exception("the reader of changes failed")
            return 0
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
