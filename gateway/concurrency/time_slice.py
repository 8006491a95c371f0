"""Cooperative scheduling: tells long work when the event loop has to run something else."""

import asyncio
from collections.abc import Callable
from time import perf_counter

#: Seconds that all work together may hold the loop; well below what is promised, 50 ms.
_SECONDS = 0.02


class TimeSlice:
    """Measures how long the event loop has run nothing but the work that asks.

    Shared by all such work of a process, so that many tasks in one turn of the loop count together.
    """

    def __init__(
        self, seconds: float = _SECONDS, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        #: The beginning of this turn, and its loop; None: nothing asked in this turn.
        self._turn: tuple[float, asyncio.AbstractEventLoop] | None = None

    def is_over(self) -> bool:
        """Whether the work has to await `next` before it goes on."""
        now, loop = self._clock(), asyncio.get_running_loop()
        if self._turn is None or self._turn[1] is not loop:
            self._turn = now, loop
            loop.call_soon(self._turned)
            return False
        return now - self._turn[0] >= self._seconds

    async def next(self) -> None:
        """Let the loop run everything that is ready."""
        await asyncio.sleep(0)

    async def pause(self) -> None:
        """Let the loop run something else if it is time."""
        if self.is_over():
            await self.next()

    def _turned(self) -> None:
        self._turn = None
