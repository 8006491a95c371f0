"""Takes in the message push of one shop: what is genuine is kept before it is acknowledged."""

from collections.abc import Callable, Mapping

from gateway.errors import Overloaded
from gateway.settings.shops import MiniProgramShop, WechatStoreShop
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.store import Store
from gateway.wechat.message_body import UnreadableMessage
from gateway.wechat.message_crypto import MessageCrypto
from gateway.wechat.messages import ForgedMessage, MessagePush, Received
from gateway.wechat.order_events import OrderEvent, order_event

#: Anybody who saw one address can send hints in plain mode: so many of a shop may wait.
_MOST_HINTS = 1_000


class Receiver:
    """The inbox's receiver for one shop; `arrived` is called when there is something to do."""

    def __init__(
        self, shop: str, push: MessagePush, store: Store, arrived: Callable[[], None]
    ) -> None:
        self._shop = shop
        self._push = push
        self._store = store
        self._arrived = arrived

    def check_url(self, query: Mapping[str, str]) -> str:
        """What the console's check of the address wants back; raises ForgedMessage."""
        return self._push.check_url(query)

    async def take(self, query: Mapping[str, str], body: bytes) -> bool:
        """Keep the event of a delivery; False where there was nothing new to keep.

        Raises:
            ForgedMessage: it is not the platform's, or says nothing that can be understood.
            StoreUnavailable | Overloaded: it could not be kept; the platform shall send it again.
        """
        received = self._push.receive(query, body)
        try:
            event = order_event(received.fields)
        except UnreadableMessage:
            raise ForgedMessage from None
        return event is not None and await self._keep(event, received)

    async def _keep(self, event: OrderEvent, received: Received) -> bool:
        inbox = self._store.inbox
        if not received.trusted and await inbox.waiting(self._shop) >= _MOST_HINTS:
            raise Overloaded("too many events wait", retry_after=60)
        async with self._store.transaction() as transaction:
            new = await inbox.receive(transaction, self._event(event, received))
        if new:
            self._arrived()
        return new

    def _event(self, event: OrderEvent, received: Received) -> NewEvent:
        return NewEvent(
            shop=self._shop,
            kind=event.kind,
            identity=event.identity,
            trusted=received.trusted,
            event_at=event.at,
            body=EventBody(
                order_id=event.order_id,
                partner_app_id=event.partner_app_id,
                status=event.status,
            ),
        )


def push_of(shop: WechatStoreShop | MiniProgramShop) -> MessagePush | None:
    """How the shop's messages are checked and opened; None where it takes none."""
    if shop.event_token is None:
        return None
    keys = (shop.event_aes_key, shop.event_aes_key_previous)
    return MessagePush(
        shop.event_token.get_secret_value(),
        tuple(
            MessageCrypto(key.get_secret_value(), shop.app_id) for key in keys if key is not None
        ),
    )
