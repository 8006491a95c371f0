"""Turns of a store's writers: callers go before bulk work, which goes on nevertheless."""

import asyncio

import pytest

from gateway.store.writer_queue import WriterLane, WriterQueue

BULK, CALLERS, READINESS = WriterLane.BULK, WriterLane.CALLERS, WriterLane.READINESS


class Writers:
    """Tasks that wait for their turns, and the order in which they had them."""

    def __init__(self, size: int = 1, timeout: float = 30.0) -> None:
        self.queue = WriterQueue(size, timeout=timeout)
        self.turns: list[str] = []

    async def write(self, name: str, lane: WriterLane, over: asyncio.Event | None = None) -> None:
        async with self.queue.turn(lane):
            self.turns.append(name)
            if over is not None:
                await over.wait()


async def test_callers_go_first_and_bulk_work_has_every_fifth_turn() -> None:
    writers, over = Writers(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(writers.write("held", BULK, over))
        await asyncio.sleep(0)
        for number in range(2):
            group.create_task(writers.write(f"bulk {number}", BULK))
        for number in range(6):
            group.create_task(writers.write(f"caller {number}", CALLERS))
        group.create_task(writers.write("readiness", READINESS))
        await asyncio.sleep(0)
        over.set()
    assert writers.turns == [
        "held",
        "readiness",
        *(f"caller {number}" for number in range(4)),
        "bulk 0",
        "caller 4",
        "caller 5",
        "bulk 1",
    ]


async def test_bulk_work_takes_a_quarter_of_the_writers() -> None:
    writers, over = Writers(size=8), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(writers.write(f"bulk {number}", BULK, over))
        for number in range(6):
            group.create_task(writers.write(f"caller {number}", CALLERS, over))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        held = sorted(writers.turns)
        over.set()
    assert held == ["bulk 0", "bulk 1", *(f"caller {number}" for number in range(6))]
    assert sorted(writers.turns) == sorted([*held, "bulk 2", "bulk 3"])


async def test_who_gives_up_leaves_the_turn_to_the_next() -> None:
    writers, over = Writers(timeout=0.01), asyncio.Event()
    held = asyncio.create_task(writers.write("held", CALLERS, over))
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        await writers.write("late", CALLERS)
    cancelled = asyncio.create_task(writers.write("cancelled", BULK))
    next_ = asyncio.create_task(writers.write("next", BULK))
    await asyncio.sleep(0)
    cancelled.cancel()
    over.set()
    await asyncio.gather(held, next_)
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert writers.turns == ["held", "next"]


async def test_a_turn_given_to_a_cancelled_writer_goes_to_the_next() -> None:
    writers = Writers()
    async with writers.queue.turn(CALLERS):
        cancelled = asyncio.create_task(writers.write("cancelled", CALLERS))
        next_ = asyncio.create_task(writers.write("next", CALLERS))
        await asyncio.sleep(0)
    # It was given the turn just now, and has not run yet.
    cancelled.cancel()
    await next_
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert writers.turns == ["next"]
