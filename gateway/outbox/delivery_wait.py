"""Waits for deliveries as long as a request has time; what is left goes on without it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

#: Seconds between two looks at the outbox: another replica may deliver what is waited for.
_LOOK_EVERY: Final = 1.0


class AwaitedPushes:
    """The pushes that one request waits for, until an attempt at each is recorded."""

    def __init__(self) -> None:
        self.push_ids: set[int] = set()
        self._changed = asyncio.Event()

    def add(self, push_ids: Collection[int]) -> None:
        """Waits for these too; to be called before the transaction that queues them commits."""
        self.push_ids.update(push_ids)

    def remove(self, push_ids: Collection[int]) -> None:
        """Waits no longer for these."""
        before = len(self.push_ids)
        self.push_ids.difference_update(push_ids)
        if len(self.push_ids) < before:
            self._changed.set()

    async def wait(
        self, seconds: float, waiting: Callable[[Collection[int]], Awaitable[Collection[int]]]
    ) -> None:
        """Returns once an attempt at all of them is recorded, or after so many seconds.

        `waiting` returns which of some pushes had no attempt recorded yet.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        look_at = loop.time() + _LOOK_EVERY
        while self.push_ids and (now := loop.time()) < end:
            self._changed.clear()
            try:
                async with asyncio.timeout(min(look_at, end) - now):
                    await self._changed.wait()
            except TimeoutError:
                asked = frozenset(self.push_ids)
                self.push_ids &= set(await waiting(asked)) | (self.push_ids - asked)
                look_at = loop.time() + _LOOK_EVERY


class DeliveryWait:
    """Who waits for pushes of one process, and the deliveries that go on without their request."""

    def __init__(self) -> None:
        self._awaited: list[AwaitedPushes] = []
        self._going_on: set[asyncio.Task[Any]] = set()

    @contextmanager
    def awaiting(self) -> Iterator[AwaitedPushes]:
        """A block that waits for pushes."""
        awaited = AwaitedPushes()
        self._awaited.append(awaited)
        try:
            yield awaited
        finally:
            self._awaited.remove(awaited)

    def attempted(self, push_ids: Collection[int]) -> None:
        """An attempt at these is recorded."""
        for awaited in self._awaited:
            awaited.remove(push_ids)

    async def within(self, seconds: float | None, delivery: Coroutine[Any, Any, None]) -> None:
        """Awaits a delivery for at most so many seconds, None: to its end; then it goes on.

        Raises what it raises, if it ends in time.
        """
        if seconds is None:
            await delivery
            return
        task = asyncio.create_task(delivery)
        self._going_on.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            task.result()

    async def drain(self, seconds: float) -> None:
        """Awaits what goes on for at most so many seconds, then cancels it."""
        tasks = set(self._going_on)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._going_on.discard(task)
        if not task.cancelled():
            # Retrieved: a result that could not be recorded is tried again by the outbox.
            task.exception()
