"""Lets a query run no longer than somebody waits for it, and a mutation to its end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from starlette.types import Receive

from gateway.http.refusal import ClientGone

T = TypeVar("T")

#: Most queries are done sooner, and need nobody who watches the connection for them.
_WATCH_AFTER_SECONDS: Final = 0.05


async def run_query(work: Coroutine[Any, Any, T], receive: Receive) -> T:
    """Run a query, and cancel it when its client is gone.

    Raises:
        ClientGone: the connection is closed.
    """
    watch = _Watch(receive)
    try:
        return await work
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

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a mutation; it goes on where the one who waits for it is cancelled."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait({task})
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
