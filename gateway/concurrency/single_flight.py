"""Single flight: concurrent calls for the same key share one task."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from gateway.tracing import CURRENT

T = TypeVar("T")


class _Flight(Generic[T]):
    __slots__ = ("span", "task", "waiting")

    def __init__(self, task: "asyncio.Task[T]") -> None:
        self.task = task
        self.waiting: set[asyncio.Future[T]] = set()
        #: That of the caller for whom the task was begun.
        self.span = CURRENT.get()


class SingleFlight(Generic[T]):
    """Runs one task per key; it is cancelled when its last waiting caller is.

    A task that takes longer than its callers wait goes on: timeouts are per caller.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}

    def __len__(self) -> int:
        return len(self._flights)

    async def run(
        self,
        key: Hashable,
        start: Callable[[], Coroutine[Any, Any, T]],
        seconds: float | None = None,
    ) -> T:
        """The result of the one task for `key`, or the exception it raised.

        `seconds`: how long this caller waits at most; None: without limit.

        Raises:
            TimeoutError: it took longer; other callers keep waiting.
        """
        flight = self._flights.get(key)
        if flight is not None:
            # Asking a task is cheaper than asking for the running loop, which asks the system.
            loop = flight.task.get_loop()
            _link(flight)
        else:
            loop = asyncio.get_running_loop()
            flight = self._flights[key] = _Flight(loop.create_task(start()))
            flight.task.add_done_callback(lambda _: self._landed(key, flight))
        # A bare future and timer cost a third of asyncio.shield and asyncio.timeout.
        turn: asyncio.Future[T] = loop.create_future()
        flight.waiting.add(turn)
        timer = None if seconds is None else loop.call_later(seconds, _give_up, turn)
        cancelled = False
        try:
            return await turn
        except asyncio.CancelledError:
            cancelled = True
            raise
        finally:
            if timer is not None:
                timer.cancel()
            flight.waiting.discard(turn)
            if cancelled and not flight.waiting and not flight.task.done():
                # No caller may join a task that is being cancelled.
                self._forget(key, flight)
                flight.task.cancel()

    def _landed(self, key: Hashable, flight: _Flight[T]) -> None:
        self._forget(key, flight)
        task = flight.task
        # Reading the exception also marks it as retrieved, should no caller wait any more.
        error = None if task.cancelled() else task.exception()
        for turn in flight.waiting:
            if turn.done():
                continue
            if task.cancelled():
                turn.cancel()
            elif error is not None:
                turn.set_exception(error)
            else:
                turn.set_result(task.result())

    def _forget(self, key: Hashable, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def aclose(self) -> None:
        """Cancel all running tasks and wait for them to end."""
        await called_off([flight.task for flight in self._flights.values()])


def _link(flight: _Flight[Any]) -> None:
    """The caller who joins waits for what another trace shows."""
    span = CURRENT.get()
    if span is not None and flight.span is not None:
        span.link(flight.span.reference)


def _give_up(turn: "asyncio.Future[Any]") -> None:
    if not turn.done():
        turn.set_exception(TimeoutError("the shared task took too long"))


async def called_off(tasks: "list[asyncio.Task[Any]]") -> None:
    """Cancel tasks and wait for them to end."""
    for task in tasks:
        task.cancel()
    ended: Awaitable[list[object]] = asyncio.gather(*tasks, return_exceptions=True)
    await ended
