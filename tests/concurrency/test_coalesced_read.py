"""Reads that are shared by all who ask while another is under way."""

import asyncio

import pytest

from gateway.concurrency.coalesced_read import CoalescedRead


class Counted:
    """Reads that take as long as wanted; each answers its number."""

    def __init__(self) -> None:
        self.begun = 0
        self.go_on = asyncio.Event()

    async def read(self) -> int:
        self.begun += 1
        number = self.begun
        await self.go_on.wait()
        if number == 3:
            raise ValueError("the third")
        return number


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_all_who_ask_during_a_read_share_the_next() -> None:
    reads = Counted()
    following = CoalescedRead(reads.read)
    first = asyncio.create_task(following.run())
    await _turns()
    others = [asyncio.create_task(following.run()) for _ in range(3)]
    await _turns()
    assert reads.begun == 1
    reads.go_on.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [2, 2, 2]


async def test_a_failure_reaches_all_who_share_it_and_nobody_after() -> None:
    reads = Counted()
    reads.begun = 2
    reads.go_on.set()
    following = CoalescedRead(reads.read)
    outcomes = await asyncio.gather(following.run(), following.run(), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["the third", "the third"]
    assert await following.run() == 4


async def test_a_read_goes_on_for_those_who_stay() -> None:
    reads = Counted()
    following = CoalescedRead(reads.read)
    leaving, staying = (asyncio.create_task(following.run()) for _ in range(2))
    await _turns()
    leaving.cancel()
    reads.go_on.set()
    assert await staying == 1
    with pytest.raises(asyncio.CancelledError):
        await leaving
