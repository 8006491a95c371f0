"""Decodes a long list entry by entry, without a pass over the whole document."""

import re
from collections.abc import Callable
from itertools import chain, islice
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from gateway.concurrency.sliced_work import Steps

T = TypeVar("T")

_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
#: The beginning of an entry: its bracket and its first member's name.
_BEGIN: Final = re.compile(rb'\{[ \t\r\n]*("[^"\\]{1,200}"[ \t\r\n]*:)')
#: The end of the last entry, and of lists within it.
_LAST_END: Final = re.compile(rb"\}[ \t\r\n]*(?=\])")
#: How many ends of an entry are tried: those of objects within may look like its own.
_MOST_ENDS: Final = 50


class DecodedList(NamedTuple, Generic[T]):
    """A decoded list, and the document around it, in which the list is empty."""

    rest: bytes
    entries: list[T]


def decoded_list(
    body: bytes, member: str, decode: Callable[[bytes], T]
) -> Steps[DecodedList[T] | None]:
    """The entries of the list at a top-level member, each decoded in a step of its own.

    An entry ends where what comes before the beginning of another can be decoded: no part of a
    JSON object is one itself. None unless all are valid objects that begin with the same member:
    then another way of reading has to find out what the document is.
    """
    name = b'"%b"' % member.encode()
    opening = re.search(re.escape(name) + rb"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*", body)
    begin = None if opening is None else _BEGIN.match(body, opening.end())
    if opening is None or begin is None:
        return None
    end = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*(?=\{[ \t\r\n]*" + re.escape(begin[1]) + rb")")
    entries: list[T] = []
    at = opening.end()
    while True:
        for found in islice(
            chain(end.finditer(body, at), _LAST_END.finditer(body, at)), _MOST_ENDS
        ):
            yield
            try:
                entry = decode(body[at : found.start() + 1])
            except msgspec.ValidationError:
                return None
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                continue
            entries.append(entry)
            at = found.end()
            break
        else:
            return None
        if found.re is _LAST_END:
            rest = body[: opening.end()] + body[at:]
            return DecodedList(rest, entries) if _is_only_list(rest, member, name) else None


def _is_only_list(rest: bytes, member: str, name: bytes) -> bool:
    """Whether the list that was taken out of a document is the one at this member."""
    try:
        members = _OBJECT.decode(rest)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return rest.count(name) == 1 and bytes(members.get(member, b"")).startswith(b"[")
