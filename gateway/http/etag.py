"""Answers that a client has already: their mark, and 304 in place of the whole."""

from hashlib import blake2b
from typing import Final

_BYTES: Final = 16


def etag_of(body: bytes) -> bytes:
    """The mark of an answer: the same bytes have the same."""
    return b'"%b"' % blake2b(body, digest_size=_BYTES).hexdigest().encode("ascii")


def is_known(if_none_match: str | None, etag: bytes) -> bool:
    """Whether the client named this mark in `If-None-Match`."""
    if if_none_match is None:
        return False
    named = {mark.strip().removeprefix("W/") for mark in if_none_match.split(",")}
    return "*" in named or etag.decode("ascii") in named
