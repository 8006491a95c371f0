"""What one process holds open as long as it serves."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from gateway.backstage.kit import kit_open
from gateway.feed.bell import Bell, bell_for
from gateway.feed.order_feed import OrderFeed
from gateway.outbox.courier import Courier
from gateway.platforms.wechat_store import PROVINCES
from gateway.ports import Adapter
from gateway.registry import build_adapters
from gateway.services import Resources, Services
from gateway.settings import Settings, UpstreamSettings
from gateway.store.opened import opened_store
from gateway.store.store import Store
from gateway.telemetry import Telemetry
from gateway.upstream.cache import AnswerCache
from gateway.upstream.clock import Clock
from gateway.upstream.observer import Silence
from gateway.upstream.shared_store import SharedStore, open_store


@dataclass(frozen=True, slots=True)
class Backstage:
    """What one process holds open as long as it serves."""

    store: Store
    shared: SharedStore
    cache: AnswerCache
    adapters: dict[str, Adapter]
    services: Services
    bell: Bell
    courier: Courier

    @property
    def writes(self) -> tuple[int, int] | None:
        """Changes with every write; None where other replicas may write unseen."""
        board = self.cache.board
        return (self.store.commits, board.voided) if board.local else None


@asynccontextmanager
async def backstage(
    settings: Settings, clock: Clock, observer: Telemetry | None = None
) -> AsyncIterator[Backstage]:
    """Opens the store, the cache and the ways to all platforms; closes them at the end.

    Raises:
        ConfigurationError: an address or a key of the configuration is wrong.
        StoreUnavailable: the store cannot be opened.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened_store(settings.store, clock.wall))
        shared = open_store(settings.cache.url.get_secret_value(), clock)
        stack.push_async_callback(shared.aclose)
        cache = AnswerCache(clock=clock, store=shared, stale_if_error=settings.cache.stale_if_error)
        stack.push_async_callback(cache.aclose)
        kit = await stack.enter_async_context(
            kit_open(settings, shared, cache, clock, observer or Silence())
        )
        adapters = build_adapters(settings.shops, kit, store, clock.wall)
        bell = bell_for(settings.cache.url.get_secret_value())
        stack.push_async_callback(bell.aclose)
        feed = OrderFeed(store.order_changes, bell)
        stack.push_async_callback(feed.aclose)
        courier = _courier(store, adapters, clock, settings.upstream, observer)
        services = Services.over(
            Resources(
                adapters=adapters,
                store=store,
                provinces=PROVINCES,
                courier=courier,
                feed=feed,
                mirrors=settings.mirrors,
                ring=bell.ring,
                now=clock.wall,
            )
        )
        yield Backstage(store, shared, cache, adapters, services, bell, courier)


def _courier(
    store: Store,
    adapters: Mapping[str, Adapter],
    clock: Clock,
    upstream: UpstreamSettings,
    observer: Telemetry | None,
) -> Courier:
    deliveries = {
        shop: adapter.deliveries
        for shop, adapter in adapters.items()
        if adapter.deliveries is not None
    }
    # What was lost is asked for first, then sent again: two calls.
    longest = 2 * (upstream.connect_timeout + upstream.read_timeout)
    return Courier(store, deliveries, clock.wall, clock.between, longest, observer)
