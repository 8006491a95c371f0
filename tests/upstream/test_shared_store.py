"""The store that processes share: memory and Redis alike, and Redis away."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.concurrency.clock import Clock
from gateway.errors import ConfigurationError
from gateway.upstream.shared_store import SharedStore, open_store
from tests.fixtures_redis import RedisServer
from tests.upstream.rows import Hands
from tests.waiting import eventually


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[SharedStore]:
    url = "memory://"
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
    opened = open_store(url, Clock())
    assert opened.shared is (request.param == "redis")
    yield opened
    await opened.aclose()


async def test_keeps_bytes(store: SharedStore) -> None:
    assert await store.get("a") is None
    assert await store.set("a", b"\xff1", 10.0)
    assert await store.get("a") == b"\xff1"
    assert await store.get_many(["a", "b"]) == [b"\xff1", None]
    remaining = await store.remaining("a")
    assert remaining is not None
    assert 9 < remaining <= 10
    assert await store.remaining("b") is None


async def test_adds_only_what_is_not_there(store: SharedStore) -> None:
    assert await store.add("a", b"1", 10.0)
    assert await store.add("a", b"2", 10.0) is False
    assert await store.get("a") == b"1"


async def test_swaps_only_what_was_seen(store: SharedStore) -> None:
    assert await store.swap("a", None, b"1", 10.0)
    assert await store.swap("a", None, b"2", 10.0) is False
    assert await store.swap("a", b"0", b"2", 10.0) is False
    assert await store.swap("a", b"1", b"2", 10.0)
    assert await store.get("a") == b"2"


async def test_releases_only_what_is_its_own(store: SharedStore) -> None:
    await store.add("lock", b"mine", 10.0)
    await store.release("lock", b"theirs")
    assert await store.get("lock") == b"mine"
    await store.release("lock", b"mine")
    assert await store.get("lock") is None


async def test_counts_for_a_while(store: SharedStore) -> None:
    assert [await store.count("n", 10.0) for _ in range(3)] == [1, 2, 3]
    remaining = await store.remaining("n")
    assert remaining is not None
    assert 9 < remaining <= 10


async def test_no_lifetime_is_too_long(store: SharedStore) -> None:
    for ttl in (1e18, 1e300):
        assert await store.set("a", b"1", ttl)
        assert await store.swap("a", b"1", b"2", ttl)
        assert await store.add("b", b"1", ttl)
        assert await store.count("n", ttl)
        for key in ("a", "b", "n"):
            assert await store.remaining(key) == pytest.approx(30 * 86_400, abs=60)
            await store.release(key, await store.get(key) or b"")
            assert await store.get(key) is None


async def test_values_in_memory_expire_by_the_clock_they_were_given() -> None:
    hands = Hands()
    store = open_store("memory://", hands.clock())
    assert await store.set("a", b"1", 10.0)
    assert [await store.count("n", 10.0) for _ in range(2)] == [1, 2]
    assert await store.remaining("a") == 10
    hands.time += 9.5
    assert await store.get("a") == b"1"
    assert await store.add("a", b"2", 10.0) is False
    hands.time += 0.5
    assert await store.get_many(["a", "n"]) == [None, None]
    assert await store.remaining("a") is None
    assert await store.swap("a", b"1", b"2", 10.0) is False
    assert await store.count("n", 10.0) == 1
    assert await store.add("a", b"2", 10.0)
    await store.aclose()


async def test_redis_away_is_said_at_once_and_asked_again_later(own_redis: RedisServer) -> None:
    hands = Hands()
    store = open_store(own_redis.url, hands.clock())
    assert await store.set("a", b"1", 60.0)
    own_redis.kill()
    assert await store.get("a") is None
    assert not store.reachable
    own_redis.start()
    assert await store.get_many(["a"]) is None
    assert not await store.set("a", b"1", 60.0)
    assert await store.add("a", b"1", 60.0) is None
    assert await store.swap("a", b"1", b"2", 60.0) is None
    assert await store.count("a", 60.0) is None
    assert await store.remaining("a") is None
    await store.release("a", b"1")
    hands.time += 1
    assert store.reachable
    assert await store.set("a", b"1", 60.0)
    assert await store.get("a") == b"1"
    await store.aclose()


def connections(server: RedisServer) -> int:
    """How many there are, besides the one that asks."""
    with server.client() as client:
        return len(client.client_list()) - 1


async def _all_work(store: SharedStore, hands: Hands) -> bool:
    hands.time += 1
    return all(await asyncio.gather(*(store.set(f"{n}", b"1", 60.0) for n in range(40))))


async def test_a_burst_opens_no_more_connections_than_the_pool_has(own_redis: RedisServer) -> None:
    hands = Hands()
    store = open_store(own_redis.url, hands.clock())
    await asyncio.gather(*(store.get(f"{n}") for n in range(300)))
    await eventually(lambda: _all_work(store, hands))
    assert connections(own_redis) == 16
    await store.aclose()
    assert connections(own_redis) == 0


@pytest.mark.parametrize("ended", ["by the timeout", "by their callers"])
async def test_operations_that_are_ended_give_their_connections_back(
    own_redis: RedisServer, ended: str
) -> None:
    hands = Hands()
    store = open_store(own_redis.url, hands.clock())
    await eventually(lambda: _all_work(store, hands))
    own_redis.pause()
    waiting = [asyncio.create_task(store.get(f"{n}")) for n in range(300)]
    await asyncio.sleep(0)
    if ended == "by their callers":
        for task in waiting:
            task.cancel()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    own_redis.resume()

    assert not any(isinstance(one, bytes) for one in found)
    await eventually(lambda: _all_work(store, hands))
    assert connections(own_redis) <= 16
    await store.aclose()


@pytest.mark.parametrize("url", ["", "memcached://host", "redis://", "redis://host/x"])
def test_refuses_other_addresses(url: str) -> None:
    with pytest.raises(ConfigurationError, match="memory:// or redis://"):
        open_store(url)


def test_a_redis_address_may_hold_user_and_password() -> None:
    # No server here takes passwords: what it would be asked with is looked at instead.
    store = open_store("rediss://me:p%40ss@cache.example:6380/3")
    backend = store._backend.cache  # type: ignore[attr-defined] # noqa: SLF001 - as above
    kwargs = backend.client.connection_pool.connection_kwargs
    assert (backend.endpoint, backend.port, backend.db) == ("cache.example", 6380, 3)
    assert (kwargs["username"], kwargs["password"]) == ("me", "p@ss")
    assert "p@ss" not in repr(store) + repr(backend)


async def test_deletes_what_begins_so(store: SharedStore) -> None:
    for name in ("a:1", "a:2", "a?3", "b:1"):
        await store.set(name, b"1", 10.0)
    assert await store.delete_prefix("a:") == 2
    assert await store.delete_prefix("a?") == 1
    assert await store.delete_prefix("*") == 0
    assert await store.get("b:1") == b"1"
