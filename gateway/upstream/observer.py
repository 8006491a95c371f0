"""Where metrics and logs listen to calls that reach a platform."""

from typing import Protocol


class Observer(Protocol):
    """Told of every attempt; it gets no token, no body and no query."""

    def called(self, shop: str, endpoint: str, outcome: str, seconds: float) -> None:
        """An attempt ended.

        `outcome` is "ok" or the class of the failure: "rejected", "busy", "quota", "rate",
        "token", "credentials", "unavailable", "malformed", "too_large", "timeout", "overloaded",
        "cancelled".
        """


class Silence:
    """An observer that keeps nothing."""

    def called(self, shop: str, endpoint: str, outcome: str, seconds: float) -> None:
        """Nothing is kept."""
