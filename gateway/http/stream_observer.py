"""Who is told of what streams, for the figures."""

from typing import Protocol


class StreamObserver(Protocol):
    """Is told of what streams."""

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """A query or a mutation was answered; kind "none": refused before that was known."""

    def following(self, more: int) -> None:
        """So many subscriptions began, or ended where it is negative."""

    def told(self, code: str) -> None:
        """A subscription was given an answer; `code` is its first error's, or OK."""


class Unobserved:
    """Tells nobody."""

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """Nobody hears it."""

    def following(self, more: int) -> None:
        """Nobody hears it."""

    def told(self, code: str) -> None:
        """Nobody hears it."""
