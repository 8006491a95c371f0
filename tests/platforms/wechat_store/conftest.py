"""Shops of the WeChat Store that read the sandbox over HTTP."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import date
from typing import Any, Final

import pytest

from gateway.concurrency.clock import Clock
from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.platforms.wechat_store.settings import WechatStoreShopSettings
from gateway.ports import Adapter, ReadOptions
from gateway.registry import build_adapters
from gateway.store.store import Store
from gateway.upstream.access_token import AccessTokenCache, TokenFetcher
from gateway.upstream.cache import AnswerCache
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.shared_store import open_store
from gateway.upstream.transport import UpstreamTransport
from tests.fixtures_sandbox import Sandbox

#: 2026-11-20, 20:26:40 in China: when the sample shop's orders end, and the shop's clock stands.
NOW: Final = 1_795_177_600

#: As in the contract's example.
LIFETIMES: Final = {"products": 60.0, "orders": 5.0, "catalogue": 3600.0}

OpenShop = Callable[..., Adapter]


class ShopClock:
    """The shops' time: it stands at NOW for people, and runs for waits, both `ahead` seconds."""

    ahead = 0.0

    def wall(self) -> float:
        """Seconds since the epoch."""
        return NOW + self.ahead

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        return time.monotonic() + self.ahead


@pytest.fixture
def store(sandbox_server: Sandbox) -> Sandbox:
    """The sandbox as new, with orders of the ninety days before NOW."""
    sandbox_server.reset(now=NOW)
    return sandbox_server


@pytest.fixture
def clock() -> ShopClock:
    """The clock of the shops that `open_shop` gives."""
    return ShopClock()


@pytest.fixture
async def open_shop(store: Sandbox, ledger: Store, clock: ShopClock) -> AsyncIterator[OpenShop]:
    """Builds the adapter of the sample shop, as the gateway does."""
    async with AsyncExitStack() as stack:

        def build(
            *,
            lifetimes: dict[str, float] | None = None,
            most_bytes: int = 20_000_000,
            large_answer: int = 524_288,
            secret: str = FLAGSHIP.secret,
            since: date = date(2014, 1, 1),
            **settings: Any,
        ) -> Adapter:
            limits = UpstreamLimits(max_response_bytes=most_bytes, large_answer=large_answer)
            ticking = Clock(wall=clock.wall, monotonic=clock.monotonic)
            clients = _clients(stack, limits, lifetimes or LIFETIMES, ticking)
            shop = WechatStoreShopSettings.model_validate(
                {
                    "key": "flagship",
                    "platform": "wechat_store",
                    "app_id": FLAGSHIP.app_id,
                    "app_secret": secret,
                    "base_url": store.base_url,
                    "orders_since": since,
                    **settings,
                }
            )
            return build_adapters([shop], clients, ledger, clock.wall)["flagship"]

        yield build


@pytest.fixture
def shop(open_shop: OpenShop) -> Adapter:
    """The adapter of the sample shop."""
    return open_shop()


@pytest.fixture(params=[False, True], ids=["cached", "fresh"])
def reading(request: pytest.FixtureRequest) -> ReadOptions:
    """Both ways of asking."""
    return ReadOptions(fresh=request.param)


def _clients(
    stack: AsyncExitStack, limits: UpstreamLimits, lifetimes: dict[str, float], clock: Clock
) -> PlatformClients:
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
