"""Reads messages of WeChat's platforms about orders, after-sales and products."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gateway.ports import EventMessage, MessageRequest, OpenedMessage, UnreadableMessage
from gateway.wechat.message_body import MalformedMessage
from gateway.wechat.message_crypto import MessageCrypto
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_events import read_event
from gateway.wechat.settings import WeChatAppSettings


@dataclass(frozen=True, slots=True)
class OrderMessages:
    """Implements `MessageReader` with one app's console settings."""

    push: MessagePush
    sender: ClassVar[str] = "wechat"
    acknowledgement: ClassVar[str] = "success"

    def check_url(self, query: Mapping[str, str]) -> str:
        """The response to the console's URL check; raises ForgedMessage."""
        return self.push.check_url(query)

    def open(self, request: MessageRequest) -> OpenedMessage:
        """The message, decrypted in AES mode; raises ForgedMessage."""
        return self.push.open(request.query, request.body)

    def read(self, content: bytes) -> EventMessage | None:
        """The event, None if it is about something else; raises UnreadableMessage."""
        try:
            event = read_event(content)
        except MalformedMessage as malformed:
            raise UnreadableMessage(str(malformed)) from None
        if event is None:
            return None
        identity = event.identity
        if event.at is None:
            # Without a time, only the message itself distinguishes a repetition from a later event.
            identity = (*identity, hashlib.sha256(content).hexdigest())
        return EventMessage(
            kind=event.kind,
            order_id=event.order_id,
            after_sale_id=event.after_sale_id,
            product_id=event.product_id,
            payment=event.payment,
            at=event.at,
            identity=identity,
            partner_app_id=event.partner_app_id,
            status=event.status,
            draft_refusal=event.draft_refusal,
        )


def order_messages(shop: WeChatAppSettings) -> OrderMessages | None:
    """The reader of a shop's messages; None if no `event_token` is configured."""
    if shop.event_token is None:
        return None
    keys = (shop.event_aes_key, shop.event_aes_key_previous)
    cryptos = tuple(
        MessageCrypto(key.get_secret_value(), shop.app_id) for key in keys if key is not None
    )
    return OrderMessages(MessagePush(shop.event_token.get_secret_value(), cryptos))
