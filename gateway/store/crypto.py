"""Encryption at rest of personal data: encrypted values, and blind indexes to find them by."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Callable, Iterable

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


class _Key:
    """One encryption key, with what is derived from it."""

    def __init__(self, key: bytes) -> None:
        self.cipher = AESGCM(_derive(key, b"gateway.store personal columns"))
        self.index_key = _derive(key, b"gateway.store blind index")
        #: Format and key id; two keys may have the same.
        self.header = bytes((_FORMAT, _derive(key, b"gateway.store key id")[0]))
        #: Names the key, and reveals nothing of it.
        self.name = _derive(key, b"gateway.store key name")[:8].hex()

    def decrypt(self, sealed: bytes, shop: str, row: str, column: str) -> bytes | None:
        """The value, None if it was not sealed with this key for this place."""
        header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        if header != self.header:
            return None
        place = _place(header, shop, row, column)
        try:
            return self.cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            return None


class Vault:
    """Encrypts and decrypts the personal columns of one store.

    A sealed value is: format (1 byte), key id (1 byte), nonce (12 bytes), AES-256-GCM ciphertext
    with its tag. Shop, row and column are bound to it as associated data, so that a value cannot
    be decrypted in another place.

    Args:
        key: encrypts.
        former: keys that only decrypt, and find rows that they index.
        id_key: of `stable_id`; None: derived from `key`.
    """

    def __init__(
        self,
        key: bytes,
        former: Iterable[bytes] = (),
        *,
        id_key: bytes | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._key = _Key(key)
        self._former = tuple(_Key(one) for one in dict.fromkeys(former) if one != key)
        self.id_key = self._key.index_key if id_key is None else id_key
        self._random = random

    @property
    def key_name(self) -> str:
        """Names the key that encrypts, and reveals nothing of it."""
        return self._key.name

    @property
    def has_former_keys(self) -> bool:
        """Whether there are other keys that decrypt."""
        return bool(self._former)

    def seal(self, value: bytes, *, shop: str, row: str, column: str) -> bytes:
        """`value` encrypted with this key, for this place only."""
        nonce = self._random(_NONCE_BYTES)
        place = _place(self._key.header, shop, row, column)
        return self._key.header + nonce + self._key.cipher.encrypt(nonce, value, place)

    def unseal(self, sealed: bytes, *, shop: str, row: str, column: str) -> bytes:
        """The value that was sealed for this place, with this key or a former one.

        Raises LedgerUnreadable if it was sealed with another key, for another place, or was
        tampered with.
        """
        return self.unsealed(sealed, shop=shop, row=row, column=column)[0]

    def unsealed(self, sealed: bytes, *, shop: str, row: str, column: str) -> tuple[bytes, bool]:
        """Like `unseal`, with whether it was sealed with the key that encrypts."""
        for key in (self._key, *self._former):
            value = key.decrypt(sealed, shop, row, column)
            if value is not None:
                return value, key is self._key
        raise LedgerUnreadable(
            f"{column} of shop {shop} in the ledger cannot be decrypted:"
            " it was written with another key, or was tampered with",
        )

    def blind_index(self, shop: str, *parts: str) -> bytes:
        """32 bytes that find `parts` in this shop, and reveal nothing without the key."""
        return _hmac(self._key.index_key, shop, *parts)

    def blind_indexes(self, shop: str, *parts: str) -> list[bytes]:
        """All indexes that rows may have: `blind_index`, then those of former keys."""
        return [_hmac(key.index_key, shop, *parts) for key in (self._key, *self._former)]

    def stable_id(self, shop: str, *parts: str) -> bytes:
        """32 bytes that name `parts` in this shop; they stay the same when the key changes."""
        return _hmac(self.id_key, shop, *parts)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(hashes.SHA256(), _KEY_BYTES, purpose).derive(key)


def _hmac(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, _joined(*parts), hashlib.sha256)


def _place(header: bytes, shop: str, row: str, column: str) -> bytes:
    return header + _joined(shop, row, column)


def _joined(*parts: str) -> bytes:
    """The parts with their lengths, so that no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join([len(part).to_bytes(4, "big") + part for part in encoded])
