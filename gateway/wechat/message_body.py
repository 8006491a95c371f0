"""Lenient parser of untrusted platform messages, XML or JSON."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat

import orjson

#: Fields of a message, by the platform's names; nested fields are mappings again.
Fields = dict[str, Any]

_DEEPEST: Final = 8
_MOST_ELEMENTS: Final = 1_000
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
#: Characters without meaning: control characters, byte order marks, zero-width characters,
#: noncharacters. Replacing them with a space is harmless: an id with a space inside is invalid.
_BLANK: Final = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xFFFE, 0xFFFF), " "
)
_BEGIN: Final = re.compile("[{<]")

#: Fields that identify messages and what they are about, and tell apart events of one object.
_NAMES: Final = (
    "MsgType|Event|FromUserName|CreateTime|OrderId|OrderStatus|order_id|shop_appid|Encrypt"
    "|after_sale_order_id|product_id|sku_id|cancel_type|finish_delivery|confirm_type|type|status"
)
_VALUE: Final = r"[A-Za-z0-9_.:*+/=-]"
_TAG: Final = rf"(?:{_NAMES}|ToUserName|ProductId|SkuInfo|Data|EventData|xml)[\s>]"
# Possessive throughout: the body is untrusted and must not cause backtracking. A value's end is
# checked, because half an id would be another order's.
_IN_XML: Final = rf"""
    <(?P<element>{_NAMES})(?:\s[^<>]*+)?+> \s*+
    (?:<!\[CDATA\[\s*+)?+ (?P<text>{_VALUE}++) \s*+ (?:\]\]>\s*+)?+ (?=</?+{_TAG})
"""
_IN_JSON: Final = rf"""
    "(?P<member>{_NAMES})" \s*+ : \s*+
    (?: "\s*+ (?P<string>(?:{_VALUE}|\\/)++) \s*+ " | (?P<number>[0-9]++) ) (?=\s*+[,}}\]])
"""
_SCAN: Final = re.compile(f"{_IN_XML}|{_IN_JSON}", re.VERBOSE)


class MalformedMessage(ValueError):
    """The body is not a platform message; the text contains none of its values."""


class DocumentTypeDeclared(MalformedMessage):
    """The XML has a document type or an entity declaration, which no message has."""

    def __init__(self) -> None:
        super().__init__("a document type is declared")


def readings(body: bytes) -> Iterator[Fields]:
    """The message's fields as parsed, then as found by a tolerant scan.

    Later readings are a fallback for the caller. The scan looks only for the fields that identify
    messages and what they are about, whatever surrounds them: it has no nested fields, and omits
    one that has two values.

    Raises:
        DocumentTypeDeclared: the message must not be read at all.
    """
    texts = list(_decoded(body))
    for text in texts:
        document = _document(text)
        fields = _from_json(document) if document.startswith("{") else _from_xml(document)
        if fields is not None:
            yield fields
    for text in texts:
        yield _scanned(text)


def without_blanks(value: str) -> str:
    """A value without surrounding whitespace and invisible characters."""
    return value.translate(_BLANK).strip()


def _decoded(body: bytes) -> Iterator[str]:
    """The body decoded as UTF-8, else as GB18030 with U+FFFD for invalid bytes."""
    for encoding in ("utf-16",) if body.startswith(_UTF_16) else ("utf-8", "gb18030"):
        try:
            yield body.decode(encoding).translate(_BLANK)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8":
            return
    yield body.decode("utf-8", "replace").translate(_BLANK)


def _document(text: str) -> str:
    """The text from the first bracket to the last; empty if there is none."""
    begin = _BEGIN.search(text)
    if begin is None:
        return ""
    return text[begin.start() : text.rfind("}" if begin.group() == "{" else ">") + 1]


def _from_json(text: str) -> Fields | None:
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            # Accepts lone surrogates and numbers beyond 64 bits.
            fields = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return None
    return fields if isinstance(fields, dict) else None


def _from_xml(text: str) -> Fields | None:
    try:
        return _Tree().read(text)
    except (expat.ExpatError, _TooManyElements):
        return None


def _scanned(text: str) -> Fields:
    values: dict[str, list[str]] = {}
    for match in _SCAN.finditer(text):
        name = match["element"] or match["member"]
        value = match["text"] or match["number"] or match["string"].replace("\\/", "/")
        if value not in values.setdefault(name, []):
            values[name].append(value)
    # A buyer's text comes after the message's type and cannot change it.
    if (kinds := values.get("MsgType")) and kinds[0] != "event":
        del kinds[1:]
    return {name: found[0] for name, found in values.items() if len(found) == 1}


class _TooManyElements(Exception):
    """The body is wider or deeper than any message."""


class _Tree:
    """Turns elements into mappings; the first of several elements with the same name counts."""

    def __init__(self) -> None:
        self._open: list[tuple[str, Fields, list[str]]] = []
        self._root: Fields = {}
        self._elements = 0

    def read(self, text: str) -> Fields:
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        # Only the parser can distinguish a declaration from chat text that looks like one.
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.Parse(text.encode(), True)
        return self._root

    def _start(self, name: str, _attributes: object) -> None:
        self._elements += 1
        if len(self._open) >= _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise _TooManyElements
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
    raise DocumentTypeDeclared
