"""Webhook receiver of one shop: stores each message before it is acknowledged."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import structlog

from gateway.errors import Overloaded
from gateway.inbox.dead_letters import DeadLetterQueue, stored_event
from gateway.ports import (
    EventMessage,
    MessageReader,
    MessageRequest,
    OpenedMessage,
    UnreadableMessage,
)
from gateway.store.store import Store

#: Outcome of a message: an event was stored, was stored before, is about something that the gateway
#: does not follow, or is a dead letter.
Taken = Literal["kept", "nothing new", "ignored", "unreadable"]

#: Pending hints per shop: in plain mode anyone who knows the address can send them.
_MOST_HINTS: Final = 1_000

_log = structlog.stdlib.get_logger(__name__)


class Receiver:
    """The inbox's receiver for one shop; `arrived` is called when there is work."""

    def __init__(
        self,
        shop: str,
        messages: MessageReader,
        store: Store,
        dead_letters: DeadLetterQueue,
        arrived: Callable[[], None],
    ) -> None:
        self._shop = shop
        self._messages = messages
        self._store = store
        self._dead_letters = dead_letters
        self._arrived = arrived

    def read_with(self, messages: MessageReader) -> None:
        """Authenticate and read messages with another reader from now on."""
        self._messages = messages

    @property
    def sender(self) -> str:
        """Who posts, as in /webhooks/{sender}/{shop}."""
        return self._messages.sender

    @property
    def acknowledgement(self) -> str:
        """The body that acknowledges a message to the platform."""
        return self._messages.acknowledgement

    def check_url(self, query: Mapping[str, str]) -> str:
        """The body that the platform's GET of the address expects; raises ForgedMessage."""
        return self._messages.check_url(query)

    async def take(self, request: MessageRequest) -> Taken:
        """Store the event of a delivery, or the whole message if it is unreadable.

        Raises:
            ForgedMessage: it is not from the platform.
            StoreUnavailable | Overloaded: it could not be stored; the platform must send it again.
        """
        opened = self._messages.open(request)
        try:
            message = self._messages.read(opened.content)
        except UnreadableMessage as unreadable:
            await self._dead_letters.keep(self._shop, opened, str(unreadable))
            return "unreadable"
        except Exception:  # noqa: BLE001 - the platform sends nothing again that it may have lost
            _log.exception(
                "inbox.message.reading_failed",
                message="A genuine message was not read because of an error in the gateway.",
                shop=self._shop,
            )
            await self._dead_letters.keep(self._shop, opened, "an internal failure")
            return "unreadable"
        if message is None:
            return "ignored"
        return "kept" if await self._keep(opened, message) else "nothing new"

    async def _keep(self, opened: OpenedMessage, message: EventMessage) -> bool:
        inbox = self._store.inbox
        if not opened.trusted and await inbox.waiting(self._shop) >= _MOST_HINTS:
            raise Overloaded("too many events wait", retry_after=60)
        event = stored_event(self._shop, message, trusted=opened.trusted)
        async with self._store.transaction() as transaction:
            new = await inbox.receive(transaction, event)
        if new:
            self._arrived()
        return new
