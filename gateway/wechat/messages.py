"""Takes one delivery of the platform's message push, and tells what it says and how surely."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gateway.ports import ForgedMessage
from gateway.wechat.message_body import Fields, UnreadableMessage, read_message
from gateway.wechat.message_crypto import CannotOpen, MessageCrypto
from gateway.wechat.webhook_signature import is_signed


class Received(NamedTuple):
    """A message; `trusted` is False where its signature does not cover what it says."""

    fields: Fields
    trusted: bool


@dataclass(frozen=True, slots=True)
class MessagePush:
    """The console's settings of one app: its token, and in AES mode the keys, newest first."""

    token: str
    cryptos: tuple[MessageCrypto, ...] = ()

    def check_url(self, query: Mapping[str, str]) -> str:
        """What the console's check of the address wants back; raises ForgedMessage."""
        self._require(query, query.get("signature", ""))
        return query.get("echostr", "")

    def receive(self, query: Mapping[str, str], body: bytes) -> Received:
        """The message of a delivery.

        With an AES key only what is encrypted counts, also where the platform sends it in plain
        besides. Raises ForgedMessage.
        """
        if not self.cryptos:
            # Before the body is looked at: it may be anybody's.
            self._require(query, query.get("signature", ""))
        try:
            fields = read_message(body)
            if not self.cryptos:
                return Received(fields, trusted=False)
            encrypted = fields.get("Encrypt")
            if not isinstance(encrypted, str):
                raise ForgedMessage
            self._require(query, query.get("msg_signature", ""), encrypted)
            return Received(read_message(self._opened(encrypted)), trusted=True)
        except (UnreadableMessage, CannotOpen):
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
