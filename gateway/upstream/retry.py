"""Retry policy of repeatable calls, with backoff and a retry budget."""

from dataclasses import dataclass, field

from gateway.concurrency.clock import Clock
from gateway.errors import (
    PlatformAnswerTooLarge,
    PlatformConnectTimeout,
    PlatformFailure,
    PlatformHeadersTooLarge,
    PlatformUnavailable,
    PlatformUnreadable,
)

#: Of what is unavailable: the first costs its caller seconds each time, the others come again.
_NOT_REPEATED = (
    PlatformConnectTimeout,
    PlatformAnswerTooLarge,
    PlatformHeadersTooLarge,
    PlatformUnreadable,
)
_FIRST_DELAY = 0.1
_MOST_DELAY = 2.0
#: What each first attempt adds to the budget: a failing platform gets a fifth more calls.
_SHARE = 0.2
_LEAST = 3.0
_MOST = 10.0


@dataclass(slots=True)
class RetryBudget:
    """Retry budget of a shop: three, and a fifth of its first attempts, up to ten."""

    clock: Clock = field(default_factory=Clock)
    _left: float = _LEAST

    def earned(self) -> None:
        """A first attempt began."""
        self._left = min(_MOST, self._left + _SHARE)

    def delay(self, failure: PlatformFailure, attempt: int) -> float | None:
        """Seconds to wait before retry number `attempt` (from 0); None: do not retry."""
        if not isinstance(failure, PlatformUnavailable) or isinstance(failure, _NOT_REPEATED):
            return None
        if self._left < 1:
            return None
        self._left -= 1
        chance = self.clock.between(0.0, min(_MOST_DELAY, _FIRST_DELAY * 2**attempt))
        return max(chance, failure.retry_after or 0.0)
