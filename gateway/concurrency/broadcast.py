"""Broadcast: wakes all that wait for something, a part of them in each turn of the event loop."""

import asyncio
from collections import deque
from typing import Final

#: Woken in one turn: each may have a tenth of a millisecond of work.
_AT_ONCE: Final = 50


class Broadcast:
    """A condition of any number of waiters, whose work does not hold the loop up when it is met."""

    __slots__ = ("_at_once", "_waiting", "_woken")

    def __init__(self, *, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._waiting: dict[asyncio.Future[None], None] = {}
        self._woken: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        """Return after the next `wake`."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = None
        try:
            await turn
        finally:
            self._waiting.pop(turn, None)

    def wake(self) -> None:
        """Wake all that wait now, in the order in which they began to."""
        idle = not self._woken
        self._woken.extend(self._waiting)
        self._waiting.clear()
        if idle:
            self._wake_some()

    def _wake_some(self) -> None:
        for _ in range(min(self._at_once, len(self._woken))):
            turn = self._woken.popleft()
            if not turn.done():
                turn.set_result(None)
        if self._woken:
            asyncio.get_running_loop().call_soon(self._wake_some)
