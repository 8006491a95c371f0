"""Shops of the WeChat Store that read the sandbox over HTTP."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import date
from typing import Any, Final

import pytest

from gateway.concurrency.clock import Clock
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.platforms.wechat_store.settings import WechatStoreShopSettings
from gateway.ports import Adapter, ReadOptions
from gateway.registry import build_adapters
from gateway.store.store import Store
from gateway.upstream.limits import UpstreamLimits
from tests.fixtures_platform_clients import NOW, ShopClock, clients_on
from tests.fixtures_sandbox import Sandbox

#: As in the contract's example.
LIFETIMES: Final = {"products": 60.0, "orders": 5.0, "catalogue": 3600.0}

OpenShop = Callable[..., Adapter]


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
            clients = clients_on(stack, limits, lifetimes or LIFETIMES, ticking)
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
