"""Cache control of a response: the shortest lifetime of everything that was read for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class CacheControl:
    """The shortest recorded lifetime in seconds; None: none was recorded."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds: float | None = None


_WATCHED: Final[ContextVar[CacheControl | None]] = ContextVar("freshness", default=None)


@contextmanager
def watched() -> Iterator[CacheControl]:
    """Collects lifetimes recorded in the context, including by tasks started in it."""
    freshness = CacheControl()
    before = _WATCHED.set(freshness)
    try:
        yield freshness
    finally:
        _WATCHED.reset(before)


@contextmanager
def unwatched() -> Iterator[None]:
    """What is read in it has no lifetime of its own: it completes something that was recorded."""
    before = _WATCHED.set(None)
    try:
        yield
    finally:
        _WATCHED.reset(before)


def note(seconds: float) -> None:
    """Record the lifetime of something that was read; 0: it may change at any moment."""
    freshness = _WATCHED.get()
    if freshness is not None and (freshness.seconds is None or seconds < freshness.seconds):
        freshness.seconds = max(0.0, seconds)
