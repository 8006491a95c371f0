"""Wakes those who follow changes: in this process, and through Redis in the others."""

import asyncio
from typing import Any, Final, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_CHANNEL: Final = "gateway:changes"
#: Seconds; a notifier that cannot be heard at once need not be rung.
_PATIENCE: Final = 0.5
#: Seconds after which a lost connection is tried again.
_PAUSE: Final = 1.0

_log = structlog.stdlib.get_logger(__name__)


class Notifier(Protocol):
    """It carries nothing and may get lost: what changed stands in the ledger."""

    async def notify(self) -> None:
        """Wake everybody; raises nothing."""

    async def wait(self, seconds: float) -> None:
        """Return when it rings, after `seconds` at the latest."""

    async def aclose(self) -> None:
        """Stop listening, and close what is open."""


class LocalNotifier:
    """Rings in one process."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    async def notify(self) -> None:
        """Wake everybody who waits."""
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def wait(self, seconds: float) -> None:
        """Return when it rings, after `seconds` at the latest."""
        rung = self._rung
        try:
            async with asyncio.timeout(seconds):
                await rung.wait()
        except TimeoutError:
            return

    async def aclose(self) -> None:
        """Nothing is open."""


class RedisNotifier:
    """Rings in every process on one Redis; while that is away, in this one."""

    def __init__(self, url: str) -> None:
        self._local = LocalNotifier()
        self._redis: Any = Redis.from_url(
            url, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE
        )
        self._listener: asyncio.Task[None] | None = None

    async def notify(self) -> None:
        """Wake everybody, here even where the others cannot be reached."""
        await self._local.notify()
        try:
            await self._redis.publish(_CHANNEL, b"")
        except (RedisError, OSError, TimeoutError) as failure:
            _log.info("other processes are not woken", failure=type(failure).__name__)

    async def wait(self, seconds: float) -> None:
        """Return when it rings, after `seconds` at the latest."""
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen(), name="notifier")
        await self._local.wait(seconds)

    async def aclose(self) -> None:
        """Stop listening, and close the connections."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await self._redis.aclose()

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (RedisError, OSError, TimeoutError) as failure:
                _log.info("the notifier is not heard", failure=type(failure).__name__)
            await asyncio.sleep(_PAUSE)

    async def _hear(self) -> None:
        async with self._redis.pubsub() as hearing:
            await hearing.subscribe(_CHANNEL)
            # What was rung meanwhile is gone.
            await self._local.notify()
            while True:
                if await hearing.get_message(ignore_subscribe_messages=True, timeout=None):
                    await self._local.notify()


def notifier_for(url: str) -> Notifier:
    """The notifier of `cache.url`: in this process for `memory://`, else through that Redis."""
    return LocalNotifier() if url.startswith("memory:") else RedisNotifier(url)
