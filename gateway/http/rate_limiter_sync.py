"""Synchronises the rate limiters of a gateway's processes through Redis."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Final
from urllib.parse import urlsplit

import msgspec

from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.feed.redis_channel import RedisChannel
from gateway.http.rate_limiter import RateLimiter

#: Seconds between two reports; until the next one a caller may overspend at each process.
_EVERY: Final = 1.0
#: The longest round of listening, in seconds.
_ROUND: Final = 10.0


class _Report(msgspec.Struct, frozen=True):
    """What was spent at one process since its last report."""

    sender: str
    spent: Mapping[str, int]


_REPORT: Final = msgspec.msgpack.Decoder(_Report)


class RateLimiterSync:
    """One process's side of it; while Redis is down, each process limits callers by itself.

    A report that cannot be sent is dropped.
    """

    def __init__(self, limiter: RateLimiter, url: str) -> None:
        self._limiter = limiter
        self._name = token_hex(8)
        # Channels span Redis databases: two gateways on one Redis need two names.
        database = urlsplit(url).path.strip("/") or "0"
        self._channel = RedisChannel(url, f"gateway:points:{database}")

    async def report(self) -> None:
        """Publish what was spent here since the last report."""
        spent = self._limiter.take_spent()
        if spent:
            await self._channel.publish(msgspec.msgpack.encode(_Report(self._name, spent)))

    async def listen(self) -> int:
        """Wait for one report, and count what was spent at that process."""
        body = await self._channel.receive(_ROUND)
        if body:
            report = _REPORT.decode(body)
            if report.sender != self._name:
                for caller, cost in report.spent.items():
                    self._limiter.absorb(caller, cost)
        return 1

    async def aclose(self) -> None:
        """Close the connections."""
        await self._channel.aclose()


@asynccontextmanager
async def rate_limiter_synced(
    limiter: RateLimiter,
    url: str,
    *,
    every: float = _EVERY,
    supervision: Supervision | None = None,
) -> AsyncIterator[None]:
    """Synchronise within the context; `url` is `cache.url`, a no-op for `memory://`."""
    if url.startswith("memory:"):
        yield
        return
    sync = RateLimiterSync(limiter, url)
    reporting = BackgroundTask(
        "rate_limiter_report", sync.report, interval=every, grace=0, supervision=supervision
    )
    listening = BackgroundTask(
        "rate_limiter_listen", sync.listen, interval=every, grace=0, supervision=supervision
    )
    limiter.share()
    reporting.start(after=every)
    listening.start()
    try:
        yield
    finally:
        await reporting.stop()
        await listening.stop()
        await sync.aclose()
