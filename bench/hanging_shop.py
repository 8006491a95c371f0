"""How long a list over many shops takes while the platform of one accepts and never answers."""

import argparse
import asyncio
import base64
import contextlib
import os
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import uvicorn
from starlette.types import ASGIApp

from gateway.app import create_app
from gateway.demo.configuration import demo_shops
from gateway.demo.seed import seed_ledger
from gateway.http.server import GatewayProtocol
from gateway.registry import PLATFORMS, sandbox_parts
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.part import accounts_of
from gateway.sandbox.sample_shop import sample_shop
from gateway.sandbox.server import SandboxProtocol
from gateway.sandbox.server_state import Account, Setting
from gateway.settings import Settings
from gateway.store.store import Store

_KEY: Final = base64.b64encode(bytes(32)).decode()
_NO_CACHE: Final = {"cache-control": "no-cache"}
#: Lists asked for one after the other at first; then one a second.
_LISTS: Final = 5
_ORDERS: Final = """
{ orders(first: 20) { nodes { id shop { key } }
  sources { shop { key platform } state count error { code endpoint message } } } }
"""


def accounts(each: int) -> list[Account]:
    """So many accounts on each platform of the sandbox."""
    return [
        replace(one, app_id=f"{one.app_id}{number:02}")
        for one in accounts_of(sandbox_parts())
        for number in range(each)
    ]


def configured(url: str, folder: Path, apps: list[Account], urls: Mapping[str, str]) -> Settings:
    """One shop for each account, with the default limits; `urls` of shops that are elsewhere."""
    names = {"baidu": ("app_key", "app_secret")}
    shops = []
    for number, app in enumerate(apps):
        app_id, secret = names.get(app.platform, ("app_id", "app_secret"))
        key = f"shop{number:02}"
        shops.append(
            {"key": key, "platform": app.platform, "name": app.app_id}
            | {app_id: app.app_id, secret: app.secret, "base_url": urls.get(key, url)}
        )
    return Settings.from_dict(
        PLATFORMS,
        {
            "auth": {"mode": "open"},
            "store": {"url": f"sqlite:///{folder}/bench.db", "encryption_key": _KEY},
            "log": {"level": "error"},
            "shops": shops,
        },
    )


async def fill(settings: Settings, folder: Path, now: int) -> None:
    """Bring the sample shop into the ledger for each shop that only takes writes."""
    store = await Store.open(f"sqlite:///{folder}/bench.db", encryption_key=_KEY, clock=time.time)
    demo = {shop.platform: shop for shop in demo_shops()}
    shops = [replace(demo[shop.platform], key=shop.key) for shop in settings.shops]
    await seed_ledger(store, shops, sample_shop(now))
    await store.close()


def _server(app: ASGIApp, protocol: Any) -> uvicorn.Server:
    return uvicorn.Server(uvicorn.Config(app, http=protocol, log_config=None, lifespan="on"))


@contextlib.contextmanager
def platform(apps: list[Account]) -> Iterator[httpx.Client]:
    """The sandbox, in a thread of its own."""
    app = create_sandbox(sandbox_parts(), Setting(accounts=tuple(apps)))
    server = _server(app, SandboxProtocol)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            yield client
        server.should_exit = True
        thread.join()


@contextlib.asynccontextmanager
async def gateway(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway on these shops."""
    server = _server(create_app(settings), GatewayProtocol)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells by this attribute alone
            await asyncio.sleep(0.05)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            yield client
        server.should_exit = True
        await task


class Told(NamedTuple):
    """How one list went: how long it took, and the rest in words."""

    seconds: float
    words: str

    def __str__(self) -> str:
        return f"{self.seconds:6.2f} s  {self.words}"


async def told(client: httpx.AsyncClient, hanging: str) -> Told:
    """Ask for the list once."""
    began = time.perf_counter()
    answer = await client.post("/graphql", json={"query": _ORDERS}, headers=_NO_CACHE)
    seconds = time.perf_counter() - began
    page = answer.json()["data"]["orders"]
    states = {each["shop"]["key"]: _state(each) for each in page["sources"]}
    of_hanging = states.pop(hanging).partition(" ")[0]
    others = ", ".join(f"{count} {state}" for state, count in Counter(states.values()).items())
    orders = len(page["nodes"])
    return Told(seconds, f"{orders} orders  others: {others}; who hangs: {of_hanging}")


def _state(source: Mapping[str, Any]) -> str:
    """The state of a shop, with its platform and why unless it is LIVE."""
    error = source["error"]
    if error is None:
        return str(source["state"])
    platform_ = source["shop"]["platform"]
    return f"{source['state']} ({platform_}, {error['endpoint']}, {error['code']})"


async def measure(each: int, seconds: float, *, warm: bool) -> list[str]:
    """One shop hangs: `warm`, once it has a token and was read, else from its token call on.

    A line for each of the first lists, and one for the slowest of those that follow for `seconds`.
    """
    apps, now = accounts(each), int(time.time())
    hung = next(number for number, app in enumerate(apps) if app.platform == "wechat_store")
    name = f"shop{hung:02}"
    with (
        platform(apps) as sandbox,
        socket.create_server(("127.0.0.1", 0)) as silent,
        tempfile.TemporaryDirectory() as text,
    ):
        sandbox.post("/_sandbox/reset", json={"now": now}).raise_for_status()
        # The system accepts its connections, and nobody reads them.
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}"
        urls = {} if warm else {name: nowhere}
        settings = configured(str(sandbox.base_url), Path(text), apps, urls)
        await fill(settings, Path(text), now)
        async with gateway(settings) as client:
            if warm:
                (await client.post("/graphql", json={"query": _ORDERS})).raise_for_status()
                hang = {"kind": "silence", "times": None, "app_id": apps[hung].app_id}
                await asyncio.to_thread(sandbox.post, "/_sandbox/faults", json=hang)
            first = [await told(client, name) for _ in range(_LISTS)]
            later = []
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await asyncio.sleep(1)
                later.append(await told(client, name))
            await asyncio.to_thread(sandbox.delete, "/_sandbox/faults")
    lines = [f"list {number}  {one}" for number, one in enumerate(first, 1)]
    if later:
        lines.append(f"slowest of {len(later)} more  {max(later)}")
    return lines


def main() -> None:
    """Measure, and print a line for each list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=20, help="on each platform")
    parser.add_argument("--seconds", type=float, default=75, help="of lists, one a second")
    options = parser.parse_args()
    for warm, words in ((True, "it was read before"), (False, "it never answered")):
        sys.stdout.write(f"{options.shops} shops on each platform, of which one hangs; {words}:\n")
        for line in asyncio.run(measure(options.shops, options.seconds, warm=warm)):
            sys.stdout.write(f"  {line}\n")
        sys.stdout.write(f"  load of the machine: {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
