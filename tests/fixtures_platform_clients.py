"""The parts of a platform's client, over real connections, for tests of adapters."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Final

import pytest

from gateway.concurrency.clock import Clock
from gateway.platform_kit.connection import PlatformClients
from gateway.upstream.access_token import AccessTokenCache, TokenFetcher
from gateway.upstream.cache import AnswerCache
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.shared_store import open_store
from gateway.upstream.transport import UpstreamTransport

#: 2026-11-20, 20:26:40 in China: when the sample shop's orders end, and shops' clocks stand.
NOW: Final = 1_795_177_600

#: Seconds; none but "orders" is read by the platforms tested with it.
LIFETIMES = {"products": 60.0, "orders": 5.0, "catalogue": 3600.0}


@pytest.fixture
async def clients() -> AsyncIterator[PlatformClients]:
    """Answer a clients of its own tokens and cache; it closes the clients made with it."""
    transport, store = UpstreamTransport(), open_store("memory://")
    made = PlatformClients(
        transport=transport,
        access_tokens=lambda shop, fetcher, name: AccessTokenCache(
            shop, fetcher, store, credentials=name
        ),
        cache=AnswerCache(),
        lifetimes=LIFETIMES,
    )
    yield made
    await made.aclose()
    await transport.aclose()
    await store.aclose()


class ShopClock:
    """The shops' time: it stands at NOW for people, and runs for waits, both `ahead` seconds."""

    ahead = 0.0

    def wall(self) -> float:
        """Seconds since the epoch."""
        return NOW + self.ahead

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        return time.monotonic() + self.ahead


def clients_on(
    stack: AsyncExitStack, limits: UpstreamLimits, lifetimes: dict[str, float], clock: Clock
) -> PlatformClients:
    """Give clients of their own tokens and cache, closed with the stack."""
    transport = UpstreamTransport(limits)
    stack.push_async_callback(transport.aclose)
    shared = open_store("memory://", clock)
    stack.push_async_callback(shared.aclose)
    cache = AnswerCache(clock=clock, store=shared)
    stack.push_async_callback(cache.aclose)

    def access_tokens(shop: str, fetcher: TokenFetcher, credentials: str) -> AccessTokenCache:
        return AccessTokenCache(shop, fetcher, shared, credentials=credentials, clock=clock)

    clients = PlatformClients(
        transport=transport,
        access_tokens=access_tokens,
        cache=cache,
        limits=limits,
        lifetimes=lifetimes,
        clock=clock,
    )
    stack.push_async_callback(clients.aclose)
    return clients
