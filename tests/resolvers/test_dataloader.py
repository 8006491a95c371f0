"""A data loader loads each key once, in batches; failures and cancellations stay apart."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from resolvers.dataloader import DataLoader


class Shelf:
    """A batch function that records its keys; it can be held back, and fail."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.batches: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.cancelled = False
        self._answers = answers or {}

    async def __call__(self, keys: list[str]) -> Sequence[Any]:
        self.batches.append(list(keys))
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return [self._answers.get(key, key.upper()) for key in keys]


async def test_keys_of_one_turn_go_out_together_and_once() -> None:
    shelf = Shelf()
    loader = DataLoader(shelf)

    one, three = await asyncio.gather(loader.fetch(["a"]), loader.fetch(["b", "a", "b"]))

    assert (one, three) == (["A"], ["B", "A", "B"])
    assert shelf.batches == [["a", "b"]]
    assert await loader.load_many(["a", "c"]) == ["A", "C"]
    assert shelf.batches == [["a", "b"], ["c"]]


async def test_a_failure_is_its_keys_own() -> None:
    loader = DataLoader(Shelf({"b": LookupError("gone")}))

    first, second = await loader.fetch(["a", "b"])

    assert first == "A"
    assert repr(second) == "LookupError('gone')"
    with pytest.raises(LookupError, match="gone"):
        await loader.load("b")
    with pytest.raises(LookupError, match="gone"):
        await loader.load_many(["a", "b"])


async def test_a_batch_that_fails_fails_all_of_its_keys() -> None:
    async def broken(_: list[str]) -> Sequence[Any]:
        raise LookupError("all gone")

    loader = DataLoader(broken)

    assert [repr(each) for each in await loader.fetch(["a", "b"])] == [
        "LookupError('all gone')",
        "LookupError('all gone')",
    ]


async def test_too_few_answers_are_a_failure() -> None:
    async def short(_: list[str]) -> Sequence[Any]:
        return ["A"]

    [first, _] = await DataLoader(short).fetch(["a", "b"])

    assert isinstance(first, ValueError)


async def test_one_who_goes_takes_nothing_away_from_the_others() -> None:
    shelf = Shelf()
    shelf.open.clear()
    loader = DataLoader(shelf)
    going = asyncio.ensure_future(loader.load("a"))
    staying = asyncio.ensure_future(loader.load("a"))
    await asyncio.sleep(0.01)

    going.cancel()
    await asyncio.sleep(0)
    shelf.open.set()

    assert await staying == "A"
    assert not shelf.cancelled


async def test_a_look_up_that_nobody_waits_for_is_cancelled_and_may_be_asked_again() -> None:
    shelf = Shelf()
    shelf.open.clear()
    loader = DataLoader(shelf)
    going = asyncio.ensure_future(loader.fetch(["a"]))
    await asyncio.sleep(0.01)

    going.cancel()
    await asyncio.sleep(0.01)
    shelf.open.set()

    assert shelf.cancelled
    assert await loader.load("a") == "A"
    assert shelf.batches == [["a"], ["a"]]
