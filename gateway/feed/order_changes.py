"""Feed of order changes: one reader of the ledger per process, any number of followers."""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.concurrency.broadcast import Broadcast
from gateway.concurrency.coalesced_read import CoalescedRead
from gateway.concurrency.single_flight import SingleFlight
from gateway.errors import BadUserInput, CursorExpired
from gateway.feed.notifier import Notifier
from gateway.store.engine import ReaderPool, reading_from
from gateway.store.order_changes import CursorRange, OrderChanges, StoredOrderChange
from gateway.store.row_numbers import ORDER_CHANGES, RowNumbers
from schema import base64url

#: Seconds between two reads of the ledger when no notification arrives.
POLL: Final = 1.0
#: Changes read at once.
PAGE: Final = 500
#: Changes kept in memory, so that followers who keep up cost the ledger nothing.
_KEPT: Final = 1_000
#: Pages kept for followers who resume, so that many of them cost as much as one.
_PAGES: Final = 8

_CHANGE_PREFIX: Final = "order-change:"
#: A cursor of before numbers were concealed.
_PLAIN_CHANGE: Final = re.compile(rf"{_CHANGE_PREFIX}[0-9]{{1,18}}")

#: The message for a cursor whose changes are deleted.
CHANGES_EXPIRED: Final = "`since` is older than the changes that are kept: read the orders again"


class _Page(NamedTuple):
    """All changes after the cursor `start`, up to the last of them."""

    start: int
    changes: Sequence[StoredOrderChange]

    def after(self, cursor: int) -> Sequence[StoredOrderChange]:
        """Those after a cursor; empty if the page does not hold the next one."""
        if not self.start <= cursor < self.changes[-1].cursor:
            return ()
        return _after(self.changes, cursor)


class OrderChangeFeed:
    """Gives every change after a cursor, in the order of commits, each exactly once.

    A follower holds nothing but its cursor: a slow one reads from the ledger what is no longer
    in memory, and none waits for another. Those that resume at the same time share the pages,
    which are read one at a time.
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
        self._range = CoalescedRead(self._read_range)
        self._recent: list[StoredOrderChange] = []
        #: `_recent` holds all changes after it.
        self._base = 0
        self._arrivals = Broadcast()
        self._pages: deque[_Page] = deque(maxlen=_PAGES)
        self._page_reads: SingleFlight[_Page] = SingleFlight()
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
        kept = await self._range.run()
        if since is None:
            return kept.newest
        if not kept.oldest <= since <= kept.newest:
            raise CursorExpired(CHANGES_EXPIRED)
        return since

    async def after(self, cursor: int) -> Sequence[StoredOrderChange]:
        """The changes that follow the cursor, oldest first; waits until there is one.

        Raises:
            CursorExpired: the next change was deleted before it could be read.
            StoreUnavailable: the ledger cannot be read.
        """
        if not self._reading:
            await self._begin()
        while True:
            if cursor < self._base:
                return await self._from_ledger(cursor)
            if changes := _after(self._recent, cursor):
                return changes
            await self._arrivals.wait()

    async def committed_after(self, cursor: int) -> Sequence[StoredOrderChange]:
        """At most PAGE changes that follow the cursor, oldest first, as of now; waits for none.

        Raises:
            CursorExpired: the next change was deleted before it could be read.
            StoreUnavailable: the ledger cannot be read.
        """
        changes = await self._changes.after(cursor, limit=PAGE)
        if changes and changes[0].cursor != cursor + 1:
            # Cursors have no gaps: the changes between are deleted.
            raise CursorExpired(CHANGES_EXPIRED)
        return changes

    async def aclose(self) -> None:
        """Stop reading."""
        await self._reader.stop()
        await self._page_reads.aclose()

    async def _begin(self) -> None:
        base = (await self._range.run()).newest
        if not self._reading:
            self._reading = True
            self._base = base
            self._reader.start()

    async def _from_ledger(self, cursor: int) -> Sequence[StoredOrderChange]:
        while True:
            for page in self._pages:
                if changes := page.after(cursor):
                    return changes
            # One page for all: whoever waits for another's may find its own changes in it.
            page = await self._page_reads.run("page", partial(self._read_page, cursor))
            if page.start == cursor:
                if not page.changes or page.changes[0].cursor != cursor + 1:
                    # Cursors have no gaps: the changes between are deleted.
                    raise CursorExpired(CHANGES_EXPIRED)
                return page.changes

    async def _read_page(self, cursor: int) -> _Page:
        with reading_from(ReaderPool.SUBSCRIPTIONS):
            page = _Page(cursor, await self._changes.after(cursor, limit=PAGE))
        if page.changes and page.changes[0].cursor == cursor + 1:
            self._pages.append(page)
        return page

    async def _read_range(self) -> CursorRange:
        with reading_from(ReaderPool.SUBSCRIPTIONS):
            return await self._changes.kept()

    async def _read(self) -> int:
        head = self._recent[-1].cursor if self._recent else self._base
        with reading_from(ReaderPool.SUBSCRIPTIONS):
            changes = await self._changes.after(head, limit=PAGE)
        if changes:
            self._keep(changes)
            self._arrivals.wake()
        return len(changes)

    def _keep(self, changes: Sequence[StoredOrderChange]) -> None:
        kept = [*self._recent, *changes]
        if len(kept) > _KEPT:
            self._base = kept[-_KEPT - 1].cursor
            kept = kept[-_KEPT:]
        self._recent = kept


def write_change_cursor(number: int, numbers: RowNumbers) -> str:
    """The opaque form of a change's number in the feed."""
    concealed = numbers.conceal(ORDER_CHANGES, number)
    return base64url.encode(f"{_CHANGE_PREFIX}{concealed}".encode())


def read_change_cursor(text: str, numbers: RowNumbers) -> int:
    """The number of the change in a cursor.

    Raises:
        BadUserInput: the text was not made by `write_change_cursor`.
        CursorExpired: it has a number as it is, which this store did not give out.
    """
    try:
        plain = base64url.decode(text).decode()
    except ValueError:
        plain = ""
    number = None
    if plain.startswith(_CHANGE_PREFIX):
        number = numbers.reveal(ORDER_CHANGES, plain.removeprefix(_CHANGE_PREFIX))
    if number is None:
        if _PLAIN_CHANGE.fullmatch(plain):
            raise CursorExpired(CHANGES_EXPIRED)
        raise BadUserInput("`since` is not a cursor of `orderChanged`")
    return number


def _after(changes: Sequence[StoredOrderChange], cursor: int) -> Sequence[StoredOrderChange]:
    return changes[bisect_right(changes, cursor, key=_cursor) :]


def _cursor(change: StoredOrderChange) -> int:
    return change.cursor
