"""Lenient reading of an answer that does not match the manual exactly."""

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import inspect

from gateway.concurrency.sliced_work import Steps, finish
from gateway.upstream.coercion import Coercion
from gateway.upstream.endpoint import Endpoint, EntryList
from gateway.upstream.entry_split import Split, split
from gateway.upstream.entry_steps import decoded_list
from gateway.upstream.lenient_json import repaired

Model = TypeVar("Model")
Response = TypeVar("Response", bound=msgspec.Struct)

_LOST: Final = "\N{REPLACEMENT CHARACTER}".encode()
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
#: What a decoder raises for unreadable input.
UNREADABLE: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


class LenientDecoder(Generic[Model]):
    """Decodes a document as the model: strictly, else with coerced values."""

    __slots__ = ("_coercion", "strict")

    def __init__(self, model: type[Model], *, gaps: bool = False) -> None:
        #: Like `decode`, strictly.
        self.strict = msgspec.json.Decoder(model).decode
        self._coercion = Coercion(model, gaps=gaps)

    def decode(self, body: bytes) -> Model:
        """The model.

        Raises:
            msgspec.DecodeError, RecursionError, UnicodeDecodeError: it cannot be read.
        """
        try:
            return self.strict(body)
        except UNREADABLE as error:
            # Valid JSON too may have numbers that no decoder keeps exactly.
            sound = repaired(body)
            if sound is None:
                raise
            try:
                return self._coercion.convert(msgspec.json.decode(sound))
            except UNREADABLE:
                raise error from None


class UnreadableEntry(NamedTuple):
    """A dropped entry: its id if that is readable, and its digest."""

    platform_id: str | None
    digest: str


class SoundAnswer(NamedTuple):
    """An answer without its unreadable entries.

    `marked`: the same with U+FFFD in place of incomplete characters; None if there were none, and
    for a list.
    """

    body: bytes
    unreadable: Sequence[UnreadableEntry] = ()
    marked: bytes | None = None


class AnswerDecoder(Generic[Response]):
    """Decodes the answers of one row: in one pass, else entry by entry."""

    __slots__ = ("_answer", "_list", "attribute", "strict")

    def __init__(self, row: Endpoint[Any, Response]) -> None:
        # A null among the results of a write may be the result of a record.
        gaps = row.shareable
        self._answer = LenientDecoder(row.response, gaps=gaps)
        self._list = (
            None if row.entries is None else _ListDecoder(row.response, row.entries, gaps=gaps)
        )
        #: The attribute of the model with the list of `row.entries`.
        self.attribute = None if self._list is None else self._list.attribute
        self.strict = self._answer.strict

    def decode(self, body: bytes) -> Response:
        """The model of an answer that `sound` has passed.

        Raises:
            msgspec.DecodeError, RecursionError, UnicodeDecodeError: it cannot be read.
        """
        try:
            return self.strict(body)
        except UNREADABLE:
            parts = None if self._list is None else self._list.split(body)
            if self._list is None or parts is None:
                return self._answer.decode(body)
        answer = self._answer.decode(parts.head + parts.tail)
        return self._list.filled(answer, parts.entries)

    def decode_in_steps(self, body: bytes) -> Steps[Response]:
        """Like `decode`, an entry at a time where there is a list."""
        yield
        if self._list is not None:
            answer = yield from self._list.decode_in_steps(body, self._answer.decode)
            if answer is not None:
                return answer
        return self.decode(body)

    def strict_in_steps(
        self, body: bytes, rest: Callable[[bytes], Response | None]
    ) -> Steps[Response | None]:
        """The model of an answer with a list, decoded strictly, an entry at a time.

        `rest` decodes the answer without the list's entries, or returns None if it should be read
        otherwise. None too if there is no list, or it cannot be read so.
        """
        if self._list is None:
            return None
        return (yield from self._list.strict_in_steps(body, rest))

    def sound_in_steps(self, body: bytes) -> Steps[SoundAnswer | None]:
        """Like `sound`, an entry at a time; None too if the answer has no list to be found."""
        parts = None if self._list is None else self._list.split(body)
        yield
        if self._list is None or parts is None:
            return None
        return (yield from self._list.sound(parts))

    def sound(self, body: bytes) -> SoundAnswer | None:
        """An invalid answer, repaired as far as possible for `decode`.

        The values keep the form that the platform gave them. None if it is not JSON at all.
        """
        listed = self._list
        parts = None if listed is None else listed.split(body)
        if listed is not None and parts is not None:
            return finish(listed.sound(parts))
        whole = repaired(body)
        if whole is None:
            return None
        # The list may be readable only after the repair.
        parts = None if listed is None else listed.split(whole)
        if listed is not None and parts is not None:
            return finish(listed.sound(parts))
        marked = repaired(body, guess=False) if listed is None else None
        return SoundAnswer(whole, marked=marked if marked and _lost(body, marked) else None)


