"""Redaction: secrets by value, in all encodings that they may have, and personal data."""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

from gateway.personal_patterns import hide_personal

MARK: Final = "[redacted]"

#: Shorter values occur by chance.
SHORTEST: Final = 6

_GROUP: Final = 3


class Redactor:
    """Redacts known secrets, and what looks like personal data."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: dict[str, tuple[str, ...]] = {}
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Redact this value from now on."""
        if len(secret) >= SHORTEST:
            self._forms[secret] = tuple(sorted(set(_forms_of(secret)), key=len, reverse=True))

    def forget(self, secret: str) -> None:
        """Stop redacting this value, such as an expired token."""
        self._forms.pop(secret, None)

    def redact(self, text: str) -> str:
        """The text with each secret replaced by MARK, and personal data hidden."""
        return hide_personal(self.hide_secrets(text))

    def hide_secrets(self, text: str, mark: str = MARK) -> str:
        """The text with each secret replaced by the mark."""
        for forms in tuple(self._forms.values()):
            for form in forms:
                if form in text:
                    text = text.replace(form, mark)
        return text


def _forms_of(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    for written in (_json, _ascii_json, _python):
        yield written(secret)
        # A JSON document with the secret may itself be a JSON string.
        yield _json(written(secret))
    for form in tuple(_base64_of(secret.encode())):
        yield form
        yield form.replace("+", "-").replace("/", "_")


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _ascii_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _python(text: str) -> str:
    return repr(text)[1:-1]


def _base64_of(secret: bytes) -> Iterator[str]:
    """The base64 digits of the secret that do not depend on its offset in the encoded text."""
    for offset in range(_GROUP):
        padded = bytes(offset) + secret
        whole = len(padded) - len(padded) % _GROUP
        # The first digits also encode preceding bytes, the last ones following bytes.
        start = 4 if offset else 0
        digits = base64.b64encode(padded[:whole]).decode()[start:]
        if len(digits) >= SHORTEST:
            yield digits
