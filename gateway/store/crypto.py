"""Encryption at rest of personal data: encrypted values, and blind indexes to find them by."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from gateway.errors import ConfigurationError, LedgerUnreadable

_KEY_BYTES = 32
_FORMAT = 1
_HEADER_BYTES = 2
_NONCE_BYTES = 12


def parse_key(text: str) -> bytes:
    """The 32 bytes that `store.encryption_key` spells in hexadecimal or base64.

    Raises ConfigurationError for any other text, which the message does not repeat.
    """
    for decode in (bytes.fromhex, _from_base64):
        try:
            key = decode(text.strip())
        except (ValueError, binascii.Error):
            continue
        if len(key) == _KEY_BYTES:
            return key
    raise ConfigurationError(
        "store.encryption_key: expected 32 bytes in base64 or hexadecimal,"
        " as `openssl rand -base64 32` prints them",
    )


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)


class Vault:
    """Encrypts and decrypts the personal columns of one store.

    A sealed value is: format (1 byte), key id (1 byte), nonce (12 bytes), AES-256-GCM ciphertext
    with its tag. Shop, row and column are bound to it as associated data, so that a value cannot
    be decrypted in another place.
    """

    def __init__(self, key: bytes, *, random: Callable[[int], bytes] = os.urandom) -> None:
        self._cipher = AESGCM(_derive(key, b"gateway.store personal columns"))
        self._index_key = _derive(key, b"gateway.store blind index")
        self._header = bytes((_FORMAT, _derive(key, b"gateway.store key id")[0]))
        self._random = random

    def seal(self, value: bytes, *, shop: str, row: str, column: str) -> bytes:
        """`value` encrypted with this key, for this place only."""
        nonce = self._random(_NONCE_BYTES)
        place = _place(self._header, shop, row, column)
        return self._header + nonce + self._cipher.encrypt(nonce, value, place)

    def unseal(self, sealed: bytes, *, shop: str, row: str, column: str) -> bytes:
        """The value that was sealed for this place.

        Raises LedgerUnreadable if it was sealed with another key, for another place, or was
        tampered with.
        """
        header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        nonce, ciphertext = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        try:
            if header == self._header:
                place = _place(header, shop, row, column)
                return self._cipher.decrypt(nonce, ciphertext, place)
        except (InvalidTag, ValueError):
            pass
        raise LedgerUnreadable(
            f"{column} of shop {shop} in the ledger cannot be decrypted:"
            " it was written with another key, or was tampered with",
        )

    def blind_index(self, shop: str, *parts: str) -> bytes:
        """32 bytes that find `parts` in this shop, and reveal nothing without the key."""
        return hmac.digest(self._index_key, _joined(shop, *parts), hashlib.sha256)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(hashes.SHA256(), _KEY_BYTES, purpose).derive(key)


def _place(header: bytes, shop: str, row: str, column: str) -> bytes:
    return header + _joined(shop, row, column)


def _joined(*parts: str) -> bytes:
    """The parts with their lengths, so that no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
