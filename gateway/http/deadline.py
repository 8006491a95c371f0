"""The deadline of a request, and its cancellation if the client disconnects."""

import asyncio
from types import TracebackType
from typing import Any, Final, Self

from starlette.types import Receive

from gateway.http.refusal import ClientGone

#: Most requests are done sooner, and need neither a deadline nor a watch on the connection.
_FIRST_CHECK_SECONDS: Final = 0.05


class DeadlineExceeded(Exception):
    """The request exceeded its deadline."""


class Deadline:
    """Cancels its block after so many seconds, or when the client disconnects.

    The latter only after `cancel_when_client_leaves`: before, the body is read from the
    connection, and a mutation continues without its client.

    Raises:
        DeadlineExceeded: the deadline has passed.
        ClientGone: the connection is closed.
    """

    __slots__ = (
        "_cancelling",
        "_checked",
        "_end",
        "_loop",
        "_receive",
        "_seconds",
        "_task",
        "_timer",
        "_watcher",
        "_watching",
    )

    def __init__(self, seconds: float, receive: Receive) -> None:
        self._seconds = seconds
        self._receive = receive
        self._end: type[DeadlineExceeded | ClientGone] | None = None
        self._checked = False
        self._watching = False
        self._watcher: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A request is answered in a task")
        self._task: asyncio.Task[Any] = task
        self._cancelling = task.cancelling()
        self._loop = task.get_loop()
        first = min(_FIRST_CHECK_SECONDS, self._seconds)
        self._timer = self._loop.call_later(first, self._check)
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
        # Like asyncio.timeout: a simultaneous cancellation is passed on.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise self._end from error

    def restart(self) -> None:
        """The time begins again: a part of a large body has arrived."""
        self._timer.cancel()
        self._checked = True
        self._timer = self._loop.call_later(self._seconds, self._cancel, DeadlineExceeded)

    def cancel_when_client_leaves(self) -> None:
        """From here on, cancel when the client disconnects: the body has been read."""
        self._watching = True
        if self._checked:
            self._start_watcher()

    def _check(self) -> None:
        self._checked = True
        left = self._seconds - _FIRST_CHECK_SECONDS
        if left <= 0:
            self._cancel(DeadlineExceeded)
            return
        self._timer = self._loop.call_later(left, self._cancel, DeadlineExceeded)
        if self._watching:
            self._start_watcher()

    def _start_watcher(self) -> None:
        if self._watcher is None:
            self._watcher = self._loop.create_task(self._wait_for_disconnect())

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._cancel(ClientGone)

    def _cancel(self, end: type[DeadlineExceeded | ClientGone]) -> None:
        if self._end is None:
            self._end = end
            self._task.cancel()
