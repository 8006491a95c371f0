"""Time and chance, handed in so that tests can hold them."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Seconds that only go forward, seconds since the epoch, a sleep and a chance in [0, 1)."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random

    def now(self) -> datetime:
        """The wall clock's time, aware, in UTC."""
        return datetime.fromtimestamp(self.wall(), UTC)

    def between(self, low: float, high: float) -> float:
        """A chance number of seconds in [low, high)."""
        return low + (high - low) * self.random()
