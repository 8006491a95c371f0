"""Coalesced read: concurrent callers share one read that began after they asked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class CoalescedRead(Generic[T]):
    """Runs `read` at most once at a time.

    A running read may have begun before the change that a caller must see, so callers that arrive
    meanwhile share the next one. Cancelling a caller does not cancel the read.
    """

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def run(self) -> T:
        """The result of a read that begins after this call, or the exception it raised."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
            self._next.add_done_callback(_seen)
        return await asyncio.shield(self._next)

    async def _after(self, previous: asyncio.Task[T] | None) -> T:
        if previous is not None and not previous.done():
            await asyncio.wait({previous})
        self._running, self._next = self._next, None
        return await self._read()


def _seen(task: asyncio.Task[T]) -> None:
    """Mark the failure as retrieved, so that asyncio does not report an unawaited task."""
    if not task.cancelled():
        task.exception()
