"""Long computations in a worker thread, in slices short enough for the event loop."""

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

T = TypeVar("T")

#: A computation that yields wherever it may pause, and returns its result.
Steps = Generator[None, None, T]

#: Seconds of work after which the thread lets the event loop run.
_SLICE: Final = 0.001
#: Seconds of a pause: long enough for a waiting thread to take the interpreter's lock.
_PAUSE: Final = 0.000_05


def finish(steps: Steps[T]) -> T:
    """The result of a computation, run to its end at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def _emptied(items: list[Any]) -> Steps[None]:
    while items:
        items.pop()
        yield


class SlicedWork:
    """Runs computations in one worker thread, one after the other, each in slices.

    A thread alone would not keep the event loop free: one call of C code holds the interpreter's
    lock for as long as it takes, and Python code for 5 ms at a time. So computations are made of
    steps, and the thread pauses after each slice of steps. One thread, because the loop would
    have to wait for each of several.

    `timer` returns seconds; `pause` sleeps for so many, in the worker thread.
    """

    def __init__(
        self,
        *,
        timer: Callable[[], float] = time.perf_counter,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._timer = timer
        self._pause = pause
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="sliced-work")
        #: The event loop that it works for; None before the first computation.
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, steps: Steps[T]) -> T:
        """The result of a computation, or the exception that it raised.

        Cancelled, it stops at its next step, or does not begin.
        """
        cancelled = threading.Event()
        loop = self._loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._drive, steps, cancelled)
        finally:
            cancelled.set()

    def _drive(self, steps: Steps[T], cancelled: threading.Event) -> T:
        until = self._timer() + _SLICE
        while not cancelled.is_set():
            try:
                next(steps)
            except StopIteration as end:
                result: T = end.value
                return result
            if self._timer() >= until:
                self._pause(_PAUSE)
                until = self._timer() + _SLICE
        steps.close()
        raise asyncio.CancelledError

    def discard(self, items: list[Any]) -> None:
        """Empty a list in the worker thread later on: freeing many objects takes long as well.

        Objects that are still used elsewhere are not freed. May be called in any thread, and by
        finalizers.
        """
        if self._loop is not None:
            # A finalizer may run while its thread holds the locks of `submit`.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._discard, items)

    def _discard(self, items: list[Any]) -> None:
        with suppress(RuntimeError):
            self._threads.submit(self._drive, _emptied(items), threading.Event())

    def close(self) -> None:
        """Let the thread end; what has not begun is cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)
