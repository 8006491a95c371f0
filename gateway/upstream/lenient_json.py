"""Lenient JSON: repairs the encoding of an answer, and stray characters in and around it."""

import json
from math import isfinite
from typing import Final

#: Control characters and white space, NUL among them.
_AROUND: Final = bytes(range(0x21)) + b"\x7f"
#: Multi-byte ones: next line, no-break space, zero-width characters and direction marks,
#: line and paragraph separators, word joiner, ideographic space, byte order mark.
_WIDE_AROUND: Final = tuple(
    character.encode()
    for character in "\x85\xa0\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u2060\u3000\ufeff"
)
_LOST: Final = "\N{REPLACEMENT CHARACTER}"
_LOST_BYTES: Final = _LOST.encode()
#: The first character that takes three bytes in UTF-8, as all Chinese ones do.
_THREE_BYTES: Final = "\u0800"
#: Characters of a 64-bit number.
_LONGEST_WHOLE: Final = 20


def trimmed(body: bytes) -> bytes:
    """The body without meaningless bytes around its document, such as a BOM or NUL."""
    if body[:1] in {b"{", b"["} and body[-1:] in {b"}", b"]"}:
        return body
    length = -1
    while len(body) != length:
        length = len(body)
        body = body.strip(_AROUND)
        for character in _WIDE_AROUND:
            body = body.removeprefix(character).removesuffix(character)
    return body


def repaired(body: bytes, *, guess: bool = True) -> bytes | None:
    """The same document as valid JSON in UTF-8; None if it cannot be repaired.

    Names of people contain control characters or half a surrogate pair, are cut off within a
    character, or are in GB18030; one such order would make the whole list unreadable. Numbers of
    more than 64 bits or beyond a double become strings.

    Args:
        body: what the platform sent.
        guess: whether invalid UTF-8 may be read as GB18030. Without it, U+FFFD replaces incomplete
        characters.
    """
    try:
        value = json.loads(
            _decoded(body) if guess else body.decode("utf-8", "replace"),
            strict=False,
            parse_int=_whole,
            parse_float=_double,
        )
        sound = json.dumps(value, ensure_ascii=False)
        # Via UTF-16 half a surrogate pair becomes U+FFFD, not a question mark.
        return sound.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
    except (ValueError, RecursionError):
        return None


def _decoded(body: bytes) -> str:
    """The text of a document, each of its strings in its own encoding.

    The byte of a quotation mark is part of no other character, in UTF-8 as in GB18030.
    """
    try:
        return body.decode()
    except UnicodeDecodeError:
        return '"'.join(map(_string, body.split(b'"')))


def _string(piece: bytes) -> str:
    try:
        return piece.decode()
    except UnicodeDecodeError as error:
        cut_off = error.reason == "unexpected end of data"
    try:
        # Characters beyond 16 bits as two surrogates of three bytes each, as Java writes them.
        halves = piece.decode("utf-8", "surrogatepass")
        return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    except UnicodeDecodeError:
        pass
    text = piece.decode("utf-8", "replace")
    if cut_off:
        return text
    try:
        chinese = piece.decode("gb18030")
    except UnicodeDecodeError:
        return text
    # Text in GB18030 is hardly ever valid UTF-8 by chance; truncated UTF-8 is valid except at
    # its ends.
    sound = sum([character >= _THREE_BYTES for character in text]) - text.count(_LOST)
    ill = text.count(_LOST) - piece.count(_LOST_BYTES)
    return text if sound >= ill else chinese


def _whole(digits: str) -> int | str:
    if len(digits) > _LONGEST_WHOLE:
        return digits
    value = int(digits)
    return value if -(2**63) <= value < 2**64 else digits


def _double(digits: str) -> float | str:
    value = float(digits)
    return value if isfinite(value) else digits
