"""A platform's raw document, decoded, with the fields that no wire model has."""

import re
from typing import Any, Final

import orjson

from gateway.upstream.lenient_json import repaired

#: A whole number that may not fit into 64 bits; orjson would silently round it.
_GREAT: Final = re.compile(rb'[^"0-9.][0-9]{20}|-[0-9]{19}')
#: Levels of one document. orjson writes 254, and our answer adds some around it.
_DEEPEST: Final = 200


def exact(text: bytes | memoryview) -> Any:
    """The decoded document, which can be encoded again.

    Raises:
        ValueError: it is not JSON, nested too deeply, or has a number of more than 64 bits or
        beyond a double, which `repaired` returns as a string.
    """
    if _GREAT.search(text) is not None:
        raise ValueError("a number may have more than 64 bits")
    return shallow(text)


def shallow(text: bytes | memoryview) -> Any:
    """Like `exact`, of the repaired document."""
    value = orjson.loads(text)
    level, depth = [value], 0
    while level := [part for one in level for part in _parts(one)]:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} levels deep")
    return value


def document(body: bytes) -> Any:
    """An answer that could be read, with the fields that its wire model lacks.

    Unused fields are not validated: characters may be broken there, and numbers of any size.

    Raises:
        ValueError: it is nested too deeply, or not JSON even when repaired.
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
