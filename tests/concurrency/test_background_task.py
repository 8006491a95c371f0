"""Background tasks: rounds, wake-ups, restarts after failures, and the stop."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from structlog.testing import capture_logs

from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.concurrency.clock import Clock
from gateway.logs.configure import REQUEST_ID


class Recorder:
    """Keeps what the observer is told."""

    def __init__(self) -> None:
        self.succeeded: list[tuple[str, float]] = []
        self.failed: list[str] = []

    def task_succeeded(self, task: str, at: float) -> None:
        self.succeeded.append((task, at))

    def task_failed(self, task: str) -> None:
        self.failed.append(task)


class Rounds:
    """Work whose rounds are given: a count is returned, an exception raised; then 0 for ever."""

    def __init__(self, *outcomes: int | BaseException) -> None:
        self._outcomes = list(outcomes)
        self.begun = 0
        self.all_done = asyncio.Event()

    async def work(self) -> int:
        self.begun += 1
        if not self._outcomes:
            self.all_done.set()
            return 0
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def supervision(recorder: Recorder, slept: list[float], *, chance: float = 1.0) -> Supervision:
    """Backoff that takes no time, at unix second 50; `chance` is every random number."""

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    clock = Clock(sleep=sleep, wall=lambda: 50.0, random=lambda: chance)
    return Supervision(clock=clock, observer=recorder)


async def run_to_the_end(
    rounds: Rounds, interval: float, *, chance: float = 1.0
) -> tuple[Recorder, list[float], list[Any]]:
    """Run all rounds; what the observer was told, the pauses after failures, the log."""
    recorder, slept = Recorder(), list[float]()
    task = BackgroundTask(
        "job",
        rounds.work,
        interval=interval,
        supervision=supervision(recorder, slept, chance=chance),
    )
    with capture_logs() as lines:
        task.start()
        await rounds.all_done.wait()
        await task.stop()
    return recorder, slept, lines


async def test_while_there_is_more_to_do_the_next_round_begins_at_once() -> None:
    rounds = Rounds(3, 1)

    recorder, slept, lines = await run_to_the_end(rounds, 3_600)

    assert rounds.begun == 3
    assert (recorder.failed, slept, lines) == ([], [], [])
    # Once at the start, once for each round.
    assert recorder.succeeded == [("job", 50.0)] * 4


async def test_failures_in_a_row_double_the_pause_up_to_half_a_minute() -> None:
    rounds = Rounds(*[RuntimeError("broken")] * 7, 1, RuntimeError("broken"))

    recorder, slept, _ = await run_to_the_end(rounds, 5)

    assert slept == [1, 2, 4, 8, 16, 30, 30, 1]
    assert recorder.failed == ["job"] * 8
    assert recorder.succeeded == [("job", 50.0)] * 3


async def test_the_pause_after_a_failure_is_random_from_zero() -> None:
    _, slept, _ = await run_to_the_end(Rounds(*[RuntimeError("broken")] * 3), 5, chance=0.25)

    assert slept == [0.25, 0.5, 1.0]


async def test_a_short_interval_begins_with_a_short_pause_a_long_one_ends_with_a_long_one() -> None:
    _, slept, _ = await run_to_the_end(Rounds(*[RuntimeError("broken")] * 2), 0.5)
    assert slept == [0.5, 1.0]

    _, slept, _ = await run_to_the_end(Rounds(*[RuntimeError("broken")] * 13), 3_600)
    assert slept[-2:] == [2_048, 3_600]


async def test_a_failure_is_logged_with_its_traceback() -> None:
    error = RuntimeError("broken")

    _, _, lines = await run_to_the_end(Rounds(error), 5)

    assert lines == [
        {
            "event": "background.task.failed",
            "log_level": "error",
            "message": "A background task failed; it is restarted after a pause.",
            "task": "job",
            "failures": 1,
            "retry_in": 1.0,
            "exc_info": error,
        }
    ]
    assert error.__traceback__ is not None


async def test_the_cancellation_of_what_the_work_awaits_ends_the_round_only() -> None:
    recorder, slept, _ = await run_to_the_end(Rounds(asyncio.CancelledError()), 5)

    assert (recorder.failed, slept) == (["job"], [1])


async def test_a_wake_up_shortens_the_interval() -> None:
    rounds = Rounds(0, 0)
    task = BackgroundTask("job", rounds.work, interval=3_600)
    task.start(after=3_600)
    for begun in range(3):
        await asyncio.sleep(0.01)
        assert rounds.begun == begun
        task.wake()
    await rounds.all_done.wait()
    await task.stop()


async def test_a_wake_up_during_a_round_is_not_lost() -> None:
    rounds = Rounds()
    woken = asyncio.Event()

    async def work() -> int:
        if not woken.is_set():
            woken.set()
            task.wake()
            return 0
        return await rounds.work()

    task = BackgroundTask("job", work, interval=3_600)
    task.start()
    await rounds.all_done.wait()
    await task.stop()


async def test_the_task_waits_as_it_is_told_to() -> None:
    rounds, waited = Rounds(0, 0), list[float]()

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) > 2:
            await asyncio.Event().wait()

    task = BackgroundTask("job", rounds.work, interval=7, wait=wait)
    task.start()
    await rounds.all_done.wait()
    await task.stop()

    assert waited == [7, 7, 7]


async def test_a_wait_that_fails_is_a_failure_like_any_other() -> None:
    rounds, recorder, slept = Rounds(0), Recorder(), list[float]()

    async def wait(_: float) -> None:
        if not slept:
            raise RuntimeError("broken")
        await asyncio.Event().wait()

    task = BackgroundTask(
        "job", rounds.work, interval=7, wait=wait, supervision=supervision(recorder, slept)
    )
    with capture_logs():
        task.start()
        await rounds.all_done.wait()
        await task.stop()

    assert (recorder.failed, slept) == (["job"], [1])


async def held(grace: float) -> tuple[BackgroundTask, asyncio.Event, list[str]]:
    """A task in the middle of a round, what lets the round end, and how it ended."""
    begun, release, ended = asyncio.Event(), asyncio.Event(), list[str]()

    async def work() -> int:
        begun.set()
        try:
            await release.wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        ended.append("done")
        return 1

    task = BackgroundTask("job", work, interval=1, grace=grace)
    task.start()
    await begun.wait()
    return task, release, ended


async def test_a_stop_lets_the_round_under_way_end() -> None:
    task, release, ended = await held(grace=20)
    stopping = asyncio.create_task(task.stop())
    await asyncio.sleep(0.01)
    release.set()
    await stopping

    assert ended == ["done"]


async def test_a_stop_cancels_a_round_after_its_grace() -> None:
    for grace in (0.0, 0.01):
        task, _, ended = await held(grace)
        await task.stop()
        assert ended == ["cancelled"]


async def test_a_stop_waits_for_no_interval_and_no_backoff() -> None:
    async def fails() -> int:
        raise RuntimeError("broken")

    async def never(_: float) -> None:
        await asyncio.Event().wait()

    works: list[Callable[[], Awaitable[int]]] = [Rounds().work, fails]
    with capture_logs():
        for work in works:
            supervised = Supervision(clock=Clock(sleep=never))
            task = BackgroundTask("job", work, interval=3_600, grace=3_600, supervision=supervised)
            task.start()
            await asyncio.sleep(0.01)
            await task.stop()


async def test_a_failure_during_the_stop_is_counted_and_ends_the_task() -> None:
    recorder, slept = Recorder(), list[float]()
    begun, release = asyncio.Event(), asyncio.Event()

    async def work() -> int:
        begun.set()
        await release.wait()
        raise RuntimeError("broken")

    task = BackgroundTask(
        "job", work, interval=1, grace=20, supervision=supervision(recorder, slept)
    )
    with capture_logs():
        task.start()
        await begun.wait()
        stopping = asyncio.create_task(task.stop())
        await asyncio.sleep(0.01)
        release.set()
        await stopping

    assert (recorder.failed, slept) == (["job"], [])


async def test_a_task_that_never_started_can_be_stopped() -> None:
    await BackgroundTask("job", Rounds().work, interval=1).stop()


async def test_a_task_does_not_log_under_the_request_that_started_it() -> None:
    seen: list[str | None] = []
    done = asyncio.Event()

    async def work() -> int:
        seen.append(REQUEST_ID.get())
        done.set()
        return 0

    token = REQUEST_ID.set("a request")
    task = BackgroundTask("job", work, interval=3_600)
    task.start()
    await done.wait()
    await task.stop()
    REQUEST_ID.reset(token)

    assert seen == [None]
