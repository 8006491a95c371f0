"""Spans of deliveries: in the trace of the request that waits for them, or in their own."""

from collections.abc import Sequence
from typing import Final

from gateway.concurrency.lru_cache import LruCache
from gateway.store.outbox import ClaimedPush
from gateway.tracing import (
    CURRENT,
    Attributes,
    SpanKind,
    SpanReference,
    Tracer,
    entered,
    traced,
)

#: Pushes that were delivered by the process that queued them, and may be tried again by it.
_MOST_KNOWN: Final = 10_000
_SETTLE: Final[Attributes] = {
    "messaging.system": "gateway_outbox",
    "messaging.destination.name": "outbox",
    "messaging.operation.name": "settle",
    "messaging.operation.type": "settle",
}


class DeliverySpans:
    """Begins the spans of one dispatcher; without a tracer there are none."""

    def __init__(self, tracer: Tracer | None) -> None:
        self._tracer = tracer
        #: By a push's id, the span in which it was queued.
        self._queued: LruCache[int, SpanReference] = LruCache(max_entries=_MOST_KNOWN)

    def queued(self, pushes: Sequence[ClaimedPush]) -> None:
        """The running request queued these: what tries them again later is linked to it."""
        span = CURRENT.get()
        if span is not None:
            for push in pushes:
                self._queued.put(push.id, span.reference)

    def deliver(self, shop: str, batch: Sequence[ClaimedPush]) -> entered:
        """The delivery of a batch, with what is recorded of it."""
        if self._tracer is None:
            return entered(None)
        attributes: Attributes = {
            "messaging.system": "gateway_outbox",
            "messaging.destination.name": "outbox",
            "messaging.operation.name": "deliver",
            "messaging.operation.type": "process",
            "messaging.batch.message_count": len(batch),
            "gateway.shop": shop,
            "gateway.push.operation": batch[0].operation,
        }
        current = CURRENT.get()
        if current is not None:
            return entered(current.child("deliver outbox", SpanKind.CONSUMER, attributes))
        known = {self._queued.get(push.id) for push in batch} - {None}
        links = [reference for reference in known if reference is not None]
        span = self._tracer.root("deliver outbox", SpanKind.CONSUMER, attributes, links=links)
        return entered(span)

    def settle(self) -> entered:
        """The recording of what came of a delivery."""
        return traced("settle outbox", SpanKind.CLIENT, _SETTLE)
