"""Injectable clock and randomness."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

#: Seconds in a day.
DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Monotonic seconds, unix seconds, a sleep and a random number in [0, 1).

    Tests pass their own.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random

    def now(self) -> datetime:
        """The wall clock's time as a datetime in UTC."""
        return datetime.fromtimestamp(self.wall(), UTC)

    def between(self, low: float, high: float) -> float:
        """A random number of seconds in [low, high)."""
        return low + (high - low) * self.random()
