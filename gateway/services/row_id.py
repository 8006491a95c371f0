"""The number of a row in the store, as ids and cursors hold it."""

from typing import Final

#: PostgreSQL and SQLite count rows in 64 bits.
_END: Final = 2**63


def row_id(text: str) -> int | None:
    """The number; None where the text is no number that a row could have."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(_END)):
        return None
    number = int(text)
    return number if number < _END else None
