"""The ways to all platforms, as the configuration wants them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.concurrency.clock import Clock
from gateway.platform_kit.connection import PlatformClients
from gateway.settings import Settings
from gateway.upstream.cache import AnswerCache
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.observer import UpstreamObserver
from gateway.upstream.proxy import Route, proxy_of_environment
from gateway.upstream.shared_store import SharedStore
from gateway.upstream.token import TokenFetcher, TokenKeeper
from gateway.upstream.transport import UpstreamTransport


@asynccontextmanager
async def open_platform_clients(
    settings: Settings,
    shared: SharedStore,
    cache: AnswerCache,
    clock: Clock,
    observer: UpstreamObserver,
) -> AsyncIterator[PlatformClients]:
    """What all shops share to reach their platforms; closed at the end, with what it made."""
    limits = _limits(settings)

    def keeper(shop: str, fetcher: TokenFetcher, credentials: str) -> TokenKeeper:
        return TokenKeeper(
            shop, fetcher, shared, credentials=credentials, clock=clock, observer=observer
        )

    async with AsyncExitStack() as stack:
        transport = UpstreamTransport(limits, route=Route(proxy=proxy_of_environment()))
        stack.push_async_callback(transport.aclose)
        clients = PlatformClients(
            transport=transport,
            keeper=keeper,
            cache=cache,
            limits=limits,
            lifetimes={
                "products": settings.cache.products_ttl,
                "orders": settings.cache.orders_ttl,
                "catalogue": settings.cache.catalogue_ttl,
            },
            observer=observer,
            clock=clock,
        )
        stack.push_async_callback(clients.aclose)
        yield clients


def _limits(settings: Settings) -> UpstreamLimits:
    upstream = settings.upstream
    return UpstreamLimits(
        connect_timeout=upstream.connect_timeout,
        read_timeout=upstream.read_timeout,
        max_connections=upstream.max_connections,
        retries=upstream.retries,
        max_response_bytes=upstream.max_response_bytes,
    )
