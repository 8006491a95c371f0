"""The points that each caller may spend, given back little by little."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from gateway.errors import RateLimited

_SECONDS_A_MINUTE: Final = 60.0


class Points:
    """A purse for each caller: `per_minute` points when full, refilled evenly.

    One process counts for itself: with several, a caller has as many purses. Of all callers the
    `callers` that came last are remembered.
    """

    def __init__(
        self, per_minute: int, clock: Callable[[], float], *, callers: int = 10_000
    ) -> None:
        self._full = float(per_minute)
        self._a_second = per_minute / _SECONDS_A_MINUTE
        self._clock = clock
        self._callers = callers
        #: What each had left, and when that was counted.
        self._purses: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, caller: str, cost: int) -> None:
        """Take the cost of an operation from the caller's purse.

        What costs more than a full purse may go when the purse is full, and leaves a debt.

        Raises:
            RateLimited: too little is left; tells when there will be enough.
        """
        now = self._clock()
        left, counted = self._purses.pop(caller, (self._full, now))
        left = min(self._full, left + (now - counted) * self._a_second)
        missing = min(cost, self._full) - left
        if missing <= 0:
            left -= cost
        self._purses[caller] = (left, now)
        if len(self._purses) > self._callers:
            self._purses.popitem(last=False)
        if missing > 0:
            raise RateLimited(
                f"The operation costs {cost} points and {int(max(left, 0))} are left; "
                f"{self._full:.0f} come back a minute",
                retry_after=missing / self._a_second,
            )
