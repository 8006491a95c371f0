"""The rate limiter: a token bucket of points for each caller."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from gateway.concurrency.lru_cache import LruCache
from gateway.errors import RateLimited

_SECONDS_A_MINUTE: Final = 60.0


class RateLimiter:
    """A bucket for each caller: `per_minute` points when full, refilled evenly.

    Each process counts locally, and adds what other processes spent through `absorb`. The
    `callers` most recent callers keep their buckets.
    """

    def __init__(
        self, per_minute: int, clock: Callable[[], float], *, callers: int = 10_000
    ) -> None:
        self._full = float(per_minute)
        self._a_second = per_minute / _SECONDS_A_MINUTE
        self._clock = clock
        #: Points left, and the time at which they were counted.
        self._buckets: LruCache[str, tuple[float, float]] = LruCache(max_entries=callers)
        #: What was spent here and not reported yet; None: there are no other processes.
        self._spent: Counter[str] | None = None

    def share(self) -> None:
        """From now on `take_spent` reports to the other processes."""
        self._spent = Counter()

    def take_spent(self) -> dict[str, int]:
        """What each caller spent here since the last call."""
        spent = self._spent
        if not spent:
            return {}
        self._spent = Counter()
        return dict(spent)

    def absorb(self, caller: str, cost: int) -> None:
        """Take from the caller's bucket what it spent elsewhere."""
        now = self._clock()
        self._put(caller, self._left(caller, now) - cost, now)

    def spend(self, caller: str, cost: int) -> None:
        """Take the cost of an operation from the caller's bucket.

        An operation that costs more than a full bucket is admitted when the bucket is full, and
        leaves a debt.

        Raises:
            RateLimited: too little is left; has the time when there will be enough.
        """
        now = self._clock()
        left = self._left(caller, now)
        missing = min(cost, self._full) - left
        if missing <= 0:
            left -= cost
            if self._spent is not None:
                self._spent[caller] += cost
        self._put(caller, left, now)
        if missing > 0:
            raise RateLimited(
                f"The operation costs {cost} points and {int(max(left, 0))} are left; "
                f"{self._full:.0f} are refilled a minute",
                retry_after=missing / self._a_second,
            )

    def _left(self, caller: str, now: float) -> float:
        left, counted = self._buckets.get(caller) or (self._full, now)
        return min(self._full, left + (now - counted) * self._a_second)

    def _put(self, caller: str, left: float, now: float) -> None:
        self._buckets.put(caller, (left, now))