class _ListDecoder:
    """Decodes the entries of the list in a row's answers."""

    def __init__(self, response: type[msgspec.Struct], listed: EntryList, *, gaps: bool) -> None:
        attribute, model = _entry_model(response, listed.member)
        self._member = listed.member
        self.attribute = attribute
        self._entry: LenientDecoder[msgspec.Struct] = LenientDecoder(model, gaps=gaps)
        self._id = re.compile(
            rb'"%b"\s*:\s*(?:"([A-Za-z0-9_-]{1,64})"|([0-9]{1,20})[\s,}])' % listed.id.encode()
        )

    def split(self, body: bytes) -> Split | None:
        return split(body, self._member)

    def filled(self, answer: Response, entries: Sequence[bytes]) -> Response:
        decoded = list(map(self._entry.decode, entries))
        return msgspec.structs.replace(answer, **{self.attribute: decoded})

    def decode_in_steps(
        self, body: bytes, rest: Callable[[bytes], Response | None]
    ) -> Steps[Response | None]:
        return (yield from self._in_steps(body, self._entry.decode, rest))

    def strict_in_steps(
        self, body: bytes, rest: Callable[[bytes], Response | None]
    ) -> Steps[Response | None]:
        return (yield from self._in_steps(body, self._entry.strict, rest))

    def _in_steps(
        self,
        body: bytes,
        entry: Callable[[bytes], msgspec.Struct],
        rest: Callable[[bytes], Response | None],
    ) -> Steps[Response | None]:
        found = yield from decoded_list(body, self._member, entry)
        answer = None if found is None else rest(found.rest)
        if found is None or answer is None:
            return None
        return msgspec.structs.replace(answer, **{self.attribute: found.entries})

    def sound(self, parts: Split) -> Steps[SoundAnswer | None]:
        rest = _sound_members(parts.head + parts.tail)
        if rest is None:
            return None
        kept: list[bytes] = []
        unreadable: list[UnreadableEntry] = []
        for entry in parts.entries:
            yield
            text = self._readable(entry)
            if text is None:
                unreadable.append(self._named(entry))
            else:
                kept.append(text)
        rest[self._member] = msgspec.Raw(b"[" + b",".join(kept) + b"]")
        whole = msgspec.json.encode(rest)
        return SoundAnswer(whole, unreadable)

    def _readable(self, entry: bytes) -> bytes | None:
        """The entry as decodable JSON; None if it cannot be repaired."""
        try:
            self._entry.strict(entry)
        except UNREADABLE:
            text = repaired(entry)
            if text is None:
                return None
            try:
                self._entry.decode(text)
            except UNREADABLE:
                return None
            return text
        return entry

    def _named(self, entry: bytes) -> UnreadableEntry:
        found = self._id.search(entry)
        return UnreadableEntry(
            None if found is None else (found[1] or found[2]).decode(),
            sha256(entry).hexdigest()[:16],
        )


def _entry_model(response: type[msgspec.Struct], member: str) -> tuple[str, type[msgspec.Struct]]:
    """The attribute with the list at a member, and the model of its entries."""
    described = inspect.type_info(response)
    assert isinstance(described, inspect.StructType)  # noqa: S101 - every response is a Struct
    for field in described.fields:
        if field.encode_name == member:
            kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
            for kind in kinds:
                if isinstance(kind, inspect.ListType) and isinstance(
                    kind.item_type, inspect.StructType
                ):
                    return field.name, kind.item_type.cls
    raise TypeError(f"{response.__name__} has no list of objects at {member}")


def _sound_members(body: bytes) -> dict[str, msgspec.Raw] | None:
    try:
        msgspec.json.decode(body)
    except UNREADABLE:
        text = repaired(body)
        if text is None:
            return None
        body = text
    return _MEMBERS.decode(body)


def _lost(before: bytes, after: bytes) -> bool:
    return after.count(_LOST) > before.count(_LOST)
