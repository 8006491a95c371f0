"""Mends answers that are JSON but for what people typed into them."""

import json
from math import isfinite
from typing import Final

#: So many of an answer's characters may be lost. More are another charset, not a cut-off name.
_MOST_LOST: Final = 0.01
_LOST: Final = "\N{REPLACEMENT CHARACTER}"
#: Characters of a number of 64 bits.
_LONGEST_WHOLE: Final = 20


def repaired(body: bytes, *, lossy: bool) -> bytes | None:
    """The same document as sound JSON in UTF-8; None where it is no JSON in this way either.

    Names of people come with control characters in them, with half of a surrogate pair, or cut
    off within a character; one such order would make the whole list unreadable.

    Args:
        body: what the platform sent.
        lossy: whether bytes that are no UTF-8 may be shown as U+FFFD, and numbers of more than 64
            bits or beyond the doubles as strings. Not where the document is sent back later: what
            is lost would be lost for good.
    """
    ill = "replace" if lossy else "strict"
    try:
        text = body.decode("utf-8", ill)
        if text.count(_LOST) > _MOST_LOST * len(text):
            return None
        value = json.loads(
            text,
            strict=False,
            parse_int=_whole if lossy else None,
            parse_float=_double if lossy else None,
        )
        return json.dumps(value, ensure_ascii=False).encode("utf-8", ill)
    except (ValueError, RecursionError):
        return None


def _whole(digits: str) -> int | str:
    if len(digits) > _LONGEST_WHOLE:
        return digits
    value = int(digits)
    return value if -(2**63) <= value < 2**64 else digits


def _double(digits: str) -> float | str:
    value = float(digits)
    return value if isfinite(value) else digits
