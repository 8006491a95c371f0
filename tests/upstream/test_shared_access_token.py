"""One token for several processes over a real Redis, and without it."""

import asyncio
from typing import Any

import pytest

from gateway.concurrency.clock import Clock
from gateway.errors import PlatformCredentials
from gateway.store.crypto import Vault
from gateway.upstream.access_token import AccessTokenCache, TokenGrant
from gateway.upstream.shared_store import open_store
from tests.fixtures_redis import RedisServer
from tests.upstream.rows import Hands
from tests.upstream.token_platforms import CREDENTIALS, SECRET, Stable, cache_of
from tests.waiting import eventually


class Numbered:
    """A platform whose every call brings another token; each answer waits to be let go."""

    def __init__(self) -> None:
        self.gates: list[asyncio.Event] = []

    async def fetch(self, *, force: bool) -> TokenGrant:
        assert not force
        gate = asyncio.Event()
        self.gates.append(gate)
        number = len(self.gates)
        await gate.wait()
        return TokenGrant(f"token-{number}", 7200.0)


async def test_a_token_of_another_process_is_taken_over(redis_url: str) -> None:
    clock = Clock()
    stores = [open_store(redis_url, clock) for _ in range(2)]
    fetchers = [Stable(), Stable()]
    first, second = (
        cache_of(fetcher, store, clock) for fetcher, store in zip(fetchers, stores, strict=True)
    )
    assert await first.get() == "token-1"
    assert await second.get() == "token-1"
    assert fetchers[1].asked == []
    assert second.generation == 1
    assert second.token_expires_at is not None
    left = (second.token_expires_at - clock.now()).total_seconds()
    assert 7190 < left <= 7200
    for store in stores:
        await store.aclose()


async def test_many_processes_that_start_cold_ask_once(redis_url: str) -> None:
    clock = Clock()
    stores = [open_store(redis_url, clock) for _ in range(4)]
    fetcher = Stable(wait=0.1)
    caches = [cache_of(fetcher, store, clock) for store in stores]
    tokens = await asyncio.gather(*(kept.get() for kept in caches for _ in range(50)))
    assert set(tokens) == {"token-1"}
    assert fetcher.asked == [False]
    for store in stores:
        await store.aclose()


async def test_a_report_finds_the_newer_token_of_another_process(redis_url: str) -> None:
    clock = Clock()
    store = open_store(redis_url, clock)
    fetcher = Stable()
    first, second = cache_of(fetcher, store, clock), cache_of(fetcher, store, clock)
    await first.get()
    await second.get()
    assert await first.refresh("token-1") == "token-2"
    asked = len(fetcher.asked)
    assert await second.refresh("token-1") == "token-2"
    assert len(fetcher.asked) == asked
    assert second.generation == 2
    await store.aclose()


async def test_an_older_answer_never_replaces_a_newer_token(redis_url: str) -> None:
    """B5: the lock's lease runs out under a slow call, whose answer comes last."""
    clock = Clock()
    stores = [open_store(redis_url, clock) for _ in range(3)]
    platform = Numbered()
    slow = cache_of(platform, stores[0], clock, lock_lease=0.1)
    quick = cache_of(platform, stores[1], clock, lock_lease=5.0)
    late = asyncio.create_task(slow.get())
    await eventually(lambda: len(platform.gates) == 1)
    soon = asyncio.create_task(quick.get())
    await eventually(lambda: len(platform.gates) == 2)
    platform.gates[1].set()
    assert await soon == "token-2"
    platform.gates[0].set()
    assert await late == "token-2"
    assert await cache_of(platform, stores[2], clock).get() == "token-2"
    for store in stores:
        await store.aclose()


async def test_the_next_takes_over_when_the_locks_holder_died(redis_url: str) -> None:
    """B5: within the lease."""
    clock = Clock()
    store = open_store(redis_url, clock)
    dead = cache_of(Numbered(), store, clock, lock_lease=0.2)
    abandoned = asyncio.create_task(dead.get())
    await eventually(lambda: dead._fetcher.gates)  # type: ignore[attr-defined] # noqa: SLF001
    fetcher = Stable()
    assert await cache_of(fetcher, store, clock).get() == "token-1"
    assert not abandoned.done()
    abandoned.cancel()
    await dead.aclose()
    await store.aclose()


async def test_without_redis_tokens_go_on(own_redis: RedisServer) -> None:
    """C1: killed while a token lives, and while none does."""
    hands = Hands()
    clock = hands.clock()
    store = open_store(own_redis.url, clock)
    fetcher = Stable()
    kept = cache_of(fetcher, store, clock)
    await kept.get()
    own_redis.kill()
    assert await kept.get() == "token-1"
    assert await kept.refresh("token-1") == "token-2"
    other = cache_of(fetcher, store, clock)
    assert await other.get() == "token-2"
    hands.time += 1
    with pytest.raises(PlatformCredentials):
        await kept.refresh("token-2")
    await store.aclose()


async def test_what_lies_in_redis_lives_no_longer_than_the_token(
    redis_server: RedisServer,
) -> None:
    store = open_store(redis_server.url)
    kept = cache_of(Stable(expires_in=100.0), store, Clock())
    await kept.get()
    with redis_server.client() as client:
        (key,) = client.keys("*")
        assert 99_000 < client.pttl(key) <= 100_000
        assert SECRET.encode() not in key + client.get(key)
    await store.aclose()


async def test_garbage_in_the_store_is_replaced(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.set(f"token:{CREDENTIALS}", b"\xff\xff", px=60_000)
    store = open_store(redis_server.url)
    fetcher = Stable()
    kept = cache_of(fetcher, store, Clock())
    assert await kept.get() == "token-1"
    await store.aclose()


async def test_the_shared_store_shows_neither_token_nor_account(redis_server: RedisServer) -> None:
    clock = Clock()
    store = open_store(redis_server.url, clock)
    assert await cache_of(Stable(), store, clock).get() == "token-1"
    with redis_server.client() as looking:
        found: dict[bytes, bytes] = {name: looking.get(name) for name in looking.keys("*")}
        lifetime: Any = looking.pttl(next(iter(found)))
    await store.aclose()

    whole = b"".join(found) + b"".join(found.values())
    assert len(found) == 1
    assert b"token-1" not in whole
    assert CREDENTIALS.encode() not in whole
    assert lifetime <= 7_200_000


async def test_a_token_sealed_with_another_key_is_asked_for_anew(redis_url: str) -> None:
    clock = Clock()
    store, fetchers = open_store(redis_url, clock), [Stable(), Stable()]
    keys = [Vault(bytes(32)), Vault(b"\1" * 32)]
    for fetcher, sealer in zip(fetchers, keys, strict=True):
        tokens = AccessTokenCache(
            "flagship", fetcher, store, credentials=CREDENTIALS, sealer=sealer, clock=clock
        )
        assert await tokens.get() == "token-1"
    await store.aclose()

    assert [fetcher.asked for fetcher in fetchers] == [[False], [False]]
