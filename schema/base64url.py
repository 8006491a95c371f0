"""Base64 in the URL-safe alphabet, without padding: what ids and cursors are written in."""

from base64 import urlsafe_b64decode
from binascii import b2a_base64
from typing import Final

_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


def encode(data: bytes) -> str:
    """The text of these bytes."""
    # Every object of an answer has an id: this is urlsafe_b64encode, three times as fast.
    return b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of a text; raises ValueError if it is not base64."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
