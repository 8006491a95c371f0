"""Splits a list in a JSON document into entries, some of which are broken."""

import json
import re
from typing import Final, NamedTuple

import msgspec

_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
#: A parser that finds where a value ends; it accepts control characters.
_JSON: Final = json.JSONDecoder(strict=False)

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
#: A structural byte, outside of strings.
_MARK: Final = re.compile(rb'["\[\]{}]')
_QUOTE: Final = re.compile(rb'["\\]')
_AFTER_KEY: Final = re.compile(rb"[ \t\r\n]*:")
#: What follows a string in an object: its end, or another member.
_AFTER_MEMBER: Final = re.compile(
    rb'[ \t\r\n]*(?:\}[ \t\r\n]*(?:[,\]}]|\Z)|,[ \t\r\n]*(?:"(?:[^"\\]|\\.){0,200}"[ \t\r\n]*:|\}))'
)
_AFTER_ENTRY: Final = re.compile(rb"[ \t\r\n]*[,\]]")
_SCALAR: Final = re.compile(rb"[^,\]}]+")
#: Where an entry may begin, as long as no valid one shows by which member.
_ANY_ENTRY: Final = re.compile(rb'(?P<before>[,\[])[ \t\r\n]*(?P<entry>\{[ \t\r\n]*")')
#: Scan limit, in lengths of the document: broken entries need more than one pass.
_MOST_PASSES: Final = 20


class Split(NamedTuple):
    """A document in three parts: up to the list's bracket, the entries, and the rest."""

    head: bytes
    entries: list[bytes]
    tail: bytes


class _Unclear(Exception):
    """The end of the value at this position cannot be found."""


def split(body: bytes, member: str) -> Split | None:
    """The entries of the list at a top-level member; any of them may be broken.

    A bare quote or an unknown escape does not hide the end of an entry: a quote ends a string if
    what follows fits. Where brackets are missing, scanning resumes at the next valid entry that
    begins with the same member as the others; what lies between is one broken entry.

    None if there is no such list, or its end cannot be found.
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
    """Scans one document; counts its steps, so that no document takes long."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        #: One character per byte, so that positions are the same.
        self._text = body.decode("latin-1")
        #: Where an object was last searched for, and its end.
        self._parsed: tuple[int, int | None] = (-1, None)
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
        opening, sound = _ANY_ENTRY, b""
        at = self._space(at)
        while True:
            end, after = self._end_of_entry(at, opening, sound)
            entry = self._body[at:end].rstrip(b" \t\r\n,")
            if entry:
                entries.append(entry)
            if self._body[after : after + 1] == b"]":
                return entries, after
            if not sound and self._sound_end(at) == end:
                opening, sound = _opening(entry), entry
            at = self._space(after + 1)

    def _end_of_entry(self, at: int, opening: re.Pattern[bytes], sound: bytes) -> tuple[int, int]:
        """Where the entry that begins here ends, and the comma or the bracket behind it.

        `opening` finds where entries begin; `sound` is an earlier valid entry, empty without one.
        """
        try:
            end, after = self._end_by_brackets(at)
        except _Unclear:
            end = after = len(self._body)
        else:
            if self._sound_end(at) == end:
                return end, after
        # Broken: its end may be missing, and what seems to be its end may be another entry's.
        begin = at + 1
        while (found := opening.search(self._body, begin, end)) is not None:
            self._spend(found.end() - begin)
            begin = found.end()
            if found["before"] == b"," and self._is_entry(found.start("entry"), opening, sound):
                return found.start(), found.start()
        if end < len(self._body):
            return end, after
        while (at := self._body.find(b"]", at + 1)) >= 0:
            if self._is_tail(at + 1):
                return at, at
        raise _Unclear

    def _end_by_brackets(self, at: int) -> tuple[int, int]:
        if self._body[at : at + 1] in {b",", b"]"}:
            end = after = at
        else:
            end = self._sound_end(at) or self._end_of_value(at, object_=False)
            after = self._space(end)
        if self._body[after : after + 1] == b"," or (
            self._body[after : after + 1] == b"]" and self._is_tail(after + 1)
        ):
            return end, after
        raise _Unclear

    def _sound_end(self, at: int) -> int | None:
        """Where the object that begins here ends; None if it is broken or not an object."""
        if self._parsed[0] != at:
            self._parsed = at, self._parse(at)
        return self._parsed[1]

    def _parse(self, at: int) -> int | None:
        if self._body[at : at + 1] != b"{":
            return None
        try:
            end = _JSON.raw_decode(self._text, at)[1]
        except json.JSONDecodeError as error:
            self._spend(error.pos - at)
            return None
        except (ValueError, RecursionError):
            return None
        self._spend(end - at)
        return end

    def _is_entry(self, at: int, opening: re.Pattern[bytes], sound: bytes) -> bool:
        """Whether an entry of this list begins here, not of a list nested in a broken entry.

        From an entry of this list on there are entries until the document ends, or until another
        is broken. Where those of lists within begin likewise, it must have the members of `sound`
        besides, and no other may be broken.
        """
        unlike = sound != b"" and opening.search(sound, 1) is None
        begin, first = at, b""
        while True:
            try:
                end, at = self._end_by_brackets(at)
            except _Unclear:
                return unlike and first != b""
            first = first or self._body[begin:end]
            if self._body[at : at + 1] == b"]":
                return unlike or not sound or _names(first) == _names(sound)
            at = self._space(at + 1)

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
        """Where the value that begins here ends; `object_`: whether it is in an object."""
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
        """What must follow the string that begins at a quote."""
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


def _names(entry: bytes) -> set[str] | None:
    """The names of an entry's members; None if it is broken."""
    try:
        return set(_OBJECT.decode(entry))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _opening(entry: bytes) -> re.Pattern[bytes]:
    """A pattern for entries that begin with the same member as this one, and what precedes them."""
    key = re.match(rb'\{[ \t\r\n]*("[^"\\]{1,200}")[ \t\r\n]*:', entry)
    if key is None:
        return _ANY_ENTRY
    return re.compile(
        rb"(?P<before>[,\[])[ \t\r\n]*(?P<entry>\{[ \t\r\n]*" + re.escape(key[1]) + rb"[ \t\r\n]*:)"
    )
