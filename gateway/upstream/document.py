"""A platform's document as it came, decoded for whoever wants to see what no wire model names."""

import re
from typing import Any, Final

import orjson

from gateway.upstream.lenient_json import repaired

#: A whole number that may not fit into 64 bits; orjson would round it without a word.
_GREAT: Final = re.compile(rb'[^"0-9.][0-9]{20}|-[0-9]{19}')
#: Levels of one document. orjson writes 254, and an answer has some of its own around it.
_DEEPEST: Final = 200


def exact(text: bytes | memoryview) -> Any:
    """The decoded document, all of which can be written out again.

    Raises:
        ValueError: it is no JSON, nested too deeply, or holds a number of more than 64 bits or
            beyond the doubles. Numbers are strings in what `repaired` makes of it.
    """
    if _GREAT.search(text) is not None:
        raise ValueError("a number may have more than 64 bits")
    return shallow(text)


def shallow(text: bytes | memoryview) -> Any:
    """As `exact`, of what was repaired."""
    value = orjson.loads(text)
    level, depth = [value], 0
    while level := [part for one in level for part in _parts(one)]:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} levels deep")
    return value


def document(body: bytes) -> Any:
    """An answer that could be read, with all that its wire model leaves out.

    What nobody reads is not looked at closely, so that characters may be broken there, and numbers
    may be of any size.

    Raises:
        ValueError: it is nested too deeply, or no JSON even once it is repaired.
    """
    try:
        return exact(body)
    except ValueError:
        sound = repaired(body)
        if sound is None:
            raise
        return shallow(sound)


def _parts(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
