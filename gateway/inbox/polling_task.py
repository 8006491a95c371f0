"""Runs something again and again beside the server, sooner when it is woken."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gateway.errors import GatewayError

_log = structlog.stdlib.get_logger(__name__)


class PollingTask:
    """Calls `work` until it has nothing left to do, then every `pause` seconds or when woken."""

    def __init__(
        self, name: str, work: Callable[[], Awaitable[int]], *, pause: float, grace: float = 5.0
    ) -> None:
        self._name = name
        self._work = work
        self._pause = pause
        self._grace = grace
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self, *, at_once: bool = True) -> None:
        """Begin in the background, at once or after a pause."""
        self._task = asyncio.create_task(self._run(at_once=at_once), name=self._name)

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    async def stop(self) -> None:
        """Begin nothing more, and let what is under way end."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=self._grace)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, *, at_once: bool) -> None:
        if not at_once:
            await self._wait()
        while not self._stopping:
            self._wake.clear()
            if await self._once() == 0 and not self._stopping:
                await self._wait()

    async def _once(self) -> int:
        try:
            return await self._work()
        except GatewayError as error:
            _log.warning("work waits", work=self._name, failure=type(error).__name__)
        except Exception:  # noqa: BLE001 - the next round goes on, whatever went wrong
            _log.exception("work failed", work=self._name)
        return 0

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._pause):
                await self._wake.wait()
        except TimeoutError:
            return
