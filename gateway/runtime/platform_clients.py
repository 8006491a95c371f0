"""Clients of all platforms, made from the configuration."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache as cached

from gateway.concurrency.clock import Clock
from gateway.platform_kit.connection import PlatformClients
from gateway.settings import Settings, ShopSettings, UpstreamSettings
from gateway.upstream.access_token import AccessTokenCache, TokenFetcher
from gateway.upstream.cache import AnswerCache
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.observer import UpstreamObserver
from gateway.upstream.proxy import Route, proxy_at, proxy_of_environment, trusting
from gateway.upstream.sealing import Sealer
from gateway.upstream.shared_store import SharedStore
from gateway.upstream.transport import UpstreamTransport


@asynccontextmanager
async def open_platform_clients(
    settings: Settings,
    shared: SharedStore,
    cache: AnswerCache,
    clock: Clock,
    observer: UpstreamObserver,
    sealer: Sealer | None = None,
) -> AsyncIterator[PlatformClients]:
    """What the clients of all shops share; closed at the end, with the clients made from it.

    A `shared` store that other processes see needs a sealer.
    """
    limits = _limits(settings)

    def access_tokens(shop: str, fetcher: TokenFetcher, credentials: str) -> AccessTokenCache:
        return AccessTokenCache(
            shop,
            fetcher,
            shared,
            credentials=credentials,
            sealer=sealer,
            clock=clock,
            observer=observer,
        )

    async with AsyncExitStack() as stack:
        route, routes = routes_of(settings)
        transport = UpstreamTransport(limits, route=route, routes=routes)
        stack.push_async_callback(transport.aclose)
        clients = PlatformClients(
            transport=transport,
            access_tokens=access_tokens,
            cache=cache,
            limits=limits,
            lifetimes={
                "products": settings.cache.products_ttl,
                "orders": settings.cache.orders_ttl,
                "catalogue": settings.cache.catalogue_ttl,
            },
            observer=observer,
            clock=clock,
            writes_off=frozenset(one.key for one in settings.shops if one.writes == "off"),
        )
        stack.push_async_callback(clients.aclose)
        yield clients


def routes_of(settings: Settings) -> tuple[Route, dict[str, Route]]:
    """How platforms are reached: by all shops, and by those that have keys of their own.

    Raises:
        ConfigurationError: HTTPS_PROXY or a `ca_file` is of no use.
    """
    # One context for each file: shops that trust the same share it.
    trusted = cached(trusting)

    def with_keys(section: UpstreamSettings | ShopSettings, otherwise: Route) -> Route:
        proxy, tls = otherwise.proxy, otherwise.tls
        if section.proxy is not None:
            proxy = proxy_at(section.proxy.get_secret_value())
        if section.ca_file is not None:
            tls = trusted(section.ca_file)
        return Route(proxy, tls)

    route = with_keys(settings.upstream, Route(proxy_of_environment()))
    return route, {shop.key: with_keys(shop, route) for shop in settings.shops}


def _limits(settings: Settings) -> UpstreamLimits:
    upstream = settings.upstream
    return UpstreamLimits(
        connect_timeout=upstream.connect_timeout,
        read_timeout=upstream.read_timeout,
        max_connections=upstream.max_connections,
        retries=upstream.retries,
        max_response_bytes=upstream.max_response_bytes,
    )
