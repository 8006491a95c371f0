"""Documents of an answer as received, and entries that are mapped on first access."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec

from gateway.concurrency.sliced_work import Steps
from gateway.upstream.document import document, exact, shallow
from gateway.upstream.lenient_json import repaired

_Object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_List = msgspec.json.Decoder(list[msgspec.Raw])


class RawList:
    """The entries of the list in one member of an answer."""

    __slots__ = ("_body", "_entries", "_member", "_mended")

    def __init__(self, body: bytes, member: str) -> None:
        self._body = body
        self._member = member
        self._entries: list[msgspec.Raw] | None = None
        self._mended = False

    def scan(self) -> Steps[None]:
        """Find the entries now, not when one is first read; one to be repaired waits for that."""
        with suppress(ValueError, KeyError, RecursionError):
            member = _Object.decode(self._body)[self._member]
            yield
            self._entries = _List.decode(member)

    def at(self, place: int) -> Any:
        """The entry at an index, as decoded JSON; broken characters are replaced by U+FFFD.

        Raises:
            ValueError: it is nested too deeply, or is not JSON even after repair.
        """
        try:
            return self._read(place)
        except ValueError:
            if self._mended:
                raise
            sound = repaired(self._body)
            if sound is None:
                raise
            # All entries at once: if one is broken, others may be.
            self._body, self._entries, self._mended = sound, None, True
            return self._read(place)

    def _read(self, place: int) -> Any:
        if self._entries is None:
            self._entries = _List.decode(_Object.decode(self._body)[self._member])
        read = shallow if self._mended else exact
        return read(memoryview(self._entries[place]))


def raw_member(body: bytes, member: str) -> Any:
    """One member of an answer, as decoded JSON."""
    return document(body)[member]


Wire = TypeVar("Wire")
Made = TypeVar("Made")


class Entries(Generic[Wire, Made]):
    """Maps entries on access: a list may hold thousands, of which a page shows twenty."""

    __slots__ = ("_made", "_make", "_raw", "wires")

    def __init__(
        self,
        wires: Sequence[Wire],
        make: Callable[[Wire, Callable[[], Any]], Made],
        raw: RawList,
    ) -> None:
        self.wires = wires
        self._make = make
        self._raw = raw
        self._made: dict[int, Made] = {}

    def scan(self) -> Steps[None]:
        """Find the documents of all entries now, not when one is first read."""
        yield from self._raw.scan()

    def __getitem__(self, place: int) -> Made:
        made = self._made.get(place)
        if made is None:
            made = self._make(self.wires[place], partial(self._raw.at, place))
            self._made[place] = made
        return made
