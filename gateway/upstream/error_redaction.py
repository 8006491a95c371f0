"""Redaction of a platform's error messages."""

import re

from gateway.logs.redaction import Redactor
from gateway.personal_patterns import HIDDEN

_MOST_CHARACTERS = 300
#: No more of a message is looked at.
_MOST_READ = 10_000
_TAG = re.compile(r"<[^<>]{0,1000}>")
_REQUEST_ID = re.compile(r"[,;\s]*\b(?:rid:\s*([\w-]{1,64})|hint:\s*\[([^\]]{1,64})\])", re.ASCII)
#: Tokens, secrets, open ids: long runs of letters and digits; plain numbers (order ids) stay.
_OPAQUE = re.compile(r"(?=[\w+/=-]*[A-Za-z])(?=[\w+/=-]*[0-9])[\w+/=-]{24,}", re.ASCII)
#: The caller's own address, which WeChat names when it refuses it.
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}"
    r"|(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){4})[0-9a-f:]{2,39}(?:\.\d{1,3}){0,3})(?![\w.:])",
    re.ASCII | re.IGNORECASE,
)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]+")


def split_request_id(words: str) -> tuple[str, str | None]:
    """WeChat writes the call's id into the text, as `rid: …` or `hint: […]`: both apart."""
    found = _REQUEST_ID.search(words)
    if found is None:
        return words, None
    rest = words[: found.start()] + words[found.end() :]
    return rest, (found[1] or found[2]).strip()


def named_address(words: str) -> str | None:
    """The caller's address that a refusal names; None: it names none."""
    found = _ADDRESS.search(words[:_MOST_READ])
    return None if found is None else found[0]


def fit(words: str, secrets: Redactor | None = None, token: str | None = None) -> str:
    """One line of at most 300 characters, without markup, secrets, open ids and IP addresses.

    `token` is the access token of the call. What the words say of a person stays: see
    `PlatformFailure.told`.
    """
    words = words[:_MOST_READ]
    if secrets is not None:
        words = secrets.hide_secrets(words, HIDDEN)
    if token:
        words = Redactor([token]).hide_secrets(words.replace(token, HIDDEN), HIDDEN)
    words = _TAG.sub(" ", words)
    for private in (_OPAQUE, _ADDRESS):
        words = private.sub(HIDDEN, words)
    words = _BLANK.sub(" ", words).strip()
    if len(words) > _MOST_CHARACTERS:
        words = words[: _MOST_CHARACTERS - 1].rstrip() + "…"
    return words


def without_secrets(answer: bytes, secrets: Redactor, token: str) -> bytes:
    """A platform's whole answer, without what is secret in `fit`, too."""
    text = secrets.hide_secrets(answer.decode("utf-8", errors="replace"), HIDDEN)
    return _OPAQUE.sub(HIDDEN, Redactor([token]).hide_secrets(text, HIDDEN)).encode()
