"""Puts the inbox of one process together: a receiver for each shop, and who does the work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import structlog

from gateway.concurrency.clock import Clock
from gateway.errors import GatewayError
from gateway.inbox.event_processor import EventProcessor
from gateway.inbox.polling_task import PollingTask
from gateway.inbox.reconciler import Reconciler
from gateway.inbox.webhook_receiver import Receiver
from gateway.ports import Adapter
from gateway.store.store import Store

#: Seconds after which the inbox is looked at even where nothing arrived here.
_POLL: Final = 1.0
#: Seconds between two questions whether it is time for a sweep.
_SWEEP_POLL: Final = 20.0

_log = structlog.stdlib.get_logger(__name__)


@asynccontextmanager
async def open_inbox(
    store: Store,
    adapters: Mapping[str, Adapter],
    changed: Callable[[], Awaitable[None]],
    clock: Clock,
) -> AsyncIterator[Mapping[str, Receiver]]:
    """Works as long as the context lasts; gives the receivers of the shops that take messages."""
    event_processor = EventProcessor(store, adapters, changed, clock.wall, clock.between)
    worker = PollingTask("inbox", event_processor.work, pause=_POLL)
    swept = {shop: adapter for shop, adapter in adapters.items() if adapter.traits.reconciled}
    sweep = PollingTask(
        "sweep", Reconciler(store, swept, changed, clock.wall).work, pause=_SWEEP_POLL
    )
    receivers = {
        shop: Receiver(shop, adapter.messages, store, worker.wake)
        for shop, adapter in adapters.items()
        if adapter.messages is not None
    }
    if receivers:
        worker.start()
    if swept:
        # A server that has just started has more urgent things to ask.
        sweep.start(at_once=False)
    try:
        yield receivers
    finally:
        await asyncio.gather(worker.stop(), sweep.stop())
        await _release(event_processor)


async def _release(event_processor: EventProcessor) -> None:
    try:
        await event_processor.release()
    except GatewayError as failure:
        _log.warning("leases stay until they run out", failure=type(failure).__name__)
