"""Finds the entries of a list in a JSON document of which some entries are broken."""

import re
from typing import Final, NamedTuple

import msgspec

_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
#: A byte with a meaning, outside of texts.
_MARK: Final = re.compile(rb'["\[\]{}]')
_QUOTE: Final = re.compile(rb'["\\]')
_AFTER_KEY: Final = re.compile(rb"[ \t\r\n]*:")
#: What follows a text in an object: its end, or another member.
_AFTER_MEMBER: Final = re.compile(
    rb'[ \t\r\n]*(?:\}[ \t\r\n]*(?:[,\]}]|\Z)|,[ \t\r\n]*(?:"[^"\\]{0,200}"[ \t\r\n]*:|\}))'
)
_AFTER_ENTRY: Final = re.compile(rb"[ \t\r\n]*[,\]]")
_SCALAR: Final = re.compile(rb"[^,\]}]+")
#: How often a document may be gone through, in its own lengths: broken entries cost more than one.
_MOST_PASSES: Final = 20


class Split(NamedTuple):
    """A document in three: up to its list's bracket, the entries, and from the closing bracket."""

    head: bytes
    entries: list[bytes]
    tail: bytes


class _Unclear(Exception):
    """What stands here has no end that can be told."""


def split(body: bytes, member: str) -> Split | None:
    """The entries of the list at a top-level member; each may be broken by itself.

    A bare quote or an unknown escape does not hide where an entry ends: a quote ends a text where
    what follows it fits. Where brackets are missing the next sound entry is looked for that begins
    with the same member as the others; what lies between is one broken entry.

    None where there is no such list, or its end cannot be told.
    """
    try:
        return _sound(body, member)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    try:
        return _Splitter(body).split(member.encode())
    except _Unclear:
        return None


def _sound(body: bytes, member: str) -> Split | None:
    members = _OBJECT.decode(body)
    if member not in members:
        return None
    value = members.pop(member)
    if not bytes(value).startswith(b"["):
        return None
    rest = msgspec.json.encode(members)
    head = rest[:-1] + (b"," if members else b"") + msgspec.json.encode(member) + b":["
    return Split(head, [bytes(entry) for entry in _LIST.decode(value)], b"]}")


