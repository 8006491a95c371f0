"""Reads the body of a platform's message, XML or JSON, without trusting any of it."""

from typing import Any, Final
from xml.parsers import expat

import orjson

#: Fields of a message, by the platform's names; what stands deeper is a mapping again.
Fields = dict[str, Any]

_DEEPEST: Final = 8
_MOST_ELEMENTS: Final = 1_000
_FORBIDDEN: Final = ("<!DOCTYPE", "<!ENTITY")


class UnreadableMessage(ValueError):
    """The body is no message of a platform."""


def read_message(body: bytes) -> Fields:
    """The message's fields; raises UnreadableMessage."""
    try:
        # Bytes in another encoding could hide from the checks below.
        text = body.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise UnreadableMessage("not UTF-8") from None
    if text.startswith("{"):
        return _from_json(text)
    if any(word in text for word in _FORBIDDEN):
        raise UnreadableMessage("a document type, which no message has")
    return _Tree().read(text)


def _from_json(text: str) -> Fields:
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise UnreadableMessage("no JSON") from None
    if not isinstance(fields, dict):
        raise UnreadableMessage("no JSON object")
    return fields


class _Tree:
    """Turns elements into mappings; of several elements of one name the first counts."""

    def __init__(self) -> None:
        self._open: list[tuple[str, Fields, list[str]]] = []
        self._root: Fields | None = None
        self._elements = 0

    def read(self, text: str) -> Fields:
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        # What the search for the words may miss, the parser meets here.
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        try:
            parser.Parse(text.encode(), True)
        except expat.ExpatError:
            raise UnreadableMessage("no XML") from None
        if self._root is None:
            raise UnreadableMessage("no element with fields")
        return self._root

    def _start(self, name: str, _attributes: object) -> None:
        self._elements += 1
        if len(self._open) >= _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise UnreadableMessage("too many elements")
        self._open.append((name, {}, []))

    def _text(self, text: str) -> None:
        self._open[-1][2].append(text)

    def _end(self, name: str) -> None:
        _, fields, texts = self._open.pop()
        if not self._open:
            self._root = fields
        else:
            self._open[-1][1].setdefault(name, fields or "".join(texts).strip())


def _refuse(*_declared: object) -> None:
    raise UnreadableMessage("a document type, which no message has")
