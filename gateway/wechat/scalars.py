"""Reads WeChat's loosely typed scalars: numbers as text, fen, unix seconds, escaped names."""

from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from typing import Final

from gateway.wechat.wire import Flag, Id, Number
from schema.money import Money

#: The most digits of a platform id.
_MOST_DIGITS: Final = 18


def whole(value: Number | None) -> int | None:
    """A whole number; None if absent."""
    if isinstance(value, int):
        return value
    return int(value) if value else None


def yes(value: Flag | None) -> bool:
    """Whether a 0-or-1 member is 1; absent is no."""
    return value is True or whole(value) == 1


def money(fen: Number | None) -> Money | None:
    """An amount in fen; None if absent."""
    amount = fen if isinstance(fen, int) else whole(fen)
    return None if amount is None else _amount(amount)


@lru_cache(maxsize=4_096)
def _amount(fen: int) -> Money:
    """Shared: the same prices recur, and amounts are never mutated."""
    return Money(fen=fen)


def moment(seconds: Number | None) -> datetime | None:
    """An aware time in UTC; None if absent or out of the calendar's range."""
    at = whole(seconds)
    if not at:
        return None
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def text(value: Id | None) -> str | None:
    """Text or an id as text; None if absent or empty."""
    if isinstance(value, str):
        return value or None
    return None if value is None else str(value)


def shown(name: str | None) -> str | None:
    """An unescaped name: the platform escapes HTML, even without the semicolon."""
    if not name:
        return None
    if "&" not in name:
        return name
    try:
        return unescape(name)
    except ValueError:
        # A number with more digits than Python parses is not an HTML entity.
        return name


def number(platform_id: str) -> int | None:
    """An id as the number that the platform expects; None if it cannot be a platform id."""
    if platform_id.isascii() and platform_id.isdigit() and len(platform_id) <= _MOST_DIGITS:
        return int(platform_id)
    return None
