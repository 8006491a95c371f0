"""Work and platform calls: what must call none, and what must leave quotas to callers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class PlatformCallRefused(RuntimeError):
    """Work that answers from the ledger alone tried to call a platform: an error in the gateway."""


_REFUSED: Final[ContextVar[bool]] = ContextVar("platform_calls_refused", default=False)


@contextmanager
def without_platform_calls() -> Iterator[None]:
    """In the context, and in tasks started in it, every call of a platform is refused."""
    before = _REFUSED.set(True)
    try:
        yield
    finally:
        _REFUSED.reset(before)


_BACKGROUND: Final[ContextVar[bool]] = ContextVar("platform_calls_in_background", default=False)


@contextmanager
def background_platform_calls() -> Iterator[None]:
    """In the context, and in tasks started in it, calls of platforms leave quotas to callers."""
    before = _BACKGROUND.set(True)
    try:
        yield
    finally:
        _BACKGROUND.reset(before)


def in_background() -> bool:
    """Whether the work under way is no caller's."""
    return _BACKGROUND.get()


def check_platform_call(endpoint: str) -> None:
    """Raises PlatformCallRefused if the work under way must not call a platform."""
    if _REFUSED.get():
        raise PlatformCallRefused(f"{endpoint} was called by work that must call no platform")
