"""The configuration's proxies and authorities, as calls of each shop meet them."""

import base64
import contextlib
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from gateway.concurrency.clock import Clock
from gateway.errors import ConfigurationError
from gateway.registry import PLATFORMS
from gateway.runtime.platform_clients import open_platform_clients, routes_of
from gateway.settings import Settings
from gateway.upstream.cache import AnswerCache
from gateway.upstream.observer import NullObserver
from gateway.upstream.proxy import Proxy
from gateway.upstream.shared_store import open_store
from tests.upstream.server import answer, platform
from tests.upstream.tunnels import tls, tunnelling

SHOP = {"platform": "baidu", "app_key": "ak", "app_secret": "s"}


def settings(upstream: dict[str, Any], **shops: dict[str, Any]) -> Settings:
    return Settings.from_dict(
        PLATFORMS,
        {
            "store": {"encryption_key": base64.b64encode(bytes(32)).decode()},
            "upstream": upstream,
            "shops": [{**SHOP, "key": key, **keys} for key, keys in shops.items()],
        },
    )


def authority(file: Path) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(str(file))
    return made


async def test_each_shop_is_reached_by_its_own_proxy_and_authorities(tmp_path: Path) -> None:
    serving, _ = tls(authority(tmp_path / "all.pem"), "shop.example")
    serving_own, _ = tls(authority(tmp_path / "own.pem"), "shop.example")
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        played = await enter(platform(lambda _: answer('"all"'), tls=serving))
        played_own = await enter(platform(lambda _: answer('"own"'), tls=serving_own))
        tunnels, port = await enter(tunnelling(int(played.url.rpartition(":")[2])))
        tunnels_own, port_own = await enter(tunnelling(int(played_own.url.rpartition(":")[2])))
        configured = settings(
            {
                "proxy": f"http://me:word@127.0.0.1:{port}",
                "ca_file": str(tmp_path / "all.pem"),
            },
            plain={},
            own={
                "proxy": f"http://127.0.0.1:{port_own}",
                "ca_file": str(tmp_path / "own.pem"),
            },
            stranger={"proxy": f"http://127.0.0.1:{port_own}"},
        )
        store = open_store("memory://")
        opened = open_platform_clients(configured, store, AnswerCache(), Clock(), NullObserver())
        async with opened as clients:

            async def ask(shop: str) -> bytes:
                request = httpx.Request("POST", "https://shop.example/x", extensions={"pool": shop})
                return await (await clients.transport.handle_async_request(request)).aread()

            assert await ask("plain") == b'"all"'
            assert await ask("own") == b'"own"'
            with pytest.raises(httpx.ConnectError, match="TLS failed"):
                await ask("stranger")
        await store.aclose()
        await played.closed(0)
        await played_own.closed(0)
    assert b"Proxy-Authorization: Basic bWU6d29yZA==\r\n" in tunnels.asked[0]
    assert (len(tunnels.asked), len(tunnels_own.asked)) == (1, 2)


def test_a_shop_without_keys_has_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://egress.example:3128")
    route, routes = routes_of(settings({}, plain={}, own={"proxy": "http://own.example"}))
    assert route.proxy == Proxy("egress.example", 3128, honours_no_proxy=True)
    assert routes["plain"] == route
    assert routes["own"].proxy == Proxy("own.example", 80)
    assert routes["own"].tls is route.tls is None


def test_shops_that_trust_the_same_file_share_its_context(tmp_path: Path) -> None:
    authority(tmp_path / "ca.pem")
    keys = {"ca_file": str(tmp_path / "ca.pem")}
    _, routes = routes_of(settings({}, one=keys, other=keys))
    assert routes["one"].tls is routes["other"].tls is not None


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file or directory"):
        routes_of(settings({"ca_file": str(tmp_path / "none.pem")}))
