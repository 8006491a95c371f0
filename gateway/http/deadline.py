"""How long a request may take, and whether anybody still waits for its answer."""

import asyncio
from types import TracebackType
from typing import Any, Final, Self

from starlette.types import Receive

from gateway.http.refusal import ClientGone

#: Most requests are done sooner, and need neither a deadline nor anybody who watches.
_LOOK_AFTER_SECONDS: Final = 0.05


class DeadlineExceeded(Exception):
    """The time of a request is over."""


class Deadline:
    """Cancels what is done within it, after so many seconds or when the client has gone.

    The second only from `watch` on: before, the connection is read for the body, and a mutation
    goes on whoever waits.

    Raises:
        DeadlineExceeded: the time is over.
        ClientGone: the connection is closed.
    """

    __slots__ = (
        "_cancelling",
        "_end",
        "_looked",
        "_loop",
        "_receive",
        "_seconds",
        "_task",
        "_timer",
        "_watched",
        "_watcher",
    )

    def __init__(self, seconds: float, receive: Receive) -> None:
        self._seconds = seconds
        self._receive = receive
        self._end: type[DeadlineExceeded | ClientGone] | None = None
        self._looked = False
        self._watched = False
        self._watcher: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A request is answered in a task")
        self._task: asyncio.Task[Any] = task
        self._cancelling = task.cancelling()
        self._loop = task.get_loop()
        first = min(_LOOK_AFTER_SECONDS, self._seconds)
        self._timer = self._loop.call_later(first, self._look)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        if self._end is None:
            return
        # As asyncio.timeout does: somebody else's cancellation besides is theirs.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise self._end from error

    def watch(self) -> None:
        """From here on, end when the client closes the connection: its body is read."""
        self._watched = True
        if self._looked:
            self._begin()

    def _look(self) -> None:
        self._looked = True
        left = self._seconds - _LOOK_AFTER_SECONDS
        if left <= 0:
            self._call_off(DeadlineExceeded)
            return
        self._timer = self._loop.call_later(left, self._call_off, DeadlineExceeded)
        if self._watched:
            self._begin()

    def _begin(self) -> None:
        if self._watcher is None:
            self._watcher = self._loop.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._call_off(ClientGone)

    def _call_off(self, end: type[DeadlineExceeded | ClientGone]) -> None:
        if self._end is None:
            self._end = end
            self._task.cancel()
