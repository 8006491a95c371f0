"""Changes of one thing follow one another; those of others do not wait."""

import asyncio
import time
from collections.abc import Callable

import pytest

from gateway.concurrency.clock import Clock
from gateway.platform_kit.object_locks import ObjectLocks
from gateway.ports.writing.problems import InputRefused
from gateway.store.store import Store
from schema.errors import ErrorCode


class FastClock(Clock):
    """A clock whose waits take a hundredth of their time."""

    def __init__(self) -> None:
        super().__init__(monotonic=lambda: time.monotonic() * 100)

    async def sleep(self, seconds: float) -> None:
        """Wait a hundredth of it."""
        await asyncio.sleep(seconds / 100)


@pytest.fixture
def turns(ledger: Store) -> Callable[[], ObjectLocks]:
    """The turns of one more replica."""
    return lambda: ObjectLocks(ledger, "flagship", FastClock())


@pytest.mark.parametrize("replicas", [1, 2])
async def test_one_after_the_other(turns: Callable[[], ObjectLocks], replicas: int) -> None:
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


async def test_another_thing_need_not_wait(turns: Callable[[], ObjectLocks]) -> None:
    mine = turns()

    async with mine.of("product", "p"), mine.of("product", "q"), turns().of("shelf", "p"):
        pass


async def test_a_turn_that_does_not_end_is_a_conflict(turns: Callable[[], ObjectLocks]) -> None:
    async with turns().of("product", "p"):
        with pytest.raises(InputRefused) as refused:
            async with turns().of("product", "p"):
                pass

    assert [(one.code, one.field) for one in refused.value.errors] == [(ErrorCode.CONFLICT, ["id"])]


async def test_a_turn_ends_with_a_failure_too(turns: Callable[[], ObjectLocks]) -> None:
    with pytest.raises(KeyError):
        async with turns().of("product", "p"):
            raise KeyError

    async with turns().of("product", "p"):
        pass
