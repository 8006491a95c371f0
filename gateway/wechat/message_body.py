"""Reads the body of a platform's message, XML or JSON, leniently, without trusting any of it."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat

import orjson

#: Fields of a message, by the platform's names; what stands deeper is a mapping again.
Fields = dict[str, Any]

_DEEPEST: Final = 8
_MOST_ELEMENTS: Final = 1_000
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
#: What no message means by itself: control characters, byte order marks, characters of no width,
#: noncharacters. A space does no harm in their place, and an id with a space inside is no id.
_BLANK: Final = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xFFFE, 0xFFFF), " "
)
_BEGIN: Final = re.compile("[{<]")

#: Fields by which messages are told apart, and orders named.
_NAMES: Final = (
    "MsgType|Event|FromUserName|CreateTime|OrderId|OrderStatus|order_id|shop_appid|Encrypt"
)
_NESTED: Final = ("order_id", "shop_appid")
_VALUE: Final = r"[A-Za-z0-9_.:*+/=-]"
_TAG: Final = rf"(?:{_NAMES}|ToUserName|ProductId|SkuInfo|Data|EventData|xml)[\s>]"
# Possessive throughout: the body may be anybody's, and must not be read twice. What follows a value
# is looked at, for half of an id would be another order's.
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
    """The body is no message of a platform; the text names no value of it."""


class DocumentTypeDeclared(MalformedMessage):
    """The XML parser met a document type or an entity declaration, which no message has."""

    def __init__(self) -> None:
        super().__init__("a document type is declared")


def readings(body: bytes) -> Iterator[Fields]:
    """The message's fields as a parser reads them; after that, as a tolerant scan finds them.

    Later readings are for a caller that an earlier one does not satisfy. The scan looks only for
    the fields by which messages are told apart and orders are named, whatever is around them, and
    leaves out one that has two values.

    Raises:
        DocumentTypeDeclared: the message is not to be read at all.
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
    """A value without the space and the invisible characters around it."""
    return value.translate(_BLANK).strip()


def _decoded(body: bytes) -> Iterator[str]:
    """The body as UTF-8; where it is none, as GB18030, and with U+FFFD for what is neither."""
    for encoding in ("utf-16",) if body.startswith(_UTF_16) else ("utf-8", "gb18030"):
        try:
            yield body.decode(encoding).translate(_BLANK)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8":
            return
    yield body.decode("utf-8", "replace").translate(_BLANK)


def _document(text: str) -> str:
    """What stands from the first bracket to the last; empty where there is none."""
    begin = _BEGIN.search(text)
    if begin is None:
        return ""
    return text[begin.start() : text.rfind("}" if begin.group() == "{" else ">") + 1]


def _from_json(text: str) -> Fields | None:
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            # Takes half a surrogate pair, and numbers beyond 64 bits.
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
    # What a buyer writes comes behind the message's type, and cannot make it another one.
    if (kinds := values.get("MsgType")) and kinds[0] != "event":
        del kinds[1:]
    fields: Fields = {name: found[0] for name, found in values.items() if len(found) == 1}
    return fields | {"Data": {name: fields[name] for name in _NESTED if name in fields}}


class _TooManyElements(Exception):
    """Wider or deeper than any message."""


class _Tree:
    """ObjectLocks elements into mappings; of several elements of one name the first counts."""

    def __init__(self) -> None:
        self._open: list[tuple[str, Fields, list[str]]] = []
        self._root: Fields = {}
        self._elements = 0

    def read(self, text: str) -> Fields:
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        # The parser alone knows a declaration from a chat text that looks like one.
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
