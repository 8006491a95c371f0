"""Where metrics and logs listen to calls that reach a platform."""

from typing import Protocol


class UpstreamObserver(Protocol):
    """Told of attempts, breakers and tokens; it gets no token, no body and no query."""

    def called(self, shop: str, endpoint: str, outcome: str, seconds: float) -> None:
        """An attempt ended.

        `outcome` is "ok" or the class of the failure: "rejected", "busy", "quota", "rate",
        "token", "credentials", "unavailable", "malformed", "too_large", "timeout", "overloaded",
        "cancelled".
        """

    def left_alone(self, shop: str, endpoint: str, *, alone: bool) -> None:
        """A breaker began to refuse calls of an endpoint, or lets them pass.

        Told of each endpoint when it is first asked too.
        """

    def breaker_opened(self, shop: str, endpoint: str) -> None:
        """A breaker opened: calls of an endpoint are refused from now on.

        The breaker of a platform's connections opens for each endpoint that was called before.
        """

    def refused(self, shop: str, endpoint: str) -> None:
        """An open breaker refused an attempt; nothing was sent."""

    def retried(self, shop: str, endpoint: str) -> None:
        """A call that failed is attempted again."""

    def token_fetched(self, shop: str, outcome: str) -> None:
        """A platform was asked for a token.

        `outcome` is "ok", "refused" where only a person can mend it, else "failed".
        """

    def token_taken(self, shop: str, until: float) -> None:
        """A shop has a token until then, in unix seconds: a fetched one or another process's."""


class NullObserver:
    """An observer that keeps nothing."""

    def called(self, shop: str, endpoint: str, outcome: str, seconds: float) -> None:
        """Nothing is kept."""

    def left_alone(self, shop: str, endpoint: str, *, alone: bool) -> None:
        """Nothing is kept."""

    def breaker_opened(self, shop: str, endpoint: str) -> None:
        """Nothing is kept."""

    def refused(self, shop: str, endpoint: str) -> None:
        """Nothing is kept."""

    def retried(self, shop: str, endpoint: str) -> None:
        """Nothing is kept."""

    def token_fetched(self, shop: str, outcome: str) -> None:
        """Nothing is kept."""

    def token_taken(self, shop: str, until: float) -> None:
        """Nothing is kept."""
