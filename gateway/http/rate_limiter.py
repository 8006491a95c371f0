"""The rate limiter: a token bucket of points for each caller."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from gateway.concurrency.lru_cache import LruCache
from gateway.errors import RateLimited

_SECONDS_A_MINUTE: Final = 60.0
#: Seconds that a promised turn waits for its caller once it is due.
_GRACE: Final = 5.0
#: Turns promised to one caller at a time.
_MAX_PROMISES: Final = 100


class Budget(msgspec.Struct, frozen=True):
    """What a caller has left: points, points of a full bucket, whole seconds until it is full."""

    remaining: int
    per_minute: int
    full_in: int


class _Promise(msgspec.Struct, frozen=True):
    """Points taken for a refused operation, which may come back for them from `due` on."""

    cost: int
    due: float


class _Bucket(msgspec.Struct):
    """Points left at a time, and the turns promised to the caller."""

    left: float
    counted: float
    promises: list[_Promise]


class RateLimiter:
    """A bucket for each caller: `per_minute` points when full, refilled evenly.

    A refusal promises a turn: its points are taken at once, and an operation of the same cost that
    comes when the time is up is admitted, even if others came meanwhile. Each process counts
    locally, and adds what other processes spent through `absorb`. The `callers` most recent callers
    keep their buckets.
    """

    def __init__(
        self, per_minute: int, clock: Callable[[], float], *, callers: int = 10_000
    ) -> None:
        self._per_minute = per_minute
        self._full = float(per_minute)
        self._a_second = per_minute / _SECONDS_A_MINUTE
        self._clock = clock
        self._buckets: LruCache[str, _Bucket] = LruCache(max_entries=callers)
        #: What was spent here and not reported yet; None: there are no other processes.
        self._spent: Counter[str] | None = None

    def share(self) -> None:
        """From now on `take_spent` reports to the other processes."""
        self._spent = Counter()

    def take_spent(self) -> dict[str, int]:
        """What each caller spent here since the last call; negative if more was given back."""
        spent = self._spent
        if not spent:
            return {}
        self._spent = Counter()
        return dict(spent)

    def absorb(self, caller: str, cost: int) -> None:
        """Take from the caller's bucket what it spent elsewhere."""
        self._bucket(caller, self._clock()).left -= cost

    def spend(self, caller: str, cost: int) -> None:
        """Take the cost of an operation from the caller's bucket.

        An operation that costs more than a full bucket is admitted when the bucket is full, and
        leaves a debt.

        Raises:
            RateLimited: too little is left; `retry_after` is in whole seconds. Unless a minute's
                points are promised already, the operation is admitted then.
        """
        now = self._clock()
        bucket = self._bucket(caller, now)
        if not (bucket.promises and self._redeemed(bucket, cost, now)):
            missing = min(cost, self._full) - bucket.left
            if missing > 0:
                raise self._refusal(bucket, cost, missing, now)
            bucket.left -= cost
        if self._spent is not None:
            self._spent[caller] += cost

    def give_back(self, caller: str, points: int) -> Budget:
        """Return points that were spent and not used, or take more if negative.

        Returns:
            what the caller has left then.
        """
        bucket = self._bucket(caller, self._clock())
        if points:
            bucket.left = min(self._full, bucket.left + points)
            if self._spent is not None:
                self._spent[caller] -= points
        left = bucket.left
        return Budget(
            remaining=int(left) if left > 0 else 0,
            per_minute=self._per_minute,
            full_in=math.ceil((self._full - left) / self._a_second),
        )

    def budget(self, caller: str) -> Budget:
        """What the caller has left now."""
        return self.give_back(caller, 0)

    def _refusal(self, bucket: _Bucket, cost: int, missing: float, now: float) -> RateLimited:
        wait = max(1, math.ceil(missing / self._a_second))
        left = bucket.left
        if left > -self._full and len(bucket.promises) < _MAX_PROMISES:
            bucket.promises.append(_Promise(cost, now + wait))
            bucket.left -= cost
        return RateLimited(
            f"The operation costs {cost} points and {int(max(left, 0))} are left; "
            f"{self._per_minute} are refilled a minute",
            retry_after=wait,
        )

    def _redeemed(self, bucket: _Bucket, cost: int, now: float) -> bool:
        """Whether a promised turn of this cost is due; turns that nobody took are given back."""
        kept: list[_Promise] = []
        redeemed = False
        for one in bucket.promises:
            if one.due + _GRACE < now:
                bucket.left = min(self._full, bucket.left + one.cost)
            elif one.cost == cost and one.due <= now and not redeemed:
                redeemed = True
            else:
                kept.append(one)
        bucket.promises = kept
        return redeemed

    def _bucket(self, caller: str, now: float) -> _Bucket:
        """The caller's bucket, refilled up to now."""
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = _Bucket(self._full, now, [])
            self._buckets.put(caller, bucket)
            return bucket
        if now != bucket.counted:
            left = bucket.left + (now - bucket.counted) * self._a_second
            bucket.left = min(self._full, left)
            bucket.counted = now
        return bucket
