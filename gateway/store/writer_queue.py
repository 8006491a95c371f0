"""Queue of a store's writers: transactions of callers go before those of bulk work."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Final

#: Turns of callers after which bulk work that waits has one.
_CALLERS_IN_A_ROW: Final = 4
#: How many times longer bulk work waits for its turn than a caller.
_BULK_FACTOR: Final = 4


class WriterLane(IntEnum):
    """Whose transaction it is; a lane goes before those that follow it."""

    #: The test write of the readiness check.
    READINESS = 0
    CALLERS = 1
    #: Many short transactions of one large import or clean-up; nobody waits for a single one.
    BULK = 2


class WriterQueue:
    """Lets at most `size` transactions write at once, and a quarter of them, or one, of bulk work.

    Within a lane the order is that of arrival. Callers wait at most for one transaction of bulk
    work, which keeps each of its own short; bulk work has every fifth turn even if callers always
    wait.
    """

    def __init__(self, size: int, *, timeout: float) -> None:
        """`timeout` is how many seconds a caller waits for its turn."""
        self._free = size
        self._free_for_bulk = max(1, size // 4)
        self._timeout = timeout
        self._waiting: tuple[deque[asyncio.Future[None]], ...] = tuple(deque() for _ in WriterLane)
        self._in_a_row = 0

    @property
    def waiting_callers(self) -> int:
        """How many callers wait for their turn."""
        return sum(not turn.done() for turn in self._waiting[WriterLane.CALLERS])

    @asynccontextmanager
    async def turn(self, lane: WriterLane) -> AsyncIterator[None]:
        """A block that may write.

        Raises:
            TimeoutError: its turn did not come in time.
        """
        await self._wait(lane)
        try:
            yield
        finally:
            self._end(lane)

    async def _wait(self, lane: WriterLane) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[lane].append(turn)
        self._give()
        time_limit = self._timeout * (_BULK_FACTOR if lane is WriterLane.BULK else 1)
        try:
            async with asyncio.timeout(time_limit):
                await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._end(lane)
            else:
                turn.cancel()
            raise

    def _end(self, lane: WriterLane) -> None:
        self._free += 1
        self._free_for_bulk += lane is WriterLane.BULK
        self._give()

    def _give(self) -> None:
        while self._free and (lane := self._next()) is not None:
            self._free -= 1
            if lane is WriterLane.BULK:
                self._free_for_bulk -= 1
            self._in_a_row = self._in_a_row + 1 if lane is WriterLane.CALLERS else 0
            self._waiting[lane].popleft().set_result(None)

    def _next(self) -> WriterLane | None:
        """The lane whose first writer has its turn next."""
        ready = [lane for lane in WriterLane if self._has(lane)]
        if not ready:
            return None
        if (
            ready[0] is WriterLane.CALLERS
            and ready[-1] is WriterLane.BULK
            and self._in_a_row >= _CALLERS_IN_A_ROW
        ):
            return WriterLane.BULK
        return ready[0]

    def _has(self, lane: WriterLane) -> bool:
        waiting = self._waiting[lane]
        while waiting and waiting[0].done():
            # It gave up.
            waiting.popleft()
        return bool(waiting) and (lane is not WriterLane.BULK or self._free_for_bulk > 0)
