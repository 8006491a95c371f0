"""What waits, and what is refused, while the process cannot keep up."""

import asyncio
import time

import httpx
import pytest

from gateway.errors import Overloaded
from gateway.http.load_shedding import LoadShedder
from tests.http.small_gateway import SmallGateway, served
from tests.waiting import eventually

LIST, CHEAP = 50, 2


async def late_loop() -> None:
    """Let the event loop be late at a look."""
    for _ in range(4):
        await asyncio.sleep(0.01)
        time.sleep(0.06)  # noqa: ASYNC251 - the loop is to be late
    await asyncio.sleep(0)


async def test_queries_that_take_no_processor_time_hold_up_nobody() -> None:
    shedder = LoadShedder(always=2, between=3)

    at_once = [shedder.enter() for _ in range(6)]
    await asyncio.wait_for(shedder.wait(LIST), 60)

    assert at_once == [True] * 5 + [False]


async def test_while_the_loop_is_late_a_query_waits_for_another_to_end() -> None:
    shedder = LoadShedder(always=2, between=2, longest_wait=60)
    assert [shedder.enter() for _ in range(4)] == [True] * 4
    await late_loop()
    order: list[str] = []

    async def ask(name: str, points: int) -> None:
        assert not shedder.enter()
        await shedder.wait(points)
        order.append(name)

    waiting = [
        asyncio.create_task(ask("list", LIST)),
        asyncio.create_task(ask("node", CHEAP)),
    ]
    time.sleep(0.1)  # noqa: ASYNC251 - as above
    await asyncio.sleep(0)
    assert order == []
    for _ in range(4):
        shedder.leave()
    await asyncio.gather(*waiting)

    assert order == ["node", "list"]


async def test_while_what_is_read_from_has_too_much_to_do_a_query_waits() -> None:
    congested = True
    shedder = LoadShedder(always=1, between=8, longest_wait=60, congested=lambda: congested)
    first, second = shedder.enter(), shedder.enter()
    waiting = asyncio.create_task(shedder.wait(LIST))
    await asyncio.sleep(0.02)
    still = waiting.done()

    congested = False
    await asyncio.wait_for(waiting, 60)

    assert (first, second, still) == (True, False, False)


async def test_under_overload_queries_that_hang_do_not_keep_all_others_out() -> None:
    shedder = LoadShedder(always=1, between=0, longest_wait=60, congested=lambda: True)
    assert shedder.enter()
    waiting = [asyncio.create_task(shedder.wait(LIST)) for _ in range(3)]

    # The first never leaves.
    await asyncio.wait_for(asyncio.gather(*waiting), 60)

    assert not shedder.enter()


async def test_whose_turn_does_not_come_is_refused() -> None:
    shedder = LoadShedder(always=1, between=0, waiting=1, longest_wait=0.01)
    assert shedder.enter()
    first = asyncio.create_task(shedder.wait(LIST))
    await asyncio.sleep(0)

    with pytest.raises(Overloaded) as too_many:
        await shedder.wait(CHEAP)
    with pytest.raises(Overloaded) as too_long:
        await first

    assert (too_many.value.retry_after, too_long.value.retry_after) == (1, 1)
    shedder.leave()
    assert shedder.enter()


async def test_who_gives_up_waiting_leaves_its_turn_to_the_next() -> None:
    shedder = LoadShedder(always=1, between=0, longest_wait=60)
    assert shedder.enter()
    gone, next_one = (asyncio.create_task(shedder.wait(LIST)) for _ in range(2))
    await asyncio.sleep(0)

    # Its turn comes, and it is cancelled before it notices.
    shedder.leave()
    gone.cancel()
    await asyncio.wait([gone])

    assert gone.cancelled()
    await asyncio.wait_for(next_one, 60)


async def test_under_overload_one_query_is_executed_at_once_beside_a_mutation() -> None:
    congested = False
    shedder = LoadShedder(always=3, between=0, longest_wait=60, congested=lambda: congested)
    first = [shedder.enter() for _ in range(3)]
    congested = True

    with shedder.mutation():
        # A look that found the overload admits one.
        await asyncio.wait_for(shedder.wait(LIST), 60)
        for _ in range(4):
            shedder.leave()
        beside = [shedder.enter() for _ in range(2)]
    after = [shedder.enter() for _ in range(3)]

    assert (first, beside, after) == ([True] * 3, [True, False], [True, True, False])


async def test_beside_a_mutation_each_look_under_overload_admits_a_query() -> None:
    looks = 0

    def look() -> bool:
        nonlocal looks
        looks += 1
        return True

    shedder = LoadShedder(always=1, between=0, longest_wait=60, congested=look)
    assert shedder.enter()
    with shedder.mutation():
        # None of them leaves.
        waiting = [asyncio.create_task(shedder.wait(LIST)) for _ in range(9)]
        await asyncio.wait_for(asyncio.gather(*waiting), 60)

    # Without the mutation it takes five each.
    assert 9 <= looks < 5 * 9


async def test_once_an_overload_is_over_all_that_wait_are_admitted_in_order() -> None:
    congested = True
    shedder = LoadShedder(always=1, between=4, longest_wait=60, congested=lambda: congested)
    assert shedder.enter()
    order: list[int] = []

    async def ask(number: int) -> None:
        await shedder.wait(LIST)
        order.append(number)

    waiting = [asyncio.create_task(ask(number)) for number in range(12)]
    await eventually(lambda: order)
    congested = False
    await asyncio.wait_for(asyncio.gather(*waiting), 60)

    assert order == list(range(12))


async def test_lists_are_refused_while_mutations_are_served() -> None:
    small = SmallGateway(shedder=LoadShedder(always=1, between=0, longest_wait=0.01))
    with served(small.app) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
            blocked = asyncio.create_task(
                http.post("/graphql", json={"query": '{ slow(seconds: 60, mark: "a") }'})
            )
            await eventually(lambda: small.journal.started)
            refused = await http.post("/graphql", json={"query": "{ hello }"})
            served_one = await http.post("/graphql", json={"query": "mutation { increment }"})
            blocked.cancel()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "OVERLOADED"
    assert served_one.status_code == 200
    assert "errors" not in served_one.json()
