"""A gateway whose clock runs fast, over the sandbox, scraped every quarter of its minute."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from gateway.concurrency.clock import Clock
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store import migrate
from tests.fixtures_postgres import PostgresServer
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY, Client, configuration, serving, weixin_shop
from tests.monitoring.recording import STEP, Recording
from tests.wechat.deliveries import TOKEN

#: The gateway's clock runs so much faster than ours. Background tasks wait by ours.
SPEED = 30
#: What a shop has besides, by its key.
Besides = dict[str, dict[str, Any]]


class FastClock:
    """A clock that runs fast, and jumps."""

    def __init__(self, speed: int) -> None:
        self.speed = speed
        self._begun, self._here = time.time(), time.monotonic()
        self._ahead = 0.0

    def jump(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._ahead += seconds

    def monotonic(self) -> float:
        """Answer seconds that only grow."""
        return self._here + (time.monotonic() - self._here) * self.speed + self._ahead

    def wall(self) -> float:
        """Answer unix seconds."""
        return self._begun + (time.monotonic() - self._here) * self.speed + self._ahead

    def clock(self) -> Clock:
        """The clock as the gateway takes it."""
        return Clock(
            monotonic=self.monotonic,
            wall=self.wall,
            sleep=lambda seconds: asyncio.sleep(seconds / self.speed),
        )


class WatchedGateway:
    """The gateway, what it runs on, and what was scraped of it."""

    def __init__(self, sandbox: Sandbox, store: PostgresServer, time_: FastClock) -> None:
        self.sandbox, self.store, self._time = sandbox, store, time_
        self.recording = Recording(time_.wall())
        self.stack = AsyncExitStack()
        self._client: Client | None = None
        self._address = ""
        #: The address of the store.
        self.url = ""
        self._due = time_.wall()

    @property
    def client(self) -> Client:
        """Asks the gateway."""
        assert self._client is not None
        return self._client

    async def start(self, settings: Settings) -> None:
        """Start the gateway."""
        self.url = settings.store.url.get_secret_value()
        self._client = await self.stack.enter_async_context(serving(settings, self._time.clock()))
        self._address = str(self._client.http.base_url).rstrip("/")

    async def stop(self) -> None:
        """Stop the gateway."""
        await self.stack.aclose()

    async def scrape(self, times: int = 1) -> None:
        """Scrape it so often, each when it is due by the gateway's clock."""
        for _ in range(times):
            await asyncio.sleep(max(0.0, self._due - self._time.wall()) / self._time.speed)
            self._due = self._time.wall() + STEP
            self.recording.add(self._time.wall(), await self._metrics())

    async def _metrics(self) -> str | None:
        """What /metrics answers; None: nothing does."""
        async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
            try:
                return (await http.get(f"{self._address}/metrics")).text
            except httpx.TransportError:
                return None

    async def scrape_until(self, metric: str, least: float, **labels: str) -> None:
        """Scrape it until a metric is as high."""
        while self.recording.last(metric, **labels) < least:
            await self.scrape()

    @property
    def now(self) -> float:
        """What time it is for the gateway, in unix seconds."""
        return self._time.wall()

    def jump(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._time.jump(seconds)


def settings_of(sandbox: Sandbox, folder: Path, store: str, besides: Besides) -> Settings:
    """Four shops, of which the WeChat Store's takes messages, on PostgreSQL."""
    shops = [*configuration(sandbox, folder)["shops"], weixin_shop(sandbox)]
    events = {"flagship": {"event_token": TOKEN}}
    return Settings.from_dict(
        PLATFORMS,
        configuration(
            sandbox,
            folder,
            store={"url": store, "encryption_key": KEY},
            shops=[
                {**shop, **events.get(shop["key"], {}), **besides.get(shop["key"], {})}
                for shop in shops
            ],
            limits={"cost_per_minute": 100_000_000},
            webhooks={"allow": ["127.0.0.0/8"]},
        ),
    )


@asynccontextmanager
async def watched(
    sandbox: Sandbox,
    store: PostgresServer,
    folder: Path,
    besides: Besides,
    speed: int = SPEED,
) -> AsyncIterator[WatchedGateway]:
    """Run a gateway on a store of its own while the context lasts."""
    database = store.create_database()
    await migrate.upgrade(database)
    gateway = WatchedGateway(sandbox, store, FastClock(speed))
    try:
        await gateway.start(settings_of(sandbox, folder, database, besides))
        yield gateway
    finally:
        await gateway.stop()
