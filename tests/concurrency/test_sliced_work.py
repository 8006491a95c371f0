"""Long computations in a worker thread leave the event loop free."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.concurrency.sliced_work import SlicedWork, Steps, finish


def count(most: int, seen: list[int]) -> Steps[int]:
    """A computation of so many steps; returns their sum."""
    for number in range(most):
        seen.append(number)
        yield
    return sum(seen)


@contextmanager
def working(work: SlicedWork) -> Iterator[SlicedWork]:
    yield work
    work.close()


def ticking() -> "Iterator[float]":
    """A timer on which each step takes a whole slice."""
    now = 0.0
    while True:
        yield now
        now += 1.0


def test_a_computation_may_be_run_to_its_end_at_once() -> None:
    assert finish(count(4, [])) == 6


async def test_it_runs_outside_the_thread_of_the_event_loop() -> None:
    threads: list[int] = []

    def steps() -> Steps[str]:
        threads.append(threading.get_ident())
        yield
        threads.append(threading.get_ident())
        return "done"

    with working(SlicedWork()) as work:
        assert await work.run(steps()) == "done"
    assert len(set(threads)) == 1
    assert threading.get_ident() not in threads


async def test_the_event_loop_gets_a_turn_in_each_pause() -> None:
    """A pause ends once the loop has run: so it does, as often as there are pauses."""
    loop = asyncio.get_running_loop()
    turns: list[int] = []

    async def turn() -> None:
        turns.append(threading.get_ident())

    def pause(_: float) -> None:
        asyncio.run_coroutine_threadsafe(turn(), loop).result(60)

    with working(SlicedWork(timer=ticking().__next__, pause=pause)) as work:
        assert await work.run(count(50, [])) == 1225
    assert turns == [threading.get_ident()] * 50


async def test_steps_within_one_slice_are_not_paused() -> None:
    pauses: list[float] = []
    with working(SlicedWork(timer=lambda: 0.0, pause=pauses.append)) as work:
        assert await work.run(count(50, [])) == 1225
    assert pauses == []


async def test_an_error_reaches_the_caller() -> None:
    def steps() -> Steps[None]:
        yield
        raise LookupError("wrong")

    with working(SlicedWork()) as work:
        with pytest.raises(LookupError, match="wrong"):
            await work.run(steps())
        assert await work.run(count(2, [])) == 1


async def test_a_cancelled_computation_ends_at_its_next_step() -> None:
    begun, may_go_on, closed = threading.Event(), threading.Event(), threading.Event()

    def steps() -> Steps[None]:
        begun.set()
        may_go_on.wait(60)
        try:
            while True:
                yield
        finally:
            closed.set()

    with working(SlicedWork()) as work:
        task = asyncio.create_task(work.run(steps()))
        await asyncio.to_thread(begun.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        may_go_on.set()
        assert await asyncio.to_thread(closed.wait, 60)
        assert await work.run(count(2, [])) == 1


async def test_computations_run_one_after_the_other_and_a_cancelled_one_never_begins() -> None:
    begun, may_go_on = threading.Event(), threading.Event()
    seen: list[int] = []

    def steps() -> Steps[None]:
        begun.set()
        may_go_on.wait(60)
        yield

    with working(SlicedWork()) as work:
        first = asyncio.create_task(work.run(steps()))
        await asyncio.to_thread(begun.wait, 60)
        second = asyncio.create_task(work.run(count(1, seen)))
        third = asyncio.create_task(work.run(count(3, [])))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        may_go_on.set()
        await first
        assert await third == 3
    assert seen == []


class Watched:
    """Notes the thread that frees it."""

    def __init__(self, freed: list[int]) -> None:
        self._freed = freed

    def __del__(self) -> None:
        self._freed.append(threading.get_ident())


async def test_objects_are_freed_in_slices_outside_the_thread_of_the_event_loop() -> None:
    freed: list[int] = []
    pauses: list[float] = []
    with working(SlicedWork(timer=ticking().__next__, pause=pauses.append)) as work:
        await work.run(count(1, []))
        pauses.clear()
        work.discard([Watched(freed) for _ in range(20)])
        await asyncio.sleep(0)
        await work.run(count(1, []))
    assert len(freed) == 20
    assert len(set(freed)) == 1
    assert threading.get_ident() not in freed
    assert len(pauses) == 21


async def test_after_closing_nothing_begins() -> None:
    work = SlicedWork()
    await work.run(count(1, []))
    work.close()
    work.discard([1])
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="shutdown"):
        await work.run(count(1, []))
