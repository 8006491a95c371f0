"""aiocache's memory backend, bounded."""

import pytest

from gateway.upstream.memory import BoundedMemoryCache
from tests.upstream.rows import Hands


def cache(hands: Hands, **bounds: int) -> BoundedMemoryCache:
    return BoundedMemoryCache(monotonic=lambda: hands.time, **bounds)


def test_the_least_recently_used_goes_first() -> None:
    kept = cache(Hands(), most_entries=2)
    kept.put("a", b"1")
    kept.put("b", b"2")
    assert kept.peek("a") == b"1"
    kept.put("c", b"3")
    assert (kept.peek("a"), kept.peek("b"), kept.peek("c")) == (b"1", None, b"3")
    assert len(kept) == 2


def test_bytes_are_bounded_and_counted() -> None:
    kept = cache(Hands(), most_bytes=3_000)
    for name in "abcd":
        kept.put(name, b"x" * 488)
    assert [kept.peek(name) is not None for name in "abcd"] == [False, True, True, True]
    assert kept.weight == 3_000
    kept.put("huge", b"x" * 3_000)
    assert kept.peek("huge") is None
    kept.put("c", b"")
    assert kept.weight == 2_512
    assert kept.drop("c") == 1
    assert kept.drop("c") == 0
    assert kept.weight == 2_000


async def test_values_end_without_a_timer() -> None:
    hands = Hands()
    kept = cache(hands)
    await kept.set("a", b"1", ttl=10)
    assert kept.remaining("a") == 10
    hands.time += 9.9
    assert await kept.get("a") == b"1"
    assert await kept.exists("a")
    hands.time += 0.1
    assert await kept.get("a") is None
    assert not await kept.exists("a")
    assert kept.remaining("a") is None
    assert kept.weight == 0


async def test_does_what_aiocache_promises() -> None:
    hands = Hands()
    kept = cache(hands)
    assert await kept.add("a", b"1", ttl=5)
    with pytest.raises(ValueError, match="exists already"):
        await kept.add("a", b"2")
    assert await kept.multi_get(["a", "b"]) == [b"1", None]
    assert await kept.increment("a") == 2
    assert await kept.increment("n", 3) == 3
    assert kept.remaining("a") == 5
    assert await kept.expire("a", 50)
    assert kept.remaining("a") == 50
    assert await kept.expire("n", 0)
    assert kept.remaining("n") is None
    assert not await kept.expire("nothing", 1)
    assert await kept.delete("a") == 1
    assert await kept.delete("a") == 0
    assert await kept.clear()
    assert len(kept) == 0


async def test_clears_a_namespace() -> None:
    kept = cache(Hands())
    kept.put("x:a", b"1")
    kept.put("y:a", b"1")
    await kept.clear(namespace="x:")
    assert (kept.peek("x:a"), kept.peek("y:a")) == (None, b"1")
