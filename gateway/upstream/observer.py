"""Where metrics and logs listen to calls that reach a platform."""

from contextvars import ContextVar
from typing import Final, Protocol

import msgspec


class CallCount(msgspec.Struct):
    """How many calls to platforms an operation has made, each attempt counted."""

    calls: int = 0


#: The count of the operation that is running; None outside of one.
CALLS: Final[ContextVar[CallCount | None]] = ContextVar("platform_calls", default=None)


def count_call() -> None:
    """Counts an attempt for the operation that makes it."""
    count = CALLS.get()
    if count is not None:
        count.calls += 1


class UpstreamObserver(Protocol):
    """Observes attempts, breakers and tokens; it gets no token, no body and no query."""

    def called(self, shop: str, endpoint: str, outcome: str, seconds: float) -> None:
        """An attempt ended.

        `outcome` is "ok" or the class of the failure: "rejected", "busy", "quota", "rate",
        "token", "credentials", "unavailable", "malformed", "too_large", "timeout", "overloaded",
        "cancelled".
        """

    def left_alone(self, shop: str, endpoint: str, *, alone: bool) -> None:
        """A breaker of an endpoint opened or closed.

        Also called once for each endpoint, at its first call.
        """

    def breaker_opened(self, shop: str, endpoint: str) -> None:
        """A breaker opened: calls of an endpoint are refused from now on.

        The breaker of a platform's connections opens for each endpoint that was called before.
        """

    def refused(self, shop: str, endpoint: str) -> None:
        """An open breaker refused an attempt; nothing was sent."""

    def retried(self, shop: str, endpoint: str) -> None:
        """A failed call is retried."""

    def quota_used(self, shop: str, period: str, used: int, quota: int) -> None:
        """Of the calls that the platform takes in this "minute" or "day" so many are used."""

    def token_fetched(self, shop: str, outcome: str) -> None:
        """A platform was asked for a token.

        `outcome` is "ok", "refused" if only a person can fix it, else "failed".
        """

    def token_taken(self, shop: str, until: float) -> None:
        """A shop's token expires then, in unix seconds: a fetched one or another process's."""


class NullObserver:
    """An observer that does nothing."""

    def called(self, shop: str, endpoint: str, outcome: str, seconds: float) -> None:
        """Do nothing."""

    def left_alone(self, shop: str, endpoint: str, *, alone: bool) -> None:
        """Do nothing."""

    def breaker_opened(self, shop: str, endpoint: str) -> None:
        """Do nothing."""

    def refused(self, shop: str, endpoint: str) -> None:
        """Do nothing."""

    def retried(self, shop: str, endpoint: str) -> None:
        """Do nothing."""

    def quota_used(self, shop: str, period: str, used: int, quota: int) -> None:
        """Do nothing."""

    def token_fetched(self, shop: str, outcome: str) -> None:
        """Do nothing."""

    def token_taken(self, shop: str, until: float) -> None:
        """Do nothing."""