class _Splitter:
    """Goes through one document; counts its steps, so that no document takes long."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._left = _MOST_PASSES * (len(body) + 1)

    def split(self, member: bytes) -> Split:
        start = self._list(member)
        entries, end = self._entries(start)
        return Split(self._body[:start], entries, self._body[end:])

    def _list(self, member: bytes) -> int:
        """Where the list's first entry may stand."""
        at = self._past(self._space(0), b"{")
        while True:
            key, at = self._key(self._space(at))
            if key == member:
                return self._past(at, b"[")
            at = self._past(self._space(self._end_of_value(at, object_=True)), b",")

    def _entries(self, at: int) -> tuple[list[bytes], int]:
        """The entries, and where the list ends."""
        entries: list[bytes] = []
        opening: re.Pattern[bytes] | None = None
        sound = b""
        at = self._space(at)
        if self._body[at : at + 1] == b"]":
            return entries, at
        while True:
            begin, broken = at, False
            try:
                end, after = self._end_of_entry(begin)
            except _Unclear:
                end = after = self._next(begin, opening, sound)
                broken = True
            entries.append(self._body[begin:end].rstrip(b" \t\r\n,"))
            if self._body[after : after + 1] == b"]":
                return entries, after
            opening = opening or _opening(entries[-1])
            sound = sound if broken else entries[-1]
            at = self._space(after + 1)

    def _end_of_entry(self, at: int) -> tuple[int, int]:
        """Where the entry that begins here ends, and the comma or the bracket behind it."""
        end = self._end_of_value(at, object_=False)
        after = self._space(end)
        if self._body[after : after + 1] not in {b",", b"]"}:
            raise _Unclear
        return end, after

    def _next(self, begin: int, opening: re.Pattern[bytes] | None, sound: bytes) -> int:
        """The comma before the next sound entry, else the bracket after the last.

        `sound`: an entry from before that has an end, empty without one.
        """
        opening = opening or _opening(self._body[begin : begin + 300])
        at = begin + 1
        while opening is not None and (found := opening.search(self._body, at)) is not None:
            self._spend(found.end() - at)
            at = found.end()
            if self._body[found.start()] == ord(",") and self._is_entry(
                found.start("entry"), opening, sound
            ):
                return found.start()
        at = begin
        while (at := self._body.find(b"]", at + 1)) >= 0:
            if self._is_tail(at + 1):
                return at
        raise _Unclear

    def _is_entry(self, at: int, opening: re.Pattern[bytes], sound: bytes) -> bool:
        """Whether an entry of this list begins here, not one of a list within a broken entry.

        With this list the document ends. Where another broken entry comes first, the sound one
        tells whether lists within have entries that begin likewise.
        """
        ended = False
        try:
            while True:
                at = self._space(self._end_of_value(at, object_=False))
                ended = True
                if self._body[at : at + 1] != b",":
                    return self._body[at : at + 1] == b"]" and self._is_tail(at + 1)
                at = self._space(at + 1)
        except _Unclear:
            return ended and sound != b"" and opening.search(sound, 1) is None

    def _is_tail(self, at: int) -> bool:
        """Whether from here on there are members, the object's end, and nothing more."""
        try:
            at = self._space(at)
            while self._body[at : at + 1] == b",":
                _, at = self._key(self._space(at + 1))
                at = self._space(self._end_of_value(at, object_=True))
            return self._space(self._past(at, b"}")) == len(self._body)
        except _Unclear:
            return False

    def _key(self, at: int) -> tuple[bytes, int]:
        """A member's name, and where its value begins."""
        begin = self._past(at, b'"')
        end = self._body.find(b'"', begin)
        if end < 0:
            raise _Unclear
        return self._body[begin:end], self._space(self._past(self._space(end + 1), b":"))

    def _end_of_value(self, at: int, *, object_: bool) -> int:
        """Where the value that begins here ends; `object_`: whether it stands in an object."""
        first = self._body[at : at + 1]
        if first == b'"':
            return self._end_of_text(at, _AFTER_MEMBER if object_ else _AFTER_ENTRY)
        if first not in {b"{", b"["}:
            scalar = _SCALAR.match(self._body, at)
            if scalar is None:
                raise _Unclear
            return scalar.end()
        open_: list[bytes] = []
        while True:
            mark = _MARK.search(self._body, at)
            if mark is None:
                raise _Unclear
            self._spend(mark.end() - at)
            at = mark.end()
            match mark[0]:
                case b"{" | b"[":
                    open_.append(mark[0])
                case b'"':
                    at = self._end_of_text(mark.start(), self._follows(mark.start(), open_[-1]))
                case closing:
                    if open_.pop() + closing not in {b"{}", b"[]"}:
                        raise _Unclear
                    if not open_:
                        return at

    def _follows(self, quote: int, around: bytes) -> re.Pattern[bytes]:
        """What must follow the text that begins at a quote."""
        if around == b"[":
            return _AFTER_ENTRY
        before = quote - 1
        while self._body[before] in b" \t\r\n":
            before -= 1
        return _AFTER_MEMBER if self._body[before] == ord(":") else _AFTER_KEY

    def _end_of_text(self, at: int, after: re.Pattern[bytes]) -> int:
        at += 1
        while True:
            found = _QUOTE.search(self._body, at)
            if found is None:
                raise _Unclear
            self._spend(found.end() - at)
            at = found.end()
            if found[0] == b"\\":
                at += 1
            elif after.match(self._body, at) is not None:
                return at

    def _past(self, at: int, expected: bytes) -> int:
        if self._body[at : at + 1] != expected:
            raise _Unclear
        return at + 1

    def _space(self, at: int) -> int:
        found = _SPACE.match(self._body, at)
        return at if found is None else found.end()

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise _Unclear


def _opening(entry: bytes) -> re.Pattern[bytes] | None:
    """What finds an entry that begins with the same member as this one, and what is before it."""
    key = re.match(rb'\{[ \t\r\n]*("[^"\\]{1,200}")[ \t\r\n]*:', entry)
    if key is None:
        return None
    return re.compile(
        rb"[,\[][ \t\r\n]*(?P<entry>\{[ \t\r\n]*" + re.escape(key[1]) + rb"[ \t\r\n]*:)"
    )
