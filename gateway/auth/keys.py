"""API keys: their format, creation and fingerprint.

A key is `cgw_`, 256 random bits in 43 base62 digits, and 6 digits of checksum, by which a
scanner of leaked secrets recognises a key, and the gateway distinguishes a mistyped one from a
revoked one. Only its SHA-256 is stored: with so much randomness no slower hash is needed.
"""

import string
import zlib
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from pydantic import SecretStr

PREFIX: Final = "cgw_"
RANDOM_BYTES: Final = 32

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_DIGITS: Final = 43
_CHECKSUM_DIGITS: Final = 6
_ID_DIGITS: Final = 12

RandomBytes = Callable[[int], bytes]


def new_key(random_bytes: RandomBytes) -> SecretStr:
    """A new key; `random_bytes` is `secrets.token_bytes` outside of tests."""
    number = int.from_bytes(random_bytes(RANDOM_BYTES))
    body = PREFIX + _base62(number, _RANDOM_DIGITS)
    return SecretStr(body + _checksum(body))


def is_well_formed(key: str) -> bool:
    """Whether the text has the format of a key, with the right length and checksum."""
    body, checksum = key[:-_CHECKSUM_DIGITS], key[-_CHECKSUM_DIGITS:]
    return (
        body.startswith(PREFIX)
        and len(body) == len(PREFIX) + _RANDOM_DIGITS
        and checksum == _checksum(body)
    )


def fingerprint(key: str) -> str:
    """The SHA-256 of a key in hexadecimal: what the keys file holds."""
    return sha256(key.encode()).hexdigest()


def key_id(digest: str) -> str:
    """A short id of a key, from its fingerprint; it does not reveal the key."""
    return digest[:_ID_DIGITS]


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM_DIGITS)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
