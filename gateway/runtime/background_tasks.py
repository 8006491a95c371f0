"""Background tasks of one process: dispatch, mirroring, inbox, retention, backlog metrics."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Protocol

from gateway.concurrency.background_task import BackgroundTask
from gateway.inbox.webhook_receiver import Receiver
from gateway.inbox.wiring import InboxObserver, open_inbox
from gateway.outbox.dispatch_loop import DispatchLoop
from gateway.runtime import backlog_metrics, retention
from gateway.runtime.backlog_metrics import BacklogMetrics, BacklogObserver
from gateway.runtime.resources import RuntimeResources
from gateway.runtime.retention import RetentionJob
from gateway.services.mirroring.follower import MirrorFollower
from gateway.settings import Settings, StoreSettings

#: Seconds between two looks at the changes of orders that may have copies.
_MIRROR_POLL: Final = 1.0


class BackgroundObserver(BacklogObserver, InboxObserver, Protocol):
    """Counts what the tasks do."""


@asynccontextmanager
async def background_tasks(
    opened: RuntimeResources, settings: Settings, observer: BackgroundObserver
) -> AsyncIterator[Mapping[str, Receiver]]:
    """Runs them all while the context lasts.

    Gives the receivers of the shops whose platforms send messages.
    """
    supervision = opened.supervision
    metrics = BacklogMetrics(opened.store, opened.adapters, supervision.clock.wall, observer)
    async with (
        _dispatching(opened),
        _running(_retention(opened, settings.store)),
        _running(
            BackgroundTask(
                "backlog_metrics",
                metrics.once,
                interval=backlog_metrics.EVERY,
                supervision=supervision,
            )
        ),
        _mirroring(opened),
        open_inbox(
            opened.store, opened.adapters, opened.notifier.notify, supervision, observer
        ) as receivers,
    ):
        yield receivers


@asynccontextmanager
async def _running(task: BackgroundTask) -> AsyncIterator[None]:
    task.start()
    try:
        yield
    finally:
        await task.stop()


@asynccontextmanager
async def _dispatching(opened: RuntimeResources) -> AsyncIterator[None]:
    loop = DispatchLoop(opened.dispatcher, supervision=opened.supervision)
    loop.start()
    try:
        yield
    finally:
        await loop.stop()


def _retention(opened: RuntimeResources, kept: StoreSettings) -> BackgroundTask:
    job = RetentionJob(
        opened.store,
        opened.dispatcher.shops,
        retention_days=kept.retention_days,
        changes_days=kept.changes_days,
    )
    return BackgroundTask(
        "retention", job.once, interval=retention.EVERY, supervision=opened.supervision
    )


@asynccontextmanager
async def _mirroring(opened: RuntimeResources) -> AsyncIterator[None]:
    """Keeps copies of orders up to date, if any shop can take copies."""
    sources = [key for key, adapter in opened.adapters.items() if adapter.traits.mirrors_from]
    follower = MirrorFollower(
        opened.store, opened.services.mirror_synchroniser, sources, opened.supervision.clock.wall
    )
    task = BackgroundTask(
        "mirror_follower", follower.work, interval=_MIRROR_POLL, supervision=opened.supervision
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(follower.stop)
        if sources and any(adapter.accepts_orders for adapter in opened.adapters.values()):
            await stack.enter_async_context(_running(task))
        yield
