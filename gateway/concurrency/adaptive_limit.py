"""Adaptive concurrency limit: background calls give way while the event loop is busy."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Final

#: Seconds between two looks at how late the event loop is.
_EVERY: Final = 0.02
#: Seconds: how late it may be; requests wait as long at each of their steps.
LATE: Final = 0.006
#: How fast the limit falls while the loop is late, and how much it rises otherwise.
_FALL: Final = 0.85
_RISE: Final = 0.5


class AdaptiveLimit:
    """Lets so many calls run at once that the event loop keeps up; owners of calls take turns.

    The limit rises by steps while it is used up and the loop is on time, and falls by a share
    while the loop is more than `late` seconds late. It is between `least` and `most`.
    """

    def __init__(self, *, least: int, most: int, late: float = LATE) -> None:
        self._least = least
        self._most = most
        self._late = late
        self._limit = float(least)
        self._running = 0
        #: By owner, in the order of their turns.
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def limit(self) -> int:
        """How many calls may run now."""
        return int(self._limit)

    @asynccontextmanager
    async def slot(self, owner: Hashable) -> AsyncIterator[None]:
        """A block that is one of the running calls."""
        await self._acquire(owner)
        try:
            yield
        finally:
            self._running -= 1
            self._give()

    async def _acquire(self, owner: Hashable) -> None:
        self._watch()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(owner, deque()).append(turn)
        self._give()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._running -= 1
                self._give()
            raise

    def _give(self) -> None:
        while self._running < self.limit and self._waiting:
            owner = next(iter(self._waiting))
            queue = self._waiting.pop(owner)
            turn = queue.popleft()
            if queue:
                self._waiting[owner] = queue
            if not turn.done():
                self._running += 1
                turn.set_result(None)

    # --- how late the loop is

    def _watch(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_EVERY, self._look, loop, loop.time() + _EVERY)

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._timer = None
        late = loop.time() - due
        if late > self._late:
            self._limit = max(float(self._least), self._limit * _FALL)
        elif self._waiting:
            self._limit = min(float(self._most), self._limit + _RISE)
            self._give()
        if self._running or self._waiting:
            self._watch()
