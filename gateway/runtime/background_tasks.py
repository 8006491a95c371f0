"""Background tasks of one process: dispatch, mirroring, inbox, retention, backlog metrics."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Protocol

from gateway.audit import AuditLog
from gateway.audit.audit_log import FLUSH_EVERY
from gateway.concurrency.background_task import BackgroundTask
from gateway.inbox.webhook_receiver import Receiver
from gateway.inbox.wiring import InboxObserver, open_inbox
from gateway.outbox.dispatch_loop import DispatchLoop
from gateway.runtime import backlog_metrics, retention
from gateway.runtime.backlog_metrics import BacklogMetrics, BacklogObserver
from gateway.runtime.resources import RuntimeResources
from gateway.runtime.retention import RetentionJob
from gateway.services.mirroring.follower import MirrorFollower
from gateway.settings import Settings

#: Seconds between two looks at the changes of orders that may have copies.
_MIRROR_POLL: Final = 1.0


class BackgroundObserver(BacklogObserver, InboxObserver, Protocol):
    """Counts what the tasks do."""


@asynccontextmanager
async def background_tasks(
    opened: RuntimeResources,
    settings: Settings,
    observer: BackgroundObserver,
    audit: AuditLog | None = None,
) -> AsyncIterator[Mapping[str, Receiver]]:
    """Runs them all while the context lasts; without `audit` no audit log is written.

    Gives the receivers of the shops whose platforms send messages.
    """
    supervision = opened.supervision
    metrics = BacklogMetrics(opened.store, opened.adapters, supervision.clock.wall, observer)
    async with (
        _auditing(opened, audit),
        _dispatching(opened),
        _running(_retention(opened, settings)),
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


@asynccontextmanager
async def _auditing(opened: RuntimeResources, audit: AuditLog | None) -> AsyncIterator[None]:
    """Writes the events that wait; once more at the end."""
    if audit is None:
        yield
        return
    task = BackgroundTask(
        "audit_log", audit.flush, interval=FLUSH_EVERY, supervision=opened.supervision
    )
    async with _running(task):
        yield
    await audit.close()


def _retention(opened: RuntimeResources, settings: Settings) -> BackgroundTask:
    kept = settings.store
    job = RetentionJob(
        opened.store,
        opened.dispatcher.shops,
        retention_days=kept.retention_days,
        changes_days=kept.changes_days,
        audit_days=settings.audit.days,
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
