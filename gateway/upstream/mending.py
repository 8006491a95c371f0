"""Mends answers that are JSON but for what people typed into them."""

import json
from typing import Any, Final

import orjson

#: So many of an answer's characters may be lost. More are another charset, not a cut-off name.
_MOST_LOST: Final = 0.01
_LOST: Final = "\N{REPLACEMENT CHARACTER}"


def mended(body: bytes, *, lossy: bool) -> bytes | None:
    """The same document as sound JSON in UTF-8; None where it is no JSON in this way either.

    Names of people come with control characters in them, with half of a surrogate pair, or cut
    off within a character; one such order would make the whole list unreadable.

    Args:
        body: what the platform sent.
        lossy: whether bytes that are no UTF-8 may be shown as U+FFFD. Not where the document is
            sent back later: what is lost would be lost for good.
    """
    ill = "replace" if lossy else "strict"
    try:
        text = body.decode("utf-8", ill)
        if text.count(_LOST) > _MOST_LOST * len(text):
            return None
        return json.dumps(json.loads(text, strict=False), ensure_ascii=False).encode("utf-8", ill)
    except (ValueError, RecursionError):
        return None


def document(body: bytes) -> Any:
    """An answer that could be read, as decoded JSON, with all that its wire model leaves out.

    What nobody reads is not looked at closely, so that characters may be broken there.

    Raises:
        ValueError: too much of it is.
    """
    try:
        return orjson.loads(body)
    except ValueError:
        sound = mended(body, lossy=True)
        if sound is None:
            raise
        return orjson.loads(sound)
