"""One read for all who ask while another is under way: each gets one begun after it asked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class CoalescedRead(Generic[T]):
    """Runs `read` at most once at a time.

    A read that is under way may have begun before what its caller must see: who asks meanwhile
    waits for the next one, with all others. It goes on where one who waits is cancelled.
    """

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def run(self) -> T:
        """What a read gives, or raises, that begins after this call."""
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
    """Asked for its failure, a task that nobody waits for any more is no news to asyncio."""
    if not task.cancelled():
        task.exception()
