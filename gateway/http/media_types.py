"""Content negotiation: chooses the media type of a response, and reads that of a request."""

from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

from gateway.http.refusal import HttpRefusal


class MediaType(Enum):
    """The media types of responses."""

    JSON = "application/json"
    RESPONSE = "application/graphql-response+json"
    HTML = "text/html"

    def __init__(self, name: str) -> None:
        #: The value of the `Content-Type` header.
        self.header = f"{name}; charset=utf-8".encode()


class _Range(NamedTuple):
    type: str
    subtype: str
    quality: float


class _Rank(NamedTuple):
    quality: float
    exactness: int
    position: int


#: Without an `Accept` header, or with `*/*`, a legacy client is assumed.
_ANSWERS: Final = (MediaType.JSON, MediaType.RESPONSE)
_PAGE_OR_ANSWERS: Final = (*_ANSWERS, MediaType.HTML)


def negotiate(accept: str | None, *, page: bool = False) -> MediaType:
    """The best type that the client accepts; HTML only with `page` and if named explicitly.

    Raises:
        HttpRefusal: 406, none of them is accepted.
    """
    if accept is None or accept in {"*/*", "application/json"}:
        return MediaType.JSON
    ranges = _ranges(accept)
    candidates = _PAGE_OR_ANSWERS if page else _ANSWERS
    ranked = [(_rank(candidate, ranges), candidate) for candidate in candidates]
    rank, best = max(ranked, key=lambda pair: pair[0])
    if rank.quality <= 0:
        raise HttpRefusal(
            406,
            "Accept application/graphql-response+json or application/json",
        )
    return best


def _ranges(accept: str) -> list[_Range]:
    return [_range(part) for part in accept.split(",") if part.strip()] or [_Range("*", "*", 1.0)]


def _range(text: str) -> _Range:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    main, _, sub = name.partition("/")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            quality = _quality(value)
    return _Range(main, sub, quality)


def _quality(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _rank(candidate: MediaType, ranges: Sequence[_Range]) -> _Rank:
    """The quality of a candidate: that of the most specific range that covers it."""
    main, _, sub = candidate.value.partition("/")
    best = _Rank(0.0, -1, 0)
    for position, accepted in enumerate(ranges):
        exactness = _exactness(accepted, main, sub)
        if exactness > best.exactness:
            best = _Rank(accepted.quality, exactness, -position)
    # A wildcard does not ask for a page: no program that sends */* wants HTML.
    if candidate is MediaType.HTML and best.exactness < _EXACT:
        return _Rank(0.0, -1, 0)
    return best


_EXACT: Final = 2


def _exactness(accepted: _Range, main: str, sub: str) -> int:
    if accepted.type == main:
        if accepted.subtype == sub:
            return _EXACT
        return 1 if accepted.subtype == "*" else -1
    return 0 if accepted.type == "*" and accepted.subtype == "*" else -1


def require_json(content_type: str | None) -> None:
    """Refuse a body that is not JSON in UTF-8.

    That also blocks other sites' pages: a browser sends `application/json` across origins only
    after a preflight, unlike forms, files and plain text.

    Raises:
        HttpRefusal: 415.
    """
    if content_type == "application/json":
        return
    name, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    if name != "application/json":
        raise HttpRefusal(415, "Send the request as application/json")
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "charset" and value.strip().strip('"') not in {"utf-8", "utf8"}:
            raise HttpRefusal(415, "Send the request in UTF-8")
