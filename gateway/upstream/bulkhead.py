"""How many calls may be under way at once; the rest wait in the order they came."""

import asyncio
from collections import deque

from gateway.errors import Overloaded


class Bulkhead:
    """`size` places; at most `queue` callers wait for one.

    A place is taken with `take` at once or `wait` later, and given back with `give`.
    """

    __slots__ = ("_free", "_queue", "_waiting")

    def __init__(self, size: int, *, queue: int = 1_000) -> None:
        self._free = size
        self._queue = queue
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def free(self) -> int:
        """Places nobody holds."""
        return self._free

    def take(self) -> bool:
        """A place without waiting, unless all are taken."""
        if self._free > 0:
            self._free -= 1
            return True
        return False

    async def wait(self, seconds: float) -> None:
        """A place, after those who came before.

        Raises:
            TimeoutError: no place within `seconds`.
            Overloaded: too many wait already.
        """
        if self.take():
            return
        if len(self._waiting) >= self._queue:
            raise Overloaded("too many calls wait for this shop's platform", retry_after=1.0)
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(seconds, self._give_up, turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.give()
            else:
                turn.cancel()
            raise
        finally:
            timer.cancel()

    @staticmethod
    def _give_up(turn: "asyncio.Future[None]") -> None:
        if not turn.done():
            turn.set_exception(TimeoutError("no free place in time"))

    def give(self) -> None:
        """Give a place back; the first in the queue gets it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
