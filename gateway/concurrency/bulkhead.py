"""Bulkhead: limits concurrent calls; the rest wait in order of arrival."""

import asyncio
from collections import deque

from gateway.errors import Overloaded


class Bulkhead:
    """At most `size` concurrent calls, with at most `queue` callers waiting.

    A slot is acquired at once with `take`, or later with `wait`, and released with `give`.
    """

    __slots__ = ("_free", "_queue", "_waiting")

    def __init__(self, size: int, *, queue: int = 1_000) -> None:
        self._free = size
        self._queue = queue
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def free(self) -> int:
        """Free slots."""
        return self._free

    def take(self) -> bool:
        """Acquire a slot without waiting; False if none is free."""
        if self._free > 0:
            self._free -= 1
            return True
        return False

    async def wait(self, seconds: float) -> None:
        """Acquire a slot, in order of arrival.

        Raises:
            TimeoutError: no free slot within `seconds`.
            Overloaded: the queue is full.
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
            turn.set_exception(TimeoutError("no free slot in time"))

    def give(self) -> None:
        """Release a slot; the first caller in the queue gets it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
