"""Background tasks of webhooks: what changes is recorded for endpoints, and sent to them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

from gateway.audit import AuditLog
from gateway.concurrency.background_task import BackgroundTask
from gateway.runtime.resources import RuntimeResources
from gateway.settings import Settings
from gateway.webhooks import deliverer as delivery
from gateway.webhooks import health_watcher, recorder
from gateway.webhooks.deliverer import WebhookDeliverer, WebhookObserver
from gateway.webhooks.health_watcher import HealthWatcher
from gateway.webhooks.recorder import WebhookRecorder
from gateway.webhooks.rights import EndpointRights
from gateway.webhooks.sender import sender_of


@asynccontextmanager
async def webhook_tasks(
    opened: RuntimeResources, settings: Settings, observer: WebhookObserver, audit: AuditLog | None
) -> AsyncIterator[None]:
    """Records and sends while the context lasts; calls in progress may end after it."""
    supervision, store = opened.supervision, opened.store
    clock = supervision.clock
    rights = EndpointRights(opened.api_keys, clock.wall, is_open=settings.auth.mode == "open")
    deliverer = WebhookDeliverer(
        store,
        sender_of(settings.webhooks),
        rights,
        clock,
        owner=token_hex(8),
        observer=observer,
        audit=audit,
        tracer=supervision.tracer,
    )
    sending = BackgroundTask(
        "webhook_delivery", deliverer.once, interval=delivery.POLL, supervision=supervision
    )
    changes = WebhookRecorder(store, rights)
    health = HealthWatcher(store, list(opened.adapters.values()), rights)

    async def record() -> int:
        count = await changes.once()
        if count:
            sending.wake()
        return count

    tasks = [
        BackgroundTask("webhook_recorder", record, interval=recorder.POLL, supervision=supervision),
        BackgroundTask(
            "webhook_health", health.once, interval=health_watcher.POLL, supervision=supervision
        ),
        sending,
    ]
    for task in tasks:
        task.start()
    try:
        yield
    finally:
        for task in tasks:
            await task.stop()
        await deliverer.stop()
