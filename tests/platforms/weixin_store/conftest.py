"""Shops of the Weixin Store that read the sandbox over HTTP."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, Final

import pytest

from gateway.concurrency.clock import Clock
from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from gateway.platforms.weixin_store.settings import WeixinStoreShopSettings
from gateway.ports import Adapter
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
    """The sandbox as new, as of NOW."""
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
            *, lifetimes: dict[str, float] | None = None, secret: str = WEIXIN.secret, **keys: Any
        ) -> Adapter:
            ticking = Clock(wall=clock.wall, monotonic=clock.monotonic)
            clients = clients_on(stack, UpstreamLimits(), lifetimes or LIFETIMES, ticking)
            shop = WeixinStoreShopSettings.model_validate(
                {
                    "key": "weixin",
                    "platform": "weixin_store",
                    "app_id": WEIXIN.app_id,
                    "app_secret": secret,
                    "base_url": store.base_url,
                    **keys,
                }
            )
            return build_adapters([shop], clients, ledger, clock.wall)["weixin"]

        yield build


@pytest.fixture
def shop(open_shop: OpenShop) -> Adapter:
    """The adapter of the sample shop."""
    return open_shop()
