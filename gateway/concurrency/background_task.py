"""Supervised background task: a round of work again and again, restarted with backoff."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from gateway.concurrency.clock import Clock
from gateway.tracing import Tracer, entered

#: Seconds: the first pause after a failure is at most this, or the interval where that is shorter.
FIRST_BACKOFF: Final = 1.0
#: Seconds: no pause after a failure is longer than this, or the interval where that is longer.
LONGEST_BACKOFF: Final = 30.0

_log = structlog.stdlib.get_logger(__name__)


class BackgroundTaskObserver(Protocol):
    """Metrics of background tasks; `task` is the task's name."""

    def task_succeeded(self, task: str, at: float) -> None:
        """A round ended without an error at `at`, in unix seconds; also called at the start."""

    def task_failed(self, task: str) -> None:
        """A round ended with an error."""


class NullTaskObserver:
    """Keeps no metrics."""

    def task_succeeded(self, task: str, at: float) -> None:
        """Does nothing."""

    def task_failed(self, task: str) -> None:
        """Does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """What all background tasks of a process share: the clock of their backoff, metrics, traces."""

    clock: Clock = field(default_factory=Clock)
    observer: BackgroundTaskObserver = field(default_factory=NullTaskObserver)
    #: None: nothing is traced.
    tracer: Tracer | None = None


class BackgroundTask:
    """Calls `work` until it returns 0 or None, then again every `interval` seconds or when woken.

    No exception ends it. A failed round is logged with its traceback and counted; the next one
    follows after an exponential backoff with full jitter, which `wake` does not shorten.

    Args:
        name: the asyncio task's name and the label of its metrics; unique in the process.
        work: one round; returns how much it did, 0 or None if there is nothing left to do.
        interval: seconds between rounds when nothing is left to do.
        wait: waits for so many seconds, or until there is work; default: until `wake`.
        grace: seconds that a round under way may take to end when the task is stopped; 0 cancels
            it at once.
        supervision: the clock and the metrics; default: the real clock, no metrics.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[int | None]],
        *,
        interval: float,
        wait: Callable[[float], Awaitable[None]] | None = None,
        grace: float = 5.0,
        supervision: Supervision | None = None,
    ) -> None:
        supervision = supervision or Supervision()
        self.name = name
        self._work = work
        self._interval = interval
        self._wait = wait or self._wait_until_woken
        self._grace = grace
        self._clock = supervision.clock
        self._observer = supervision.observer
        self._tracer = supervision.tracer
        self._wake = asyncio.Event()
        self._stopping = False
        self._working = False
        #: Rounds that failed in a row.
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    def start(self, *, after: float = 0.0) -> None:
        """Start in the running loop; the first round begins after so many seconds."""
        self._observer.task_succeeded(self.name, self._clock.wall())
        # A task that a request starts must not log under that request's id.
        self._task = asyncio.create_task(self._run(after), name=self.name, context=Context())

    def wake(self) -> None:
        """Begin a round now, if the task waits for its interval; or once more after this round."""
        self._wake.set()

    async def stop(self) -> None:
        """Begin no more rounds, and return when the one under way has ended or was cancelled."""
        self._stopping = True
        if self._task is None:
            return
        if self._working and self._grace > 0:
            await asyncio.wait([self._task], timeout=self._grace)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, pause: float) -> None:
        more = pause == 0.0
        while not self._stopping:
            try:
                if not more:
                    await self._wait(pause)
                pause = self._interval
                more = bool(await self._round())
            except asyncio.CancelledError as error:
                # What the work awaited may have been cancelled, and not this task.
                if self._cancelled():
                    raise
                await self._back_off(error)
                more = True
            except Exception as error:  # noqa: BLE001 - no failure may end the task
                await self._back_off(error)
                more = True

    async def _round(self) -> int | None:
        self._wake.clear()
        self._working = True
        try:
            done = await self._traced()
        finally:
            self._working = False
        self._failures = 0
        self._observer.task_succeeded(self.name, self._clock.wall())
        return done

    async def _traced(self) -> int | None:
        """One round; its trace is exported if it did something, called a platform, or failed."""
        if self._tracer is None:
            return await self._work()
        # One name for the tasks of all shops.
        name = f"background {self.name.partition('/')[0]}"
        span = self._tracer.root(name, attributes={"gateway.task": self.name}, held=True)
        with entered(span):
            try:
                done = await self._work()
            except BaseException:
                span.keep()
                raise
            if done:
                span.keep()
            return done

    async def _back_off(self, error: BaseException) -> None:
        longest = max(self._interval, LONGEST_BACKOFF)
        shortest = min(self._interval, FIRST_BACKOFF)
        pause = self._clock.between(0.0, min(longest, shortest * 2.0 ** min(self._failures, 32)))
        self._failures += 1
        self._observer.task_failed(self.name)
        _log.error(
            "background.task.failed",
            message="A background task failed; it is restarted after a pause.",
            task=self.name,
            failures=self._failures,
            retry_in=round(pause, 3),
            exc_info=error,
        )
        if not self._stopping:
            await self._clock.sleep(pause)

    def _cancelled(self) -> bool:
        current = asyncio.current_task()
        return self._stopping or (current is not None and current.cancelling() > 0)

    async def _wait_until_woken(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return
