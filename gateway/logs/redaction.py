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
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    for form in tuple(_base64_of(secret.encode())):
        yield form
        yield form.replace("+", "-").replace("/", "_")


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
