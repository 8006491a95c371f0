"""Synchronises the rate limiters of a gateway's processes through Redis."""

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

#: Seconds between two reports; until then a caller has one bucket at each process.
_EVERY: Final = 1.0
#: Seconds; a report that does not get through at once is given up.
_TIMEOUT: Final = 0.5

_log = structlog.stdlib.get_logger(__name__)


class _Report(msgspec.Struct, frozen=True):
    """What was spent at one process since its last report."""

    sender: str
    spent: Mapping[str, int]


_REPORT: Final = msgspec.msgpack.Decoder(_Report)


class RateLimiterSync:
    """One process's part in it; while Redis is away, each process limits callers by itself."""

    def __init__(self, limiter: RateLimiter, url: str, *, every: float = _EVERY) -> None:
        self._limiter = limiter
        self._every = every
        self._name = token_hex(8)
        self._disconnected = False
        # Two gateways may share one Redis, in databases that channels know nothing of.
        self._channel = f"gateway:points:{urlsplit(url).path.strip('/') or '0'}"
        self._redis: Any = Redis.from_url(
            url, socket_connect_timeout=_TIMEOUT, socket_timeout=_TIMEOUT
        )

    async def report(self) -> None:
        """Tell every second what was spent here, until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            spent = self._limiter.take_spent()
            if spent:
                await self._tell(msgspec.msgpack.encode(_Report(self._name, spent)))

    async def listen(self) -> None:
        """Take what was spent elsewhere from the buckets here, until cancelled."""
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    self._disconnected = False
                    while True:
                        self._take(await subscription.get_message(timeout=None))
            except (RedisError, OSError, TimeoutError, msgspec.MsgspecError) as failure:
                if not self._disconnected:
                    _log.warning(
                        "http.rate_limiter.sync_lost",
                        message="Redis is unreachable: each process limits callers by itself",
                        failure=type(failure).__name__,
                    )
                self._disconnected = True
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
            self._limiter.absorb(caller, cost)


@asynccontextmanager
async def rate_limiter_synced(
    limiter: RateLimiter, url: str, *, every: float = _EVERY
) -> AsyncIterator[None]:
    """While it lasts, the buckets are shared by all processes on one Redis; `url`: `cache.url`."""
    if url.startswith("memory:"):
        yield
        return
    exchange = RateLimiterSync(limiter, url, every=every)
    tasks = [asyncio.create_task(exchange.report()), asyncio.create_task(exchange.listen())]
    limiter.share()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await exchange.aclose()
