"""Authenticates and decrypts deliveries of the platform's message push."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.ports import ForgedMessage, OpenedMessage
from gateway.wechat.message_body import MalformedMessage, readings, without_blanks
from gateway.wechat.message_crypto import CannotOpen, MessageCrypto
from gateway.wechat.webhook_signature import is_signed


@dataclass(frozen=True, slots=True)
class MessagePush:
    """The console's settings of one app: its token, and in AES mode the keys, newest first."""

    token: str
    cryptos: tuple[MessageCrypto, ...] = ()

    def check_url(self, query: Mapping[str, str]) -> str:
        """The response to the console's URL check; raises ForgedMessage."""
        self._require(query, query.get("signature", ""))
        return query.get("echostr", "")

    def open(self, query: Mapping[str, str], body: bytes) -> OpenedMessage:
        """The message of a delivery, which may be unreadable.

        With an AES key only the encrypted message counts, even if the platform also sends it in
        plain text. Raises ForgedMessage.
        """
        if not self.cryptos:
            self._require(query, query.get("signature", ""))
            return OpenedMessage(content=body, trusted=False)
        encrypted = _encrypted(body)
        self._require(query, query.get("msg_signature", ""), encrypted)
        try:
            return OpenedMessage(content=self._opened(encrypted), trusted=True)
        except CannotOpen:
            raise ForgedMessage from None

    def _require(self, query: Mapping[str, str], given: str, *more: str) -> None:
        parts = (self.token, query.get("timestamp", ""), query.get("nonce", ""), *more)
        if not is_signed(given, *parts):
            raise ForgedMessage

    def _opened(self, encrypted: str) -> bytes:
        for crypto in self.cryptos[:-1]:
            try:
                return crypto.open(encrypted)
            except CannotOpen:
                continue
        return self.cryptos[-1].open(encrypted)


def _encrypted(body: bytes) -> str:
    try:
        for fields in readings(body):
            encrypted = fields.get("Encrypt")
            # Base64; other characters could not be signed.
            if isinstance(encrypted, str) and encrypted.isascii():
                return without_blanks(encrypted)
    except MalformedMessage:
        pass
    raise ForgedMessage
