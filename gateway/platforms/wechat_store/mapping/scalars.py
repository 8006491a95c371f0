"""Reads the platform's loose scalars: numbers as text, fen, unix seconds, escaped names."""

from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from typing import Final

from gateway.platforms.wechat_store.wire.base import Flag, Id, Number
from schema.money import Money

#: No id of the platform has more digits.
_MOST_DIGITS: Final = 18


def whole(value: Number | None) -> int | None:
    """A whole number; None where there is none."""
    if isinstance(value, int):
        return value
    return int(value) if value else None


def yes(value: Flag | None) -> bool:
    """Whether a 0-or-1 member says 1; absent is no."""
    return value is True or whole(value) == 1


def money(fen: Number | None) -> Money | None:
    """An amount in fen; None where none is told."""
    amount = fen if isinstance(fen, int) else whole(fen)
    return None if amount is None else _amount(amount)


@lru_cache(maxsize=4_096)
def _amount(fen: int) -> Money:
    """The same prices come again and again; nobody changes an amount."""
    return Money(fen=fen)


def moment(seconds: Number | None) -> datetime | None:
    """A time, aware, in UTC; None where none is told, or none that a calendar has."""
    at = whole(seconds)
    if not at:
        return None
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def text(value: Id | None) -> str | None:
    """Text or an id as text; None where it is absent or empty."""
    if isinstance(value, str):
        return value or None
    return None if value is None else str(value)


def shown(name: str | None) -> str | None:
    """A name as people read it: the platform escapes HTML, even without the semicolon."""
    if not name:
        return None
    if "&" not in name:
        return name
    try:
        return unescape(name)
    except ValueError:
        # A number of more digits than Python reads is none of HTML's.
        return name


def number(platform_id: str) -> int | None:
    """The number that the platform wants for an id; None where it can be none of its ids."""
    if platform_id.isascii() and platform_id.isdigit() and len(platform_id) <= _MOST_DIGITS:
        return int(platform_id)
    return None
