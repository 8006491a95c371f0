"""Resources that one process holds open while it serves: store, caches, clients, services."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from gateway.auth.keys_file import KeyRecord
from gateway.concurrency.background_task import NullTaskObserver, Supervision
from gateway.concurrency.clock import Clock
from gateway.feed.health_changes import HealthFeed
from gateway.feed.notifier import Notifier, notifier_for
from gateway.feed.order_changes import OrderChangeFeed
from gateway.index.recorded_ports import recorded
from gateway.index.recorder import IndexRecorder
from gateway.index.writer import IndexWriter
from gateway.outbox.dispatcher import Dispatcher
from gateway.platform_kit.connection import PlatformClients
from gateway.ports import Adapter
from gateway.registry import build_adapters, regions
from gateway.runtime.platform_clients import open_platform_clients
from gateway.services import Resources, Services
from gateway.services.exports import ChecksSelections
from gateway.services.use_case_spans import with_spans
from gateway.services.writing.webhook_endpoints import EndpointRules
from gateway.settings import CacheSettings, Settings, UpstreamSettings
from gateway.store.store import Store, open_ledger
from gateway.telemetry import Telemetry
from gateway.tracing import Tracer
from gateway.upstream.cache import AnswerCache
from gateway.upstream.observer import NullObserver
from gateway.upstream.shared_store import SharedStore, open_store
from gateway.webhooks.rights import EndpointRights
from gateway.webhooks.sender import sender_of


@dataclass(frozen=True, slots=True)
class IndexResources:
    """What keeps the index: `adapters` are those whose reads the recorder does not take."""

    writer: IndexWriter
    recorder: IndexRecorder
    adapters: Mapping[str, Adapter]


@dataclass(frozen=True, slots=True)
class RuntimeResources:
    """Open while the process serves."""

    store: Store
    shared: SharedStore
    cache: AnswerCache
    adapters: dict[str, Adapter]
    services: Services
    notifier: Notifier
    dispatcher: Dispatcher
    supervision: Supervision
    clients: PlatformClients
    #: The API keys that are not revoked.
    api_keys: Callable[[], Sequence[KeyRecord]] = list
    #: None: `index.enabled` is false.
    index: IndexResources | None = None

    @property
    def writes(self) -> tuple[int, int] | None:
        """Counts that change with every write; None if other replicas may write unnoticed."""
        tags = self.cache.tags
        return (self.store.commits, tags.invalidations) if tags.local else None


@asynccontextmanager
async def open_resources(
    settings: Settings,
    clock: Clock,
    observer: Telemetry | None = None,
    *,
    api_keys: Callable[[], Sequence[KeyRecord]] = list,
    selections: ChecksSelections | None = None,
    tracer: Tracer | None = None,
) -> AsyncIterator[RuntimeResources]:
    """Opens the store, the cache and the clients of all platforms; closes them at the end.

    `api_keys` are the keys that are not revoked. `selections` checks those of exports. Without
    `tracer` nothing is traced.

    Raises:
        ConfigurationError: an address or a key of the configuration is wrong.
        StoreUnavailable: the store cannot be opened.
    """
    supervision = Supervision(clock=clock, observer=observer or NullTaskObserver(), tracer=tracer)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_ledger(settings.store, clock.wall))
        shared = open_store(settings.cache.url.get_secret_value(), clock)
        stack.push_async_callback(shared.aclose)
        cache = _cache(settings.cache, shared, store, clock)
        stack.push_async_callback(cache.aclose)
        clients = await stack.enter_async_context(
            open_platform_clients(
                settings, shared, cache, clock, observer or NullObserver(), store.vault
            )
        )
        adapters = build_adapters(settings.shops, clients, store, clock.wall)
        index = _index(store, adapters, observer) if settings.index.enabled else None
        adapters = _recorded(adapters, index)
        notifier = notifier_for(settings.cache.url.get_secret_value(), supervision)
        stack.push_async_callback(notifier.aclose)
        feed, health_feed = _feeds(stack, store, notifier, adapters, supervision)
        dispatcher = _dispatcher(store, adapters, settings.upstream, observer, supervision)
        services = Services.over(
            Resources(
                adapters=adapters,
                store=store,
                provinces=regions(),
                dispatcher=dispatcher,
                feed=feed,
                health_feed=health_feed,
                mirrors=settings.mirrors,
                notify=notifier.notify,
                now=clock.wall,
                monotonic=clock.monotonic,
                api_keys=api_keys,
                public_url=settings.server.public_url,
                selections=selections,
                index=None if index is None else index.writer,
                endpoint_rules=_endpoint_rules(settings, api_keys, clock),
            )
        )
        if tracer is not None:
            services = with_spans(services)
        opened = (store, shared, cache, adapters, services, notifier, dispatcher, supervision)
        yield RuntimeResources(*opened, clients, api_keys, index)


def _cache(settings: CacheSettings, shared: SharedStore, store: Store, clock: Clock) -> AnswerCache:
    stale = settings.stale_if_error
    return AnswerCache(clock=clock, store=shared, sealer=store.vault, stale_if_error=stale)


def _endpoint_rules(
    settings: Settings, api_keys: Callable[[], Sequence[KeyRecord]], clock: Clock
) -> EndpointRules:
    is_open = settings.auth.mode == "open"
    rights = EndpointRights(api_keys, clock.wall, is_open=is_open)
    return EndpointRules(sender_of(settings.webhooks).policy, rights)


def _feeds(
    stack: AsyncExitStack,
    store: Store,
    notifier: Notifier,
    adapters: Mapping[str, Adapter],
    supervision: Supervision,
) -> tuple[OrderChangeFeed, HealthFeed]:
    feed = OrderChangeFeed(store.order_changes, notifier, supervision=supervision)
    stack.push_async_callback(feed.aclose)
    health_feed = HealthFeed(list(adapters.values()), supervision=supervision)
    stack.push_async_callback(health_feed.aclose)
    return feed, health_feed


def _recorded(adapters: dict[str, Adapter], index: IndexResources | None) -> dict[str, Adapter]:
    if index is None:
        return adapters
    return {key: recorded(one, index.recorder) for key, one in adapters.items()}


def _index(
    store: Store, adapters: Mapping[str, Adapter], observer: Telemetry | None
) -> IndexResources:
    writer = IndexWriter(store, adapters)
    return IndexResources(writer, IndexRecorder(store, writer, observer), adapters)


def _dispatcher(
    store: Store,
    adapters: Mapping[str, Adapter],
    upstream: UpstreamSettings,
    observer: Telemetry | None,
    supervision: Supervision,
) -> Dispatcher:
    deliveries = {
        shop: adapter.deliveries
        for shop, adapter in adapters.items()
        if adapter.deliveries is not None
    }
    # After a lost answer the platform is asked first, then sent to again: two calls.
    longest = 2 * (upstream.connect_timeout + upstream.read_timeout)
    clock, tracer = supervision.clock, supervision.tracer
    return Dispatcher(
        store, deliveries, clock.wall, clock.between, longest, observer, tracer=tracer
    )
