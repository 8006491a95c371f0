"""The whole gateway over the running sandbox, asked by GraphQL over HTTP as clients ask."""

import asyncio
import base64
import shutil
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from gateway.app import create_app
from gateway.concurrency.clock import Clock
from gateway.demo.configuration import demo_shops
from gateway.demo.seed import seed_ledger
from gateway.http.application import Application
from gateway.http.server import GatewayProtocol
from gateway.index.ledger_reconciliation import LedgerReconciliation
from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from gateway.registry import PLATFORMS
from gateway.runtime import open_resources
from gateway.sandbox.sample_shop import sample_shop
from gateway.settings import Settings
from gateway.store.store import Store
from tests.fixtures_sandbox import Sandbox
from tests.http.small_gateway import without_cost
from tests.prompt_server import PromptServer

KEY = base64.b64encode(b"a key of 32 bytes for the tests!").decode()


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer: what it says, without `extensions.cost`, how it came, and what it cost."""

    status: int
    body: dict[str, Any]
    headers: httpx.Headers
    cost: dict[str, Any] | None = None

    @property
    def data(self) -> Any:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def codes(self) -> list[str]:
        """The codes of its errors."""
        return [error["extensions"]["code"] for error in self.body.get("errors", [])]


class Client:
    """Asks one gateway."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Asked:
        """Send one operation by POST."""
        answer = await self.http.post(
            "/graphql", json={"query": query, "variables": variables or {}}, headers=headers
        )
        body = answer.json()
        cost = body.get("extensions", {}).get("cost")
        return Asked(answer.status_code, without_cost(body), answer.headers, cost)


Serve = Callable[..., AbstractAsyncContextManager[Client]]


def configuration(sandbox: Sandbox, folder: Path, **sections: Any) -> dict[str, Any]:
    """Three shops on the sandbox's platforms, open to everyone; `sections` stand above that."""
    shops = [
        {"key": "flagship", "platform": "wechat_store", "name": "旗舰店"}
        | {"app_id": FLAGSHIP.app_id, "app_secret": FLAGSHIP.secret},
        {"key": "mini", "platform": "mini_program", "name": "小程序"}
        | {"app_id": MINI.app_id, "app_secret": MINI.secret},
        {"key": "swan", "platform": "baidu", "name": "百度智能小程序"}
        | {"app_key": SWAN.app_id, "app_secret": SWAN.secret},
    ]
    return {
        "auth": {"mode": "open"},
        "store": {"url": f"sqlite:///{folder}/gateway.db", "encryption_key": KEY},
        "shops": [shop | {"base_url": sandbox.base_url} for shop in shops],
        **sections,
    }


def weixin_shop(sandbox: Sandbox, **keys: Any) -> dict[str, Any]:
    """A shop of the Weixin Store, beside or instead of those of `configuration`."""
    shop = {"key": "weixin", "platform": "weixin_store", "name": "微信小店"}
    credentials = {"app_id": WEIXIN.app_id, "app_secret": WEIXIN.secret}
    return {**shop, **credentials, "base_url": sandbox.base_url, **keys}


@asynccontextmanager
async def serving(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Client]:
    """Serve the gateway on a free port while the context lasts."""
    async with serving_app(create_app(settings, clock)) as client:
        yield client


@asynccontextmanager
async def serving_app(app: Application) -> AsyncIterator[Client]:
    """Serve an application of the gateway likewise."""
    config = uvicorn.Config(app, http=GatewayProtocol, log_config=None, lifespan="on")
    server = PromptServer(config)
    listener = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        assert not task.done(), "the gateway did not start"
        await asyncio.sleep(0.01)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=base_url, timeout=180, trust_env=False) as http:
            yield Client(http)
    finally:
        server.stop()
        await task
        listener.close()


@pytest.fixture(scope="session")
def seeded_ledger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Keep a ledger with the sample shop, and the moment as of which it is."""
    folder = tmp_path_factory.mktemp("ledger")
    now = int(time.time())

    async def fill() -> None:
        url = f"sqlite:///{folder}/gateway.db"
        store = await Store.open(url, encryption_key=KEY, clock=time.time)
        await seed_ledger(store, demo_shops(), sample_shop(now))
        await store.close()

    asyncio.run(fill())
    return folder / "gateway.db", now


@pytest.fixture(scope="session")
def indexed_ledger(
    sandbox_server: Sandbox,
    seeded_ledger: tuple[Path, int],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, int]:
    """Keep the same with the ledger's rows in the index, which each start would put there."""
    ledger, now = seeded_ledger
    folder = tmp_path_factory.mktemp("indexed")
    shutil.copy(ledger, folder / "gateway.db")
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox_server, folder))

    async def fill() -> None:
        async with open_resources(settings, Clock()) as parts:
            index = parts.index
            assert index is not None
            await LedgerReconciliation(
                parts.store, index.adapters, index.writer, owner="test", clock=Clock()
            ).once()

    asyncio.run(fill())
    return folder / "gateway.db", now


@pytest.fixture
def serve(sandbox: Sandbox, indexed_ledger: tuple[Path, int], tmp_path: Path) -> Serve:
    """Serve the gateway over the sandbox with the sample shop; sections may be given."""
    ledger, now = indexed_ledger
    sandbox.reset(now=now)
    shutil.copy(ledger, tmp_path / "gateway.db")

    def start(**sections: Any) -> AbstractAsyncContextManager[Client]:
        return serving(Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path, **sections)))

    return start


@pytest.fixture
async def gateway(serve: Serve) -> AsyncIterator[Client]:
    """Ask the gateway in its usual configuration."""
    async with serve() as client:
        yield client
