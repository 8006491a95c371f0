"""Background calls give way to a busy event loop, and their owners take turns."""

import asyncio
import time

from gateway.concurrency.adaptive_limit import AdaptiveLimit
from tests.waiting import eventually


async def hold(limit: AdaptiveLimit, owner: str, begun: list[str], end: asyncio.Event) -> None:
    """Take a slot until the end."""
    async with limit.slot(owner):
        begun.append(owner)
        await end.wait()


async def test_owners_take_turns_however_many_calls_one_of_them_has() -> None:
    limit, begun, end = AdaptiveLimit(least=1, most=1), list[str](), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for owner in ("large", "large", "large", "small", "small"):
            group.create_task(hold(limit, owner, begun, end))
        await asyncio.sleep(0)
        end.set()

    # The first has its turn before anybody waits.
    assert begun == ["large", "large", "small", "large", "small"]


async def test_the_limit_rises_while_the_loop_is_on_time_and_falls_while_it_is_late() -> None:
    limit, begun, end = AdaptiveLimit(least=1, most=4, late=0.03), list[str](), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(hold(limit, "shop", begun, end))
        await eventually(lambda: len(begun) == 4)
        assert limit.limit == 4

        while limit.limit > 1:
            time.sleep(0.05)  # noqa: ASYNC251 - what holds up the loop
            await asyncio.sleep(0)
        end.set()
    assert len(begun) == 5


async def test_one_that_gives_up_leaves_its_turn_to_others() -> None:
    limit, begun, end = AdaptiveLimit(least=1, most=1), list[str](), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold(limit, "one", begun, end))
        waiting = group.create_task(hold(limit, "two", begun, end))
        group.create_task(hold(limit, "three", begun, end))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
        end.set()

    assert begun == ["one", "three"]
