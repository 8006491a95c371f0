"""Background tasks of one process: dispatch, mirroring, inbox, index, webhooks, retention."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from secrets import token_hex
from typing import Final, Protocol

import structlog

from gateway.audit import AuditLog
from gateway.audit.audit_log import FLUSH_EVERY
from gateway.auth.key_uses import WRITE_EVERY, KeyUses
from gateway.bulk import worker as bulk_worker
from gateway.bulk.export_selections import ExportSelections
from gateway.bulk.exports import ExportHandler, ExportRunner
from gateway.bulk.imports import ImportHandler
from gateway.bulk.order_lines import LineReader
from gateway.bulk.worker import BulkHandler, BulkWorker, CallerRights
from gateway.concurrency.background_task import BackgroundTask
from gateway.errors import GatewayError
from gateway.inbox.webhook_receiver import Receiver
from gateway.inbox.wiring import InboxObserver, open_inbox
from gateway.index import backfill, ledger_reconciliation
from gateway.index import recorder as index_recorder
from gateway.index.backfill import Backfill
from gateway.index.ledger_reconciliation import LedgerReconciliation
from gateway.index.reach import indexed_kinds
from gateway.outbox.dispatch_loop import DispatchLoop
from gateway.outbox.intake import OrderIntake
from gateway.runtime import backlog_metrics, retention
from gateway.runtime.backlog_metrics import BacklogMetrics, BacklogObserver
from gateway.runtime.erased_caches import ErasedCaches
from gateway.runtime.resources import RuntimeResources
from gateway.runtime.retention import RetentionJob, RetentionObserver
from gateway.runtime.webhook_tasks import webhook_tasks
from gateway.services import payment_reconciliation
from gateway.services.bulk_imports import ORDERS, SHIPMENTS
from gateway.services.exports import TYPES
from gateway.services.mirroring.follower import MirrorFollower
from gateway.services.payment_reconciliation import PaymentReconciler
from gateway.services.payment_recording import PaymentRecorder
from gateway.settings import Settings
from gateway.store.personal import CACHES_DROPPED_WITHIN
from gateway.store.retention import RetentionPeriods
from gateway.webhooks.deliverer import WebhookObserver
from resolvers.schema import executable

#: Seconds between two rounds of statistics.
_STATISTICS_EVERY: Final = 3_600.0
#: Seconds between two looks at the changes of orders that may have copies.
_MIRROR_POLL: Final = 1.0

_log = structlog.stdlib.get_logger(__name__)


class BackgroundObserver(
    BacklogObserver, InboxObserver, RetentionObserver, WebhookObserver, Protocol
):
    """Counts what the tasks do."""


@asynccontextmanager
async def background_tasks(
    opened: RuntimeResources,
    settings: Settings,
    observer: BackgroundObserver,
    audit: AuditLog | None = None,
    key_uses: KeyUses | None = None,
    selections: ExportSelections | None = None,
) -> AsyncIterator[Mapping[str, Receiver]]:
    """Runs them all while the context lasts; without `audit` no audit log is written.

    Without `key_uses` the uses of API keys are not written; without `selections` exports wait.

    Gives the receivers of the shops whose platforms send messages.
    """
    supervision = opened.supervision
    metrics = BacklogMetrics(
        opened.store,
        opened.adapters,
        supervision.clock.wall,
        observer,
        () if opened.index is None else indexed_kinds(opened.index.adapters),
    )
    async with (
        _auditing(opened, audit),
        _writing_key_uses(opened, key_uses or KeyUses(opened.supervision.clock.wall)),
        _dispatching(opened),
        _running(_retention(opened, settings, observer), after=retention.DELAY),
        _gathering_statistics(opened),
        _running(
            BackgroundTask(
                "backlog_metrics",
                metrics.once,
                interval=backlog_metrics.EVERY,
                supervision=supervision,
            )
        ),
        _running(_erased_caches(opened)),
        _running(_bulk_operations(opened, selections)),
        _mirroring(opened),
        _reading_payments(opened),
        _keeping_index(opened, settings),
        webhook_tasks(opened, settings, observer, audit),
        open_inbox(
            opened.store,
            # Both put what they read into the index themselves.
            opened.adapters if opened.index is None else opened.index.adapters,
            opened.notifier.notify,
            supervision,
            observer,
            index=None if opened.index is None else opened.index.writer,
            record_payment=_payment_recorder(opened).of_event,
        ) as receivers,
    ):
        yield receivers


@asynccontextmanager
async def _running(task: BackgroundTask, *, after: float = 0.0) -> AsyncIterator[None]:
    task.start(after=after)
    try:
        yield
    finally:
        await task.stop()


@asynccontextmanager
async def _gathering_statistics(opened: RuntimeResources) -> AsyncIterator[None]:
    """Lets SQLite know how its tables have grown; not while the process starts."""
    task = BackgroundTask(
        "store_statistics",
        opened.store.gather_statistics,
        interval=_STATISTICS_EVERY,
        supervision=opened.supervision,
    )
    task.start(after=_STATISTICS_EVERY)
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


@asynccontextmanager
async def _writing_key_uses(opened: RuntimeResources, uses: KeyUses) -> AsyncIterator[None]:
    """Writes the last uses of API keys; once more at the end."""

    async def write(used: Mapping[str, float]) -> None:
        async with opened.store.transaction() as transaction:
            await opened.store.key_uses.put(transaction, used)

    async def once() -> None:
        await uses.flush(write)

    task = BackgroundTask("key_uses", once, interval=WRITE_EVERY, supervision=opened.supervision)
    task.start(after=WRITE_EVERY)
    try:
        yield
    finally:
        await task.stop()
    try:
        await once()
    except GatewayError as failure:
        _log.warning(
            "auth.key_uses.not_written",
            message="Last uses of API keys were lost: the store cannot be written at the end.",
            reason=failure.message,
        )


def _retention(
    opened: RuntimeResources, settings: Settings, observer: RetentionObserver
) -> BackgroundTask:
    kept = settings.store
    job = RetentionJob(
        opened.store,
        opened.dispatcher.shops,
        RetentionPeriods(
            personal=kept.retention_days,
            changes=kept.changes_days,
            pushes=kept.pushes_days,
            bulk=kept.bulk_days,
            audit=settings.audit.days,
        ),
        observer,
        owner=token_hex(8),
        now=opened.supervision.clock.wall,
    )
    return BackgroundTask(
        "retention", job.once, interval=retention.EVERY, supervision=opened.supervision
    )


@asynccontextmanager
async def _keeping_index(opened: RuntimeResources, settings: Settings) -> AsyncIterator[None]:
    """Records what was read, reads the past, and finds what was written past the index."""
    index, supervision = opened.index, opened.supervision
    if index is None:
        yield
        return
    now, owner = supervision.clock.wall, token_hex(8)
    past = Backfill(
        opened.store,
        index.adapters,
        index.writer,
        days=settings.index.backfill_days,
        owner=owner,
        now=now,
    )
    comparison = LedgerReconciliation(
        opened.store, index.adapters, index.writer, owner=owner, clock=supervision.clock
    )
    begin = now() + backfill.DELAY

    async def read_past() -> None:
        if now() >= begin:
            await past.once()

    recording = BackgroundTask(
        "index_recorder",
        index.recorder.flush,
        interval=index_recorder.INTERVAL,
        supervision=supervision,
    )
    index.recorder.wake = recording.wake
    async with (
        _running(recording),
        _running(
            BackgroundTask(
                "index_backfill", read_past, interval=backfill.INTERVAL, supervision=supervision
            )
        ),
        _running(
            BackgroundTask(
                "index_ledger",
                comparison.once,
                interval=ledger_reconciliation.INTERVAL,
                supervision=supervision,
            )
        ),
    ):
        yield
    try:
        while await index.recorder.flush():
            pass
        await past.release()
    except GatewayError as failure:
        _log.warning(
            "index.end.not_written",
            message="What was read last was not indexed, or leases stay until they expire.",
            reason=failure.message,
        )


def _erased_caches(opened: RuntimeResources) -> BackgroundTask:
    index = opened.index

    def forget() -> None:
        opened.cache.forget()
        if index is not None:
            index.recorder.forget()

    caches = ErasedCaches(opened.store.personal.erasures, forget)
    return BackgroundTask(
        "erased_caches",
        caches.once,
        interval=CACHES_DROPPED_WITHIN,
        supervision=opened.supervision,
    )


def _bulk_operations(
    opened: RuntimeResources, selections: ExportSelections | None
) -> BackgroundTask:
    clock = opened.supervision.clock
    handlers: dict[str, BulkHandler] = {}
    if selections is not None:
        runner = ExportRunner(lambda: opened.services, selections)
        handlers |= dict.fromkeys(TYPES, ExportHandler(opened.store, runner, clock.monotonic))
    reader = LineReader(executable())
    imports = ImportHandler(opened.store, lambda: opened.services, reader, clock.monotonic)
    handlers |= {kind.name: imports for kind in (ORDERS, SHIPMENTS)}
    rights = CallerRights(opened.api_keys, clock.wall)
    worker = BulkWorker(opened.store, handlers, rights, clock, token_hex(16))
    return BackgroundTask(
        "bulk_operations",
        worker.once,
        interval=bulk_worker.POLL,
        supervision=opened.supervision,
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
        if sources and any(adapter.accepts_orders for adapter in opened.adapters.values()):
            await stack.enter_async_context(_running(task))
        yield


def _payment_recorder(opened: RuntimeResources) -> PaymentRecorder:
    index, notify = opened.index, opened.notifier.notify
    intake = OrderIntake(
        opened.store, opened.dispatcher, notify, None if index is None else index.writer
    )
    return PaymentRecorder(opened.store, intake, notify, opened.supervision.clock.wall)


@asynccontextmanager
async def _reading_payments(opened: RuntimeResources) -> AsyncIterator[None]:
    """Joins the payments that platforms keep with the ledger, if any shop has some."""
    reconciler = PaymentReconciler(
        opened.store, opened.adapters, _payment_recorder(opened), opened.supervision.clock.wall
    )
    task = BackgroundTask(
        "payments",
        reconciler.work,
        interval=payment_reconciliation.INTERVAL,
        supervision=opened.supervision,
    )
    async with AsyncExitStack() as stack:
        if reconciler.shops:
            await stack.enter_async_context(_running(task, after=payment_reconciliation.DELAY))
        yield
