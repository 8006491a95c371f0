"""Takes in what a platform posts for one shop: kept before it is acknowledged."""

from collections.abc import Callable, Mapping

from gateway.errors import Overloaded
from gateway.ports import MessageReader, MessageRequest, OrderMessage
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.store import Store

#: Anybody who saw one address can send hints in plain mode: so many of a shop may wait.
_MOST_HINTS = 1_000


class Receiver:
    """The inbox's receiver for one shop; `arrived` is called when there is something to do."""

    def __init__(
        self, shop: str, messages: MessageReader, store: Store, arrived: Callable[[], None]
    ) -> None:
        self._shop = shop
        self._messages = messages
        self._store = store
        self._arrived = arrived

    @property
    def sender(self) -> str:
        """Who posts, as in /webhooks/{sender}/{shop}."""
        return self._messages.sender

    @property
    def acknowledgement(self) -> str:
        """The body that tells the platform that a message was received."""
        return self._messages.acknowledgement

    def check_url(self, query: Mapping[str, str]) -> str:
        """The body that the platform's GET of the address expects; raises ForgedMessage."""
        return self._messages.check_url(query)

    async def take(self, request: MessageRequest) -> bool:
        """Keep the event of a delivery; False where there was nothing new to keep.

        Raises:
            ForgedMessage: it is not the platform's, or says nothing that can be understood.
            StoreUnavailable | Overloaded: it could not be kept; the platform shall send it again.
        """
        message = self._messages.read(request)
        return message is not None and await self._keep(message)

    async def _keep(self, message: OrderMessage) -> bool:
        inbox = self._store.inbox
        if not message.trusted and await inbox.waiting(self._shop) >= _MOST_HINTS:
            raise Overloaded("too many events wait", retry_after=60)
        async with self._store.transaction() as transaction:
            new = await inbox.receive(transaction, self._event(message))
        if new:
            self._arrived()
        return new

    def _event(self, message: OrderMessage) -> NewEvent:
        return NewEvent(
            shop=self._shop,
            kind=message.kind,
            identity=message.identity,
            trusted=message.trusted,
            event_at=message.at,
            body=EventBody(
                order_id=message.order_id,
                partner_app_id=message.partner_app_id,
                status=message.status,
            ),
        )
