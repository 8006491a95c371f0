"""Sends the pushes of one shop by whoever is there for their operation."""

from collections.abc import Mapping, Sequence

from gateway.outbox.message import OutboxMessage
from gateway.ports import BatchKey, Delivers, DeliveryResult


class ByOperation:
    """Implements `Delivers`; `deliveries` has every PushOperation that the platform takes."""

    def __init__(self, deliveries: Mapping[str, Delivers[OutboxMessage]]) -> None:
        self._deliveries = deliveries

    def batch(self, message: OutboxMessage) -> BatchKey:
        """What may go out together with it: of its own operation's kind only."""
        return self._deliveries[message.operation].batch(message)

    async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        """Sends messages of one batch; gives the outcome of each, in their order."""
        return await self._deliveries[messages[0].operation].deliver(messages)
