"""Charges: an operation's cost is reserved before the work, and what it did not use given back."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gateway.errors import CostLimitExceeded, GatewayError, RateLimited
from gateway.http.input_size import POINT
from gateway.http.rate_limiter import RateLimiter

#: The window of the rate limit, in seconds.
_WINDOW: Final = 60


class Price(NamedTuple):
    """What an operation may cost at most, in points.

    `given` is the part that is used as soon as the operation is accepted, in thousandths: the
    operation itself, its inputs, and each entry that a mutation writes.
    """

    points: int
    given: int


class Charge:
    """What one operation costs its caller.

    Args:
        rate_limiter: None: no caller is limited.
        limit: the most points of one operation.
    """

    __slots__ = ("_caller", "_limit", "_price", "_rate_limiter", "_reserved", "_total", "_used")

    def __init__(
        self, rate_limiter: RateLimiter | None, caller: str, price: Price, limit: int
    ) -> None:
        self._rate_limiter = rate_limiter
        self._caller = caller
        self._price = price
        self._limit = limit
        self._reserved = False
        self._used = 0
        #: Of all that was reserved and settled, for a subscription's events.
        self._total = 0

    @property
    def points(self) -> int:
        """What was used so far, and what is reserved."""
        return self._total + (self._price.points if self._reserved else 0)

    def reserve(self) -> None:
        """Take the price from the caller's points.

        Raises:
            CostLimitExceeded | RateLimited: it costs too much in general, or for now; `cost` has
                the price, the limit and what is left.
        """
        points, limit = self._price.points, self._limit
        if points > limit:
            exceeded = CostLimitExceeded(
                f"The operation costs {points} points; the limit is {limit}: "
                "ask for fewer things at once"
            )
            exceeded.cost = self.report()
            raise exceeded
        if self._rate_limiter is not None:
            try:
                self._rate_limiter.spend(self._caller, points)
            except RateLimited as refused:
                refused.cost = self.report()
                raise
        self._reserved, self._used = True, 0

    def settle(self, result: int | None) -> dict[str, Any]:
        """Give back what was not used; returns the report.

        Args:
            result: what the result took, in thousandths of a point; None: all that was reserved.
        """
        unused = 0
        if self._reserved:
            self._reserved = False
            points, given = self._price
            self._used = points if result is None else (given + result) // POINT
            self._total += self._used
            unused = points - self._used
        return self.report(unused)

    def refuse(self, refused: GatewayError) -> None:
        """Give back all but what was given, and report it with the error."""
        refused.cost = self.settle(0)

    def report(self, unused: int = 0) -> dict[str, Any]:
        """As `extensions.cost` has it, once the points that were not used are given back."""
        report: dict[str, Any] = {
            "reserved": self._price.points,
            "used": self._used,
            "limit": self._limit,
        }
        if self._rate_limiter is not None:
            budget = self._rate_limiter.give_back(self._caller, unused)
            report["remaining"] = budget.remaining
            report["perMinute"] = budget.per_minute
            report["fullIn"] = budget.full_in
        return report


def rate_limit_headers(report: Mapping[str, Any] | None) -> list[tuple[bytes, bytes]]:
    """The `RateLimit` headers of a report; none where no caller is limited."""
    if report is None or "remaining" not in report:
        return []
    return [
        (b"ratelimit-policy", b'"points";q=%d;w=%d' % (report["perMinute"], _WINDOW)),
        (b"ratelimit", b'"points";r=%d;t=%d' % (report["remaining"], report["fullIn"])),
    ]
