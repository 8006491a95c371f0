"""The same work asked for by many at once, done once."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class _Flight(Generic[T]):
    __slots__ = ("task", "waiting")

    def __init__(self, task: "asyncio.Task[T]") -> None:
        self.task = task
        self.waiting = 0


class SingleFlight(Generic[T]):
    """Runs one task per key; it is cancelled when the last who waits for it has gone."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}

    def __len__(self) -> int:
        return len(self._flights)

    async def run(
        self, key: Hashable, start: Callable[[], Coroutine[Any, Any, T]], seconds: float
    ) -> T:
        """The result of the one task for `key`, or what it raised.

        Raises:
            TimeoutError: it took longer than this caller can wait; others may wait on.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(start()))
            flight.task.add_done_callback(lambda task: self._landed(key, task))
        flight.waiting += 1
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                # Nobody may join a call that is being called off.
                self._forget(key, flight.task)
                flight.task.cancel()

    def _landed(self, key: Hashable, task: "asyncio.Task[T]") -> None:
        self._forget(key, task)
        if not task.cancelled():
            # Those who waited have it; with nobody left, asyncio need not complain.
            task.exception()

    def _forget(self, key: Hashable, task: "asyncio.Task[T]") -> None:
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]

    async def aclose(self) -> None:
        """Call off what is under way."""
        await called_off([flight.task for flight in self._flights.values()])


async def called_off(tasks: "list[asyncio.Task[Any]]") -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    ended: Awaitable[list[object]] = asyncio.gather(*tasks, return_exceptions=True)
    await ended
