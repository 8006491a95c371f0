"""Mutations run in the background: to their end, even where their client has left."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class BackgroundMutations:
    """The mutations in progress."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a mutation; it goes on where its caller is cancelled."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait({task})
        return task.result()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not report that nothing did

    async def drain(self, seconds: float) -> int:
        """Wait for those in progress; returns how many are not done even then."""
        if not self._running:
            return 0
        _, pending = await asyncio.wait(set(self._running), timeout=seconds)
        return len(pending)
