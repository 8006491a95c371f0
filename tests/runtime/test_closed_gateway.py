"""A process may open and close gateways: nothing of a closed one stays in memory."""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from weakref import ReferenceType, ref

from gateway.concurrency.clock import Clock
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import configuration, serving

PRODUCT = "{ products(first: 1) { nodes { id } } }"
ORDERS = "{ orders(first: 5) { nodes { id items { product { title } } } } }"
UNLIST = """mutation ($id: ID!) {
  productSetStatus(ids: [$id], status: OFF_SHELF) { userErrors { code } }
}"""
PATHS = ("/readyz", "/metrics", "/docs", "/openapi.json", "/webhooks/wechat/flagship", "/nothing")


async def closed(settings: Settings) -> "ReferenceType[Callable[[], float]]":
    """Use a gateway and close it; answers a reference to the clock that it alone held."""

    def wall() -> float:
        return time.time()

    async with serving(settings, Clock(wall=wall)) as client:
        (product,) = (await client.ask(PRODUCT)).data["products"]["nodes"]
        assert (await client.ask(ORDERS)).data["orders"]["nodes"]
        unlisted = (await client.ask(UNLIST, product)).data["productSetStatus"]
        assert unlisted == {"userErrors": []}
        for path in PATHS:
            await client.http.get(path)
    return ref(wall)


async def test_a_closed_gateway_is_freed(sandbox: Sandbox, tmp_path: Path) -> None:
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path))

    clock = await closed(settings)
    gc.collect()

    assert clock() is None
