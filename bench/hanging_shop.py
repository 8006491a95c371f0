"""How long a list over many shops takes while the platform of one accepts and never answers."""

import argparse
import asyncio
import base64
import contextlib
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import uvicorn
from starlette.types import ASGIApp

from gateway.app import create_app
from gateway.demo.configuration import demo_shops
from gateway.demo.seed import seed_ledger
from gateway.http.server import JoinedWritesProtocol as GatewayProtocol
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
_LISTS: Final = 5
_ORDERS: Final = """
{ orders(first: 20) { nodes { id shop { key } } sources { shop { key platform } state count } } }
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


async def told(client: httpx.AsyncClient, hanging: str) -> str:
    """Ask for the list once; a line that says how it went."""
    began = time.perf_counter()
    answer = await client.post("/graphql", json={"query": _ORDERS}, headers=_NO_CACHE)
    seconds = time.perf_counter() - began
    page = answer.json()["data"]["orders"]
    states = {each["shop"]["key"]: each["state"] for each in page["sources"]}
    of_hanging = states.pop(hanging)
    others = ", ".join(f"{count} {state}" for state, count in Counter(states.values()).items())
    orders = len(page["nodes"])
    return f"{seconds:6.2f} s  {orders} orders  others: {others}; who hangs: {of_hanging}"


async def measure(each: int, *, warm: bool) -> list[str]:
    """One shop hangs: `warm`, once it has a token and was read, else from its token call on."""
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
            found = [await told(client, name) for _ in range(_LISTS)]
            await asyncio.to_thread(sandbox.delete, "/_sandbox/faults")
    return found


def main() -> None:
    """Measure, and print a line for each list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=20, help="on each platform")
    options = parser.parse_args()
    for warm, words in ((True, "it was read before"), (False, "it never answered")):
        sys.stdout.write(f"{options.shops} shops on each platform, of which one hangs; {words}:\n")
        for number, line in enumerate(asyncio.run(measure(options.shops, warm=warm)), 1):
            sys.stdout.write(f"  list {number}  {line}\n")


if __name__ == "__main__":
    main()
