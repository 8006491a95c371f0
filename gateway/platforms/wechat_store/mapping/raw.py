"""Documents as they came, cut out of an answer's JSON when they are first asked for."""

from typing import Any

import msgspec
import orjson

_Object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_List = msgspec.json.Decoder(list[msgspec.Raw])


class RawList:
    """The entries of the list that stands at one member of an answer."""

    __slots__ = ("_body", "_entries", "_member")

    def __init__(self, body: bytes, member: str) -> None:
        self._body = body
        self._member = member
        self._entries: list[msgspec.Raw] | None = None

    def at(self, place: int) -> Any:
        """The entry at a place, as decoded JSON."""
        if self._entries is None:
            self._entries = _List.decode(_Object.decode(self._body)[self._member])
        return orjson.loads(memoryview(self._entries[place]))


def raw_member(body: bytes, member: str) -> Any:
    """What stands at one member of an answer, as decoded JSON."""
    return orjson.loads(body)[member]
