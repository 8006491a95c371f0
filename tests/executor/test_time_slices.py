"""Long lists are completed in time slices: the event loop runs something else in between."""

import asyncio
import gc
from time import thread_time
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, parse

from gateway.concurrency.time_slice import TimeSlice
from gateway.executor import Bounds
from tests.executor.both import asked, executors, given

#: What a slice may take, in seconds of CPU, with what the loop does between two.
LONGEST = 0.05


@strawberry.type
class Leaf:
    """One of many."""

    number: int
    word: str = "leaf"

    @strawberry.field
    def odd(self) -> int:
        """Fail for one."""
        if self.number == FAILING:
            raise PermissionError("odd")
        return self.number


@strawberry.type
class Query:
    """Gives what the context has."""

    @strawberry.field
    def leaves(self, info: strawberry.Info[Any, None]) -> list[Leaf] | None:
        """The context's leaves."""
        found: list[Leaf] = info.context.leaves
        return found


SCHEMA = strawberry.Schema(Query)._schema  # noqa: SLF001 - there is no public way to it
FAILING = 70
BOUNDS = Bounds(runs_before=0, lasting_inputs=True)


async def run(executor: Any, text: str, count: int) -> tuple[ExecutionResult, list[float]]:
    """The result, and the CPU seconds at each turn of another task meanwhile."""
    turns: list[float] = []

    async def beat() -> None:
        while True:
            turns.append(thread_time())
            await asyncio.sleep(0)

    operation = asked(parse(text))
    # What other tests have left is collected now, not in the middle of a slice.
    gc.collect()
    gc.freeze()
    context = SimpleNamespace(leaves=[Leaf(number=number) for number in range(count)])
    heart = asyncio.create_task(beat())
    await asyncio.sleep(0)
    result = await executor.execute(operation, given(SCHEMA, operation, {}), context)
    turns.append(thread_time())
    gc.unfreeze()
    heart.cancel()
    return result, turns


@pytest.mark.parametrize("which", [0, 1], ids=["core", "compiled"])
async def test_the_loop_runs_within_a_long_list(which: int) -> None:
    executor = executors(SCHEMA, bounds=BOUNDS)[which]

    result, turns = await run(executor, "{ leaves { number word again: word } }", 40_000)

    assert result.errors is None
    assert result.data is not None
    assert result.data["leaves"][39_999] == {"number": 39_999, "word": "leaf", "again": "leaf"}
    assert len(turns) - 2 >= (turns[-1] - turns[0]) / LONGEST - 1


@pytest.mark.parametrize("which", [0, 1], ids=["core", "compiled"])
async def test_an_interrupted_list_has_the_same_answer(which: int) -> None:
    text = "{ leaves { number odd } }"
    at_once = executors(SCHEMA, bounds=BOUNDS, slices=TimeSlice(seconds=60))[which]
    sliced = executors(SCHEMA, bounds=BOUNDS, slices=TimeSlice(seconds=0))[which]

    for count, data in ((60, 60), (100, None)):
        one, _ = await run(at_once, text, count)
        other, turns = await run(sliced, text, count)

        assert one.data == other.data
        assert one.data is not None
        leaves = one.data["leaves"]
        assert (leaves if leaves is None else len(leaves)) == data
        assert [str(error) for error in one.errors or ()] == [
            str(error) for error in other.errors or ()
        ]
        assert len(turns) >= 3


async def test_what_runs_in_one_turn_of_the_loop_shares_its_slice() -> None:
    now = [0.0]
    slices = TimeSlice(seconds=1, clock=lambda: now[0])

    assert not slices.is_over()
    now[0] = 1.5
    assert slices.is_over()
    await slices.next()
    assert not slices.is_over()


def test_a_slice_ends_with_its_loop() -> None:
    now = [0.0]
    slices = TimeSlice(seconds=1, clock=lambda: now[0])

    async def over() -> bool:
        return slices.is_over()

    assert not asyncio.run(over())
    now[0] = 1.5
    assert not asyncio.run(over())
