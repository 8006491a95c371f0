"""Tells the processes of one gateway, through Redis, what callers spent at the others."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.http.rate_limiter import RateLimiter

#: Seconds between two reports; so long a caller may have as many purses as there are processes.
_EVERY: Final = 1.0
#: Seconds; a report that does not get through at once is given up.
_PATIENCE: Final = 0.5

_log = structlog.stdlib.get_logger(__name__)


class _Report(msgspec.Struct, frozen=True):
    """What was spent at one process since its last report."""

    sender: str
    spent: Mapping[str, int]


_REPORT: Final = msgspec.msgpack.Decoder(_Report)


class RateLimiterSync:
    """One process's part in it; while Redis is away, each process counts for itself."""

    def __init__(self, points: RateLimiter, url: str, *, every: float = _EVERY) -> None:
        self._points = points
        self._every = every
        self._name = token_hex(8)
        self._deaf = False
        # Two gateways may share one Redis, in databases that channels know nothing of.
        self._channel = f"gateway:points:{urlsplit(url).path.strip('/') or '0'}"
        self._redis: Any = Redis.from_url(
            url, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE
        )

    async def report(self) -> None:
        """Tell every second what was spent here, until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            spent = self._points.take_spent()
            if spent:
                await self._tell(msgspec.msgpack.encode(_Report(self._name, spent)))

    async def hear(self) -> None:
        """Take what was spent elsewhere from the purses here, until cancelled."""
        while True:
            try:
                async with self._redis.pubsub() as hearing:
                    await hearing.subscribe(self._channel)
                    self._deaf = False
                    while True:
                        self._take(await hearing.get_message(timeout=None))
            except (RedisError, OSError, TimeoutError, msgspec.MsgspecError) as failure:
                if not self._deaf:
                    _log.warning("each process counts alone", failure=type(failure).__name__)
                self._deaf = True
            await asyncio.sleep(self._every)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _tell(self, report: bytes) -> None:
        # The connection of the last report may have died since: a second try makes a new one.
        for _ in range(2):
            try:
                await self._redis.publish(self._channel, report)
            except (RedisError, OSError, TimeoutError):
                continue
            return

    def _take(self, message: Mapping[str, Any] | None) -> None:
        if message is None or message["type"] != "message":
            return
        report = _REPORT.decode(message["data"])
        if report.sender == self._name:
            return
        for caller, cost in report.spent.items():
            self._points.absorb(caller, cost)


@asynccontextmanager
async def rate_limiter_synced(
    points: RateLimiter, url: str, *, every: float = _EVERY
) -> AsyncIterator[None]:
    """While it lasts, the purses are those of all processes on one Redis; `url`: `cache.url`."""
    if url.startswith("memory:"):
        yield
        return
    exchange = RateLimiterSync(points, url, every=every)
    tasks = [asyncio.create_task(exchange.report()), asyncio.create_task(exchange.hear())]
    points.share()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await exchange.aclose()
