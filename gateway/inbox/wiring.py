"""Wiring of the inbox: a webhook receiver for each shop, and the background tasks behind them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, Protocol

import structlog

from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.errors import GatewayError
from gateway.inbox.dead_letters import DeadLetterObserver, DeadLetterQueue
from gateway.inbox.event_processor import EventObserver, EventProcessor, RecordsPayment
from gateway.inbox.reconciler import Reconciler
from gateway.inbox.webhook_receiver import Receiver
from gateway.index.writer import IndexWriter
from gateway.ports import Adapter
from gateway.store.store import Store

#: Seconds between two polls of the inbox when no event arrives in this process.
_POLL: Final = 1.0
#: Seconds between two checks whether a shop is due for reconciliation.
_RECONCILE_POLL: Final = 20.0

_log = structlog.stdlib.get_logger(__name__)


class InboxObserver(DeadLetterObserver, EventObserver, Protocol):
    """Counts outcomes of events."""


@asynccontextmanager
async def open_inbox(  # noqa: PLR0913 - what is read for an event goes to several
    store: Store,
    adapters: Mapping[str, Adapter],
    changed: Callable[[], Awaitable[None]],
    supervision: Supervision,
    observer: InboxObserver,
    *,
    index: IndexWriter | None = None,
    record_payment: RecordsPayment | None = None,
) -> AsyncIterator[Mapping[str, Receiver]]:
    """Runs within the context; yields the receivers of the shops that take events.

    What is read for an event or in a comparison is put into `index`, if there is one; payments that
    events name are given to `record_payment`.
    """
    clock = supervision.clock
    dead_letters = DeadLetterQueue(store, observer)
    event_processor = EventProcessor(
        store,
        adapters,
        dead_letters,
        changed,
        clock.wall,
        clock.between,
        observer=observer,
        index=index,
        record_payment=record_payment,
    )
    processing = BackgroundTask(
        "inbox", event_processor.work, interval=_POLL, supervision=supervision
    )
    reconciled = {shop: adapter for shop, adapter in adapters.items() if adapter.traits.reconciled}
    reconciliation = BackgroundTask(
        "reconciler",
        Reconciler(store, reconciled, changed, clock.wall, index=index).work,
        interval=_RECONCILE_POLL,
        supervision=supervision,
    )
    receivers = {
        shop: Receiver(shop, adapter.messages, store, dead_letters, processing.wake)
        for shop, adapter in adapters.items()
        if adapter.messages is not None
    }
    if receivers or reconciled:
        # Mutations ask for orders, too.
        processing.start()
    if reconciled:
        # The first requests after a start have priority over reconciliation.
        reconciliation.start(after=_RECONCILE_POLL)
    try:
        yield receivers
    finally:
        await asyncio.gather(processing.stop(), reconciliation.stop())
        await _release(event_processor)


async def _release(event_processor: EventProcessor) -> None:
    try:
        await event_processor.release()
    except GatewayError as error:
        _log.warning(
            "inbox.lease.release_failed",
            message="Leases could not be released; they last until they expire.",
            error=error.message,
        )
