"""Notifier: wakes those who wait for changes, in this process and through Redis in the others."""

import asyncio
from typing import Final, Protocol

import structlog

from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.feed.redis_channel import CHANNEL_ERRORS, RedisChannel

_CHANNEL: Final = "gateway:changes"
#: Seconds that one round of listening lasts at most.
_ROUND: Final = 10.0
#: Seconds: the most that the first pause after a lost connection lasts.
_INTERVAL: Final = 1.0

_log = structlog.stdlib.get_logger(__name__)


class Notifier(Protocol):
    """A notification has no content and may be lost: what changed is in the ledger."""

    async def notify(self) -> None:
        """Wake everyone who waits; raises nothing."""

    async def wait(self, seconds: float) -> None:
        """Return at the next notification, after `seconds` at the latest."""

    async def aclose(self) -> None:
        """Stop listening, and close the connections."""


class LocalNotifier:
    """A notifier within one process."""

    def __init__(self) -> None:
        self._notified = asyncio.Event()

    async def notify(self) -> None:
        """Wake everyone who waits."""
        notified, self._notified = self._notified, asyncio.Event()
        notified.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next notification, after `seconds` at the latest."""
        notified = self._notified
        try:
            async with asyncio.timeout(seconds):
                await notified.wait()
        except TimeoutError:
            return

    async def aclose(self) -> None:
        """Nothing is open."""


class RedisNotifier:
    """A notifier between all processes on one Redis; within this one while Redis is away."""

    def __init__(self, url: str, supervision: Supervision | None = None) -> None:
        self._local = LocalNotifier()
        self._channel = RedisChannel(url, _CHANNEL)
        self._listener = BackgroundTask(
            "notifier", self._listen, interval=_INTERVAL, grace=0, supervision=supervision
        )
        self._listening = False

    async def notify(self) -> None:
        """Wake everyone who waits, in this process even while Redis is away."""
        await self._local.notify()
        try:
            await self._channel.publish(b"changed")
        except CHANNEL_ERRORS as error:
            _log.info(
                "notifier.publish.failed",
                message="Other processes were not woken; they see the change at their next poll.",
                failure=type(error).__name__,
            )

    async def wait(self, seconds: float) -> None:
        """Return at the next notification, after `seconds` at the latest."""
        if not self._listening:
            self._listening = True
            self._listener.start()
        await self._local.wait(seconds)

    async def aclose(self) -> None:
        """Stop listening, and close the connections."""
        await self._listener.stop()
        await self._channel.aclose()

    async def _listen(self) -> int:
        """Pass on one notification; one of its own for those lost before the subscription."""
        if await self._channel.receive(_ROUND) is not None:
            await self._local.notify()
        return 1


def notifier_for(url: str, supervision: Supervision | None = None) -> Notifier:
    """The notifier for `cache.url`: local for `memory://`, else through that Redis."""
    return LocalNotifier() if url.startswith("memory:") else RedisNotifier(url, supervision)
