"""Decrypts WeChat's messages (AES-256-CBC; the platform's encryption scheme)."""

import base64
import binascii
import hmac
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

_IV_BYTES: Final = 16
#: The padding's block size is twice the cipher's.
_PADDED_TO: Final = 32
_NOISE_BYTES: Final = 16
_HEADER_BYTES: Final = _NOISE_BYTES + 4


class CannotOpen(ValueError):
    """The text was not encrypted by the platform for this app; deliberately gives no details."""


class MessageCrypto:
    """Decrypts one app's messages with one EncodingAESKey (43 characters of base64)."""

    def __init__(self, encoding_aes_key: str, app_id: str) -> None:
        key = base64.b64decode(f"{encoding_aes_key}=")
        self._cipher = Cipher(AES256(key), CBC(key[:_IV_BYTES]))
        self._app_id = app_id.encode()

    def open(self, encrypted: str) -> bytes:
        """The decrypted message; raises CannotOpen."""
        plain = _without_padding(self._decrypted(encrypted))
        end = _HEADER_BYTES + int.from_bytes(plain[_NOISE_BYTES:_HEADER_BYTES], "big")
        if len(plain) < _HEADER_BYTES or end > len(plain):
            raise CannotOpen("no message of the platform")
        # The owner of another app on the platform could send its messages here.
        if not hmac.compare_digest(plain[end:], self._app_id):
            raise CannotOpen("no message for this app")
        return plain[_HEADER_BYTES:end]

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            sealed = base64.b64decode(encrypted, validate=True)
            decryptor = self._cipher.decryptor()
            return decryptor.update(sealed) + decryptor.finalize()
        except (binascii.Error, ValueError):
            raise CannotOpen("no message of the platform") from None


def _without_padding(plain: bytes) -> bytes:
    """Plain text without its PKCS#7 padding to 32 bytes."""
    count = plain[-1] if plain else 0
    if not 1 <= count <= _PADDED_TO or plain[-count:] != bytes([count]) * count:
        raise CannotOpen("no message of the platform")
    return plain[:-count]
