"""A shared task is cancelled with its last caller, but outlives the time that callers have."""

import asyncio

import pytest

from gateway.concurrency.single_flight import SingleFlight
from tests.waiting import eventually


class Slow:
    """Work that waits to be let go on, and tells how it ended."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended: list[str] = []
        self.open = asyncio.Event()

    async def work(self) -> str:
        self.begun += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append("done")
        return "answer"


async def test_a_task_that_took_too_long_for_all_runs_on_and_can_be_joined() -> None:
    flights: SingleFlight[str] = SingleFlight()
    slow = Slow()
    with pytest.raises(TimeoutError):
        await flights.run("key", slow.work, 0.01)

    joined = asyncio.create_task(flights.run("key", slow.work))
    await asyncio.sleep(0)
    slow.open.set()

    assert await joined == "answer"
    assert (slow.begun, slow.ended, len(flights)) == (1, ["done"], 0)


async def test_a_task_is_cancelled_with_its_last_caller() -> None:
    flights: SingleFlight[str] = SingleFlight()
    slow = Slow()
    callers = [asyncio.create_task(flights.run("key", slow.work)) for _ in range(2)]
    await eventually(lambda: slow.begun)

    callers[0].cancel()
    await asyncio.sleep(0.01)
    assert slow.ended == []
    callers[1].cancel()
    await eventually(lambda: slow.ended)

    assert slow.ended == ["cancelled"]
    assert len(flights) == 0


async def test_what_runs_on_ends_when_the_flights_are_closed() -> None:
    flights: SingleFlight[str] = SingleFlight()
    slow = Slow()
    with pytest.raises(TimeoutError):
        await flights.run("key", slow.work, 0.01)

    await flights.aclose()

    assert slow.ended == ["cancelled"]
