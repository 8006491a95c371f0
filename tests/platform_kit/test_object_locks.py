"""Changes of one thing follow one another; those of others do not wait."""

import asyncio
from collections.abc import Callable

import pytest

from gateway.concurrency.clock import Clock
from gateway.platform_kit.object_locks import ObjectLocks
from gateway.ports.writing.problems import InputRefused
from gateway.store.store import Store
from schema.errors import ErrorCode


def own_clock(*, runs: bool) -> Clock:
    """A clock that runs only while somebody waits; or not at all, so that it is never too late.

    A wait takes a hundredth of its time.
    """
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(seconds / 100)

    return Clock(monotonic=lambda: sum(slept) if runs else 0.0, sleep=sleep)


@pytest.fixture
def turns(ledger: Store) -> Callable[..., ObjectLocks]:
    """The turns of one more replica."""
    return lambda *, runs=False: ObjectLocks(ledger, "flagship", own_clock(runs=runs))


@pytest.mark.parametrize("replicas", [1, 2])
async def test_one_after_the_other(turns: Callable[..., ObjectLocks], replicas: int) -> None:
    shared = [turns() for _ in range(replicas)]
    inside, most = 0, 0

    async def change(number: int) -> None:
        nonlocal inside, most
        async with shared[number % replicas].of("product", "p"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.002)
            inside -= 1

    await asyncio.gather(*map(change, range(6)))

    assert most == 1


async def test_another_thing_need_not_wait(turns: Callable[..., ObjectLocks]) -> None:
    mine = turns()

    async with mine.of("product", "p"), mine.of("product", "q"), turns().of("shelf", "p"):
        pass


async def test_a_turn_that_does_not_end_is_a_conflict(turns: Callable[..., ObjectLocks]) -> None:
    async with turns().of("product", "p"):
        with pytest.raises(InputRefused) as refused:
            async with turns(runs=True).of("product", "p"):
                pass

    assert [(one.code, one.field) for one in refused.value.errors] == [(ErrorCode.CONFLICT, ["id"])]


async def test_a_turn_ends_with_a_failure_too(turns: Callable[..., ObjectLocks]) -> None:
    with pytest.raises(KeyError):
        async with turns().of("product", "p"):
            raise KeyError

    async with turns().of("product", "p"):
        pass
