"""How long an answer may be kept: no longer than any part of what was read for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class CacheControl:
    """The shortest time that was noted; None where nothing was."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds: float | None = None


_WATCHED: Final[ContextVar[CacheControl | None]] = ContextVar("freshness", default=None)


@contextmanager
def watched() -> Iterator[CacheControl]:
    """Gathers what is noted within, also by tasks that are begun within."""
    freshness = CacheControl()
    before = _WATCHED.set(freshness)
    try:
        yield freshness
    finally:
        _WATCHED.reset(before)


def note(seconds: float) -> None:
    """Something was read that holds for so long; 0: it may change at any moment."""
    freshness = _WATCHED.get()
    if freshness is not None and (freshness.seconds is None or seconds < freshness.seconds):
        freshness.seconds = max(0.0, seconds)
