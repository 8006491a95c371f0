"""Takes secrets out of a text, by their value, in whatever form they got there."""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

MARK: Final = "[redacted]"

#: Shorter values occur by chance in any text.
SHORTEST: Final = 6

_GROUP: Final = 3


class Redactor:
    """The live secrets of this process, as they would look in a log line."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: dict[str, tuple[str, ...]] = {}
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """From now on this value does not appear in any log line."""
        if len(secret) >= SHORTEST:
            self._forms[secret] = tuple(sorted(set(_forms_of(secret)), key=len, reverse=True))

    def forget(self, secret: str) -> None:
        """This value is no secret any more, such as a token past its lifetime."""
        self._forms.pop(secret, None)

    def redact(self, text: str) -> str:
        """The same text with a mark in the place of each secret."""
        for forms in tuple(self._forms.values()):
            for form in forms:
                if form in text:
                    text = text.replace(form, MARK)
        return text


def _forms_of(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    for written in (_json, _ascii_json, _python):
        yield written(secret)
        # A document that holds it may itself be a string in the line.
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
    """What of the secret is sure to stand in base64, wherever in the encoded text it began."""
    for offset in range(_GROUP):
        padded = bytes(offset) + secret
        whole = len(padded) - len(padded) % _GROUP
        # The first digits mix with what stood before, the last with what stands behind.
        start = 4 if offset else 0
        digits = base64.b64encode(padded[:whole]).decode()[start:]
        if len(digits) >= SHORTEST:
            yield digits
