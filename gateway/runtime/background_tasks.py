"""What one process does in the background as long as it serves."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from gateway.concurrency.clock import Clock
from gateway.inbox.polling_task import PollingTask
from gateway.inbox.webhook_receiver import Receiver
from gateway.inbox.wiring import open_inbox
from gateway.outbox.dispatch_loop import DispatchLoop
from gateway.runtime.backlog_metrics import BacklogMetrics, BacklogObserver
from gateway.runtime.resources import RuntimeResources
from gateway.runtime.retention import RetentionJob
from gateway.services.mirroring.follower import MirrorFollower
from gateway.settings import Settings, StoreSettings

#: Seconds after which changes of orders that may have copies are looked at.
_MIRROR_POLL: Final = 1.0


@asynccontextmanager
async def background_tasks(
    opened: RuntimeResources, settings: Settings, clock: Clock, observer: BacklogObserver
) -> AsyncIterator[Mapping[str, Receiver]]:
    """Delivers, mirrors and takes events in, as long as the context lasts.

    Gives the receivers of the shops whose platforms send messages.
    """
    async with (
        _delivering(opened, settings.store),
        _counting(BacklogMetrics(opened.store, opened.adapters, clock.wall, observer)),
        _mirroring(opened, clock),
        open_inbox(opened.store, opened.adapters, opened.notifier.notify, clock) as receivers,
    ):
        yield receivers


@asynccontextmanager
async def _delivering(opened: RuntimeResources, kept: StoreSettings) -> AsyncIterator[None]:
    """Delivers what is due and lets go of what is old."""
    worker = DispatchLoop(opened.dispatcher)
    rounds = RetentionJob(
        opened.store,
        opened.dispatcher.shops,
        retention_days=kept.retention_days,
        changes_days=kept.changes_days,
    )
    worker.start()
    going_round = asyncio.create_task(rounds.run(), name="retention")
    try:
        yield
    finally:
        going_round.cancel()
        await asyncio.gather(going_round, return_exceptions=True)
        await worker.stop()


@asynccontextmanager
async def _counting(backlog: BacklogMetrics) -> AsyncIterator[None]:
    """Tells how much waits."""
    looking = asyncio.create_task(backlog.run(), name="backlog")
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


@asynccontextmanager
async def _mirroring(opened: RuntimeResources, clock: Clock) -> AsyncIterator[None]:
    """Keeps copies of orders in step with them."""
    sources = [key for key, adapter in opened.adapters.items() if adapter.traits.mirrors_from]
    keeper = opened.services.mirror_synchroniser
    follower = MirrorFollower(opened.store, keeper, sources, clock.wall)
    worker = PollingTask("mirrors", follower.work, pause=_MIRROR_POLL)
    if sources and any(adapter.accepts_orders for adapter in opened.adapters.values()):
        worker.start()
    try:
        yield
    finally:
        await worker.stop()
        await follower.stop()
