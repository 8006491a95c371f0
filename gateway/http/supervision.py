"""Lets an operation run for so long, and a query no longer than somebody waits for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from starlette.types import Receive

from gateway.errors import OperationTimeout
from gateway.http.refusal import ClientGone

T = TypeVar("T")

#: Most queries are done sooner, and need nobody who watches the connection for them.
_WATCH_AFTER_SECONDS: Final = 0.05


async def run_query(work: Coroutine[Any, Any, T], receive: Receive, seconds: float) -> T:
    """Run a query, and cancel it when its time is over or its client is gone.

    Raises:
        OperationTimeout: the time is over.
        ClientGone: the connection is closed.
    """
    watch = _Watch(receive)
    try:
        async with asyncio.timeout(seconds) as limit:
            return await work
    except TimeoutError:
        if not limit.expired():
            raise
        raise OperationTimeout(f"The query was not done after {seconds:g} seconds") from None
    except asyncio.CancelledError:
        if watch.client_gone and watch.task.uncancel() == 0:
            raise ClientGone from None
        raise
    finally:
        watch.end()


class _Watch:
    """Waits for the client to close the connection, and cancels the task it was made in."""

    def __init__(self, receive: Receive) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A query runs in a task")
        self.task = task
        self.client_gone = False
        self._receive = receive
        self._watcher: asyncio.Task[None] | None = None
        self._start = asyncio.get_running_loop().call_later(_WATCH_AFTER_SECONDS, self._begin)

    def end(self) -> None:
        self._start.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _begin(self) -> None:
        self._watcher = asyncio.get_running_loop().create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.client_gone = True
        self.task.cancel()


class Mutations:
    """Mutations under way: they end even where nobody waits any more."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """Run a mutation; past its time it goes on, but the answer is that it takes too long.

        Raises:
            OperationTimeout: the time is over; what becomes of the mutation is not known yet.
        """
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            raise OperationTimeout(
                f"The mutation was not done after {seconds:g} seconds and goes on: "
                "ask for its outcome, or repeat it with the same Idempotency-Key"
            )
        return task.result()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain of a late one

    async def drain(self, seconds: float) -> int:
        """Wait for those under way; answers how many are not done even then."""
        if not self._running:
            return 0
        _, pending = await asyncio.wait(set(self._running), timeout=seconds)
        return len(pending)
