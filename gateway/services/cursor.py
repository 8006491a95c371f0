"""Cursors: a position in each shop for a merged list, a number for the feed of changes."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from gateway.errors import BadUserInput, CursorExpired
from gateway.feed.order_changes import CHANGES_EXPIRED
from gateway.store.row_numbers import ORDER_CHANGES, RowNumbers
from schema import base64url

#: The message for an invalid `after`.
NO_CURSOR: Final = (
    "`after` is not a cursor of this list: give an `endCursor` or an edge's `cursor`."
)
#: A shop's position: the `after` of its port; None once the shop is exhausted.
Place = tuple[int, str] | tuple[str] | None
Places = Mapping[str, Place]

#: The store keeps seconds in 64 bits.
_INT64: Final = 2**63
_CHANGE_PREFIX: Final = "order-change:"
#: A cursor of before numbers were concealed.
_PLAIN_CHANGE: Final = re.compile(rf"{_CHANGE_PREFIX}[0-9]{{1,18}}")
_CODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(dict[str, list[int | str] | None])


def write_cursor(places: Places) -> str:
    """The opaque form of the positions."""
    return base64url.encode(_CODER.encode(places))


def read_cursor(text: str | None, *, timed: bool) -> dict[str, Place]:
    """The positions in a cursor; none for no cursor.

    Args:
        text: the result of `write_cursor`.
        timed: whether a position is (unix seconds, id) rather than only an id.

    Raises:
        BadUserInput: the text is not a cursor of such a list.
    """
    if text is None:
        return {}
    try:
        plain = _DECODER.decode(base64url.decode(text))
        return {shop: _place(place, timed=timed) for shop, place in plain.items()}
    except (ValueError, msgspec.DecodeError):
        raise BadUserInput(NO_CURSOR) from None


def behind(place: Place) -> str | None:
    """The id after which a list by id continues."""
    return str(place[-1]) if place else None


def _place(place: list[int | str] | None, *, timed: bool) -> Place:
    match place:
        case None:
            return None
        case [int(at), str(name)] if timed and -_INT64 <= at < _INT64:
            return (at, name)
        case [str(name)] if not timed:
            return (name,)
        case _:
            raise ValueError


def write_change_cursor(number: int, numbers: RowNumbers) -> str:
    """The opaque form of a change's number in the feed."""
    concealed = numbers.conceal(ORDER_CHANGES, number)
    return base64url.encode(f"{_CHANGE_PREFIX}{concealed}".encode())


def read_change_cursor(text: str, numbers: RowNumbers) -> int:
    """The number of the change in a cursor.

    Raises:
        BadUserInput: the text was not made by `write_change_cursor`.
        CursorExpired: it has a number as it is, which this store did not give out.
    """
    try:
        plain = base64url.decode(text).decode()
    except ValueError:
        plain = ""
    number = None
    if plain.startswith(_CHANGE_PREFIX):
        number = numbers.reveal(ORDER_CHANGES, plain.removeprefix(_CHANGE_PREFIX))
    if number is None:
        if _PLAIN_CHANGE.fullmatch(plain):
            raise CursorExpired(CHANGES_EXPIRED)
        raise BadUserInput("`since` is not a cursor of `orderChanged`")
    return number
