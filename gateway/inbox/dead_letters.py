"""Dead letters of the inbox: stores what could not be processed, and replays it on request."""

from collections.abc import Mapping
from typing import Final, Protocol

import structlog

from gateway.errors import GatewayError, LedgerUnreadable
from gateway.ports import EventMessage, MessageReader, OpenedMessage, UnreadableMessage
from gateway.store.dead_letters import UNREADABLE, DeadLetter, Kept
from gateway.store.engine import Transaction
from gateway.store.inbox import ClaimedEvent, EventBody, NewEvent
from gateway.store.store import Store

_REPLAYED: Final = "It was replayed meanwhile, or gave way to newer dead letters."

_log = structlog.stdlib.get_logger(__name__)


class DeadLetterObserver(Protocol):
    """Counts dead letters."""

    def dead_letter(self, shop: str, kind: str) -> None:
        """An event of this kind was given up; "unreadable": a message was unreadable."""

    def dead_letters_dropped(self, shop: str, count: int) -> None:
        """So many older dead letters of the shop were evicted by newer ones."""


class NotReplayable(GatewayError):
    """The dead letter cannot be processed; the message says why."""


class DeadLetterQueue:
    """Adds messages and events as dead letters; both methods raise StoreUnavailable."""

    def __init__(self, store: Store, observer: DeadLetterObserver) -> None:
        self._store = store
        self._observer = observer

    async def keep(self, shop: str, message: OpenedMessage, reason: str) -> None:
        """Store an unreadable message."""
        async with self._store.transaction() as transaction:
            kept = await self._store.dead_letters.keep(
                transaction, shop, message.content, trusted=message.trusted, reason=reason
            )
        self._tell(shop, UNREADABLE, kept)
        if kept.new:
            _log.warning(
                "inbox.message.unreadable",
                message="A genuine message cannot be read; it is kept as a dead letter.",
                shop=shop,
                reason=reason,
                trusted=message.trusted,
                bytes=len(message.content),
            )

    async def give_up(self, owner: str, event: ClaimedEvent, reason: str) -> None:
        """End an event that the owner has claimed; does nothing if its lease was lost."""
        async with self._store.transaction() as transaction:
            kept = await self._store.dead_letters.give_up(transaction, owner, event, reason)
        self._tell(event.shop, event.kind, kept)
        if kept.new:
            _log.warning(
                "inbox.event.given_up",
                message="An event was given up; it is kept as a dead letter.",
                shop=event.shop,
                kind=event.kind,
                reason=reason,
                trusted=event.trusted,
                attempts=event.attempt,
            )

    def _tell(self, shop: str, kind: str, kept: Kept) -> None:
        if kept.new:
            self._observer.dead_letter(shop, kind)
        if kept.dropped:
            self._observer.dead_letters_dropped(shop, kept.dropped)
            _log.warning(
                "inbox.dead_letters.dropped",
                message="The oldest dead letters of a shop were dropped: it has too many.",
                shop=shop,
                count=kept.dropped,
            )


def stored_event(shop: str, message: EventMessage, *, trusted: bool) -> NewEvent:
    """An event as the inbox stores it."""
    return NewEvent(
        shop=shop,
        kind=message.kind,
        identity=message.identity,
        trusted=trusted,
        event_at=message.at,
        body=EventBody(
            order_id=message.order_id,
            partner_app_id=message.partner_app_id,
            status=message.status,
            after_sale_id=message.after_sale_id,
            product_id=message.product_id,
            draft_refusal=message.draft_refusal,
            payment=message.payment,
        ),
    )


async def replay(
    store: Store,
    transaction: Transaction,
    letter: DeadLetter,
    readers: Mapping[str, MessageReader],
) -> bool:
    """Process a dead letter again; False if its message turns out to need no processing.

    An event is queued, due at once, with all its attempts. A message is read again: a newer
    version of the gateway may be able to. `readers` are those of the shops that take messages.

    Raises:
        NotReplayable: it cannot be read, or is no longer a dead letter.
    """
    if isinstance(letter.found, LedgerUnreadable):
        raise NotReplayable(f"Nothing is left to replay: {letter.found.message}.")
    if isinstance(letter.found, EventBody):
        if not await store.dead_letters.requeue(transaction, letter):
            raise NotReplayable(_REPLAYED)
        return True
    reader = readers.get(letter.shop)
    if reader is None:
        raise NotReplayable(f"Shop {letter.shop} takes no messages here.")
    try:
        message = reader.read(letter.found)
    except UnreadableMessage as unreadable:
        raise NotReplayable(f"The message still cannot be read: {unreadable}.") from None
    if not await store.dead_letters.remove(transaction, letter):
        raise NotReplayable(_REPLAYED)
    if message is None:
        return False
    event = stored_event(letter.shop, message, trusted=letter.trusted)
    return await store.inbox.receive(transaction, event)
