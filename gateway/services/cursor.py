"""Cursors: a position in each shop for a merged list, a number for the feed of changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from typing import Any, Final

import msgspec

from gateway.errors import BadUserInput
from schema import base64url

#: The message for an invalid `after`.
NO_CURSOR: Final = (
    "`after` is not a cursor of this list: give an `endCursor` or an edge's `cursor`."
)
#: A shop's position: the `after` of its port; None once the shop is exhausted.
Place = tuple[int | str, str] | tuple[str] | None
Places = Mapping[str, Place]

#: Keys beside those of shops in the cursor of an entry: the mark of what was asked with the entry's
#: shop, and the entry's place if its shop is exhausted. Both look like places, so that processes of
#: an earlier version can continue with them.
_ENTRY: Final = ""
_ENTRY_PLACE: Final = "."

#: The store keeps seconds in 64 bits.
_INT64: Final = 2**63
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
    places = _decoded(text, "after", timed=timed)
    if _ENTRY in places:
        raise BadUserInput(NO_CURSOR)
    return places


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArguments:
    """The arguments of a connection: `size` entries after a cursor, or `backwards` before it."""

    size: int
    cursor: str | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStart:
    """Where a page of a merged list begins; by default at the beginning of every shop.

    `places` are the positions to continue after. `entry` is the entry that the cursor was of: its
    shop and its place there; None for a cursor of an earlier version.
    """

    places: dict[str, Place] = field(default_factory=dict)
    entry: tuple[str, Place] | None = None


def read_start(
    page: PageArguments, *, timed: bool, mark: int, default_order: bool = True
) -> ListStart:
    """Where the page begins.

    Args:
        page: the arguments of the connection.
        timed: whether a position is (what the list is sorted by, id) rather than only an id.
        mark: of what is asked; see `mark_of`.
        default_order: whether cursors without a mark, of earlier versions, are of this list.

    Raises:
        BadUserInput: not a cursor, or one of a list with another filter or order.
    """
    if page.cursor is None:
        return ListStart()
    name = "before" if page.backwards else "after"
    places = _decoded(page.cursor, name, timed=timed)
    known = places.pop(_ENTRY, None)
    ended = places.pop(_ENTRY_PLACE, None)
    if known is None:
        if page.backwards or not default_order:
            raise BadUserInput(_no_cursor(name))
        return ListStart(places=places)
    of, shop = _mark_and_shop(known)
    if of != mark:
        raise BadUserInput(
            f"`{name}` is a cursor of a list with another filter, `sortKey` or `reverse`: give the"
            " same ones, or start without a cursor."
        )
    place = ended if places.get(shop) is None else places[shop]
    if place is None and page.backwards:
        raise BadUserInput(_no_cursor(name))
    return ListStart(places=places, entry=None if place is None else (shop, place))


def write_entry_cursor(places: Places, mark: int, shop: str, place: Place) -> str:
    """The cursor after an entry of a shop at this place there, as `read_start` takes it."""
    assert place is not None  # noqa: S101 - an entry has a place
    known: Place = (f"{mark}/{shop}",) if len(place) == 1 else (mark, shop)
    if places.get(shop) is None:
        return write_cursor({**places, _ENTRY: known, _ENTRY_PLACE: place})
    return write_cursor({**places, _ENTRY: known})


def write_resume_cursor(places: Places, mark: int) -> str:
    """The end cursor of a page without entries, as `read_start` takes it to read on."""
    timed = all(place is None or len(place) > 1 for place in places.values())
    return write_cursor({**places, _ENTRY: (mark, "") if timed else (f"{mark}/",)})


def mark_of(*asked: object) -> int:
    """A number that differs with what is asked: filters, sort keys, flags; order in lists aside."""
    text = _CODER.encode([_canonical(one) for one in asked])
    return int.from_bytes(blake2b(text, digest_size=4).digest())


def _canonical(asked: object) -> Any:
    if isinstance(asked, Enum):
        return asked.name
    if isinstance(asked, datetime):
        return asked.timestamp()
    if isinstance(asked, list | tuple | frozenset | set):
        return sorted((_canonical(one) for one in asked), key=_CODER.encode)
    if is_dataclass(asked):
        given = ((one.name, getattr(asked, one.name)) for one in fields(asked))
        return {name: _canonical(value) for name, value in given if value is not None}
    return asked


def _mark_and_shop(known: tuple[int | str, str] | tuple[str]) -> tuple[int | None, str]:
    match known:
        case (int(mark), str(shop)):
            return mark, shop
        case _:
            text, _, shop = str(known[0]).partition("/")
            return (int(text) if text.isdecimal() else None), shop


def _decoded(text: str, name: str, *, timed: bool) -> dict[str, Place]:
    """The positions in a cursor that was given as the argument `name`."""
    try:
        plain = _DECODER.decode(base64url.decode(text))
        texts = _ENTRY in plain
        return {shop: _place(place, timed=timed, texts=texts) for shop, place in plain.items()}
    except (ValueError, msgspec.DecodeError):
        raise BadUserInput(_no_cursor(name)) from None


def _no_cursor(name: str) -> str:
    return NO_CURSOR.replace("after", name)


def behind(place: Place) -> str | None:
    """The id after which a list by id continues."""
    return str(place[-1]) if place else None


def _place(place: list[int | str] | None, *, timed: bool, texts: bool) -> Place:
    match place:
        case None:
            return None
        case [int(at), str(name)] if timed and -_INT64 <= at < _INT64:
            return (at, name)
        case [str(text), str(name)] if timed and texts:
            return (text, name)
        case [str(name)] if not timed:
            return (name,)
        case _:
            raise ValueError
