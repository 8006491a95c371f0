"""The token layer: who asks the platform, how often, and what the others see meanwhile."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import PlatformCredentials, PlatformFailure, PlatformUnavailable
from gateway.upstream.clock import Clock
from gateway.upstream.shared_store import SharedStore, open_store
from gateway.upstream.token import TokenGrant, TokenKeeper, TokenPolicy, fingerprint
from tests.fixtures_redis import RedisServer
from tests.upstream.rows import Hands

SECRET = "s3cr3t-of-the-shop-that-nobody-may-see"
CREDENTIALS = fingerprint("wx1", SECRET)


class Stable:
    """A platform that repeats its token until told otherwise, as stable_token does."""

    def __init__(self, *, expires_in: float = 7200.0, wait: float = 0.0) -> None:
        self.number = 1
        self.expires_in = expires_in
        self.wait = wait
        self.asked: list[bool] = []
        self.failures: list[PlatformFailure] = []
        #: Whether a forced renewal brings another token.
        self.yields = True

    async def fetch(self, *, force: bool) -> TokenGrant:
        self.asked.append(force)
        await asyncio.sleep(self.wait)
        if self.failures:
            raise self.failures.pop(0)
        if force and self.yields:
            self.number += 1
        return TokenGrant(f"token-{self.number}", self.expires_in)


def failure(kind: type[PlatformFailure]) -> PlatformFailure:
    return kind("no", endpoint="stable_token", shop="flagship", platform_code="40013")


def keeper(fetcher: Any, store: SharedStore, clock: Clock, **policy: Any) -> TokenKeeper:
    return TokenKeeper(
        "flagship",
        fetcher,
        store,
        credentials=CREDENTIALS,
        clock=clock,
        policy=TokenPolicy(**policy),
    )


def alone(fetcher: Any, hands: Hands, **policy: Any) -> TokenKeeper:
    clock = hands.clock()
    return keeper(fetcher, open_store("memory://", clock), clock, **policy)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_cold_start_asks_once() -> None:
    fetcher = Stable(wait=0.02)
    kept = alone(fetcher, Hands())
    assert kept.current() is None
    assert kept.generation == 0
    assert kept.token_expires_at is None
    tokens = await asyncio.gather(*(kept.token() for _ in range(200)))
    assert set(tokens) == {"token-1"}
    assert fetcher.asked == [False]
    assert kept.current() == "token-1"
    assert kept.generation == 1


async def test_tells_when_the_token_ends() -> None:
    hands = Hands()
    kept = alone(Stable(), hands)
    await kept.token()
    hands.time += 200
    assert kept.token_expires_at == hands.clock().now() + timedelta(seconds=7000)


async def test_a_caller_who_leaves_does_not_end_the_renewal() -> None:
    fetcher = Stable(wait=0.02)
    kept = alone(fetcher, Hands())
    first = asyncio.create_task(kept.token())
    second = asyncio.create_task(kept.token())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "token-1"
    assert fetcher.asked == [False]


@pytest.mark.parametrize(("chance", "ahead"), [(0.0, 300), (0.5, 450)])
async def test_is_renewed_ahead_while_the_old_one_serves(chance: float, ahead: int) -> None:
    fetcher = Stable()
    hands = Hands(chance=chance)
    kept = alone(fetcher, hands)
    await kept.token()
    hands.time += 7200 - ahead - 1
    assert kept.current() == "token-1"
    await settle()
    assert fetcher.asked == [False]
    hands.time += 1
    fetcher.number = 2
    assert kept.current() == "token-1"
    await settle()
    assert kept.current() == "token-2"
    assert fetcher.asked == [False, False]
    assert kept.generation == 2


async def test_the_rest_of_an_old_tokens_life_causes_no_storm() -> None:
    """stable_token gives the same token with 450 s left: the next renewal is well apart."""
    fetcher = Stable(expires_in=450.0)
    hands = Hands()
    kept = alone(fetcher, hands)
    await kept.token()
    for _ in range(337):
        hands.time += 1
        assert kept.current() == "token-1"
        await settle()
    assert fetcher.asked == [False]
    hands.time += 1
    kept.current()
    await settle()
    assert fetcher.asked == [False, False]
    assert kept.generation == 1


async def test_no_token_is_believed_to_live_longer_than_the_policy_says() -> None:
    hands = Hands()
    kept = alone(Stable(expires_in=2_592_000), hands, longest_life=7200.0)
    await kept.token()
    hands.time += 7200
    assert kept.current() is None


async def test_a_failing_platform_does_not_matter_while_a_token_lives() -> None:
    """B2, first half; and the attempts keep apart."""
    fetcher = Stable()
    hands = Hands(chance=0.5)
    kept = alone(fetcher, hands)
    await kept.token()
    fetcher.failures = [failure(PlatformUnavailable) for _ in range(100)]
    hands.time += 7200 - 450
    for _ in range(400):
        hands.time += 1
        assert await kept.token() == "token-1"
        await settle()
    assert 20 <= len(fetcher.asked) <= 40


async def test_a_failing_platform_is_told_when_no_token_lives() -> None:
    """B2, second half: typed, quick, and asked again after a pause."""
    fetcher = Stable()
    hands = Hands(chance=0.5)
    kept = alone(fetcher, hands)
    fetcher.failures = [failure(PlatformUnavailable)]
    for _ in range(3):
        with pytest.raises(PlatformUnavailable) as caught:
            await kept.token()
    assert fetcher.asked == [False]
    assert caught.value.retry_after == 0.25
    hands.time += 0.3
    assert await kept.token() == "token-1"


async def test_a_permanent_refusal_stands_for_half_a_minute() -> None:
    fetcher = Stable()
    hands = Hands()
    kept = alone(fetcher, hands)
    fetcher.failures = [failure(PlatformCredentials)] * 2
    for seconds in range(30):
        with pytest.raises(PlatformCredentials) as caught:
            await kept.token()
        assert caught.value.platform_code == "40013"
        assert caught.value.retry_after in {None, 30.0 - seconds}
        hands.time += 1
    assert fetcher.asked == [False]
    with pytest.raises(PlatformCredentials):
        await kept.token()
    assert fetcher.asked == [False, False]


async def test_many_who_report_the_same_token_cause_one_renewal() -> None:
    """B3: 500 calls were told 42001 at once; the platform has a new token ready."""
    fetcher = Stable(wait=0.01)
    kept = alone(fetcher, Hands())
    await kept.token()
    fetcher.number = 2
    others = await asyncio.gather(*(kept.report_bad("token-1") for _ in range(500)))
    assert set(others) == {"token-2"}
    assert fetcher.asked == [False, False]
    assert await kept.report_bad("token-1") == "token-2"
    assert fetcher.asked == [False, False]


async def test_a_token_that_the_platform_repeats_is_forced() -> None:
    fetcher = Stable()
    kept = alone(fetcher, Hands())
    await kept.token()
    assert await kept.report_bad("token-1") == "token-2"
    assert fetcher.asked == [False, False, True]


async def test_a_report_during_a_renewal_ahead_is_not_lost() -> None:
    fetcher = Stable(wait=0.01)
    hands = Hands()
    kept = alone(fetcher, hands)
    await kept.token()
    hands.time += 7200 - 300
    kept.current()
    assert await kept.report_bad("token-1") == "token-2"
    assert fetcher.asked == [False, False, False, True]


async def test_forced_renewals_are_half_a_minute_apart() -> None:
    """B4: a platform that refuses every token is forced once in 30 s."""
    fetcher = Stable()
    hands = Hands()
    kept = alone(fetcher, hands)
    bad = await kept.token()
    bad = await kept.report_bad(bad)
    for _ in range(29):
        hands.time += 1
        with pytest.raises(PlatformCredentials) as caught:
            await kept.report_bad(bad)
        assert caught.value.retry_after is not None
    assert fetcher.asked.count(True) == 1
    assert fetcher.asked.count(False) == 3
    hands.time += 1
    assert await kept.report_bad(bad) == "token-3"
    assert fetcher.asked.count(True) == 2


async def test_a_forced_renewal_that_brings_nothing_new_is_an_error() -> None:
    fetcher = Stable()
    fetcher.yields = False
    kept = alone(fetcher, Hands())
    await kept.token()
    with pytest.raises(PlatformCredentials, match="gives the same one again"):
        await kept.report_bad("token-1")
    assert kept.current() == "token-1"


async def test_forced_renewals_are_twenty_a_day() -> None:
    fetcher = Stable(expires_in=1e6)
    hands = Hands()
    kept = alone(fetcher, hands)
    token = await kept.token()
    for _ in range(20):
        hands.time += 31
        token = await kept.report_bad(token)
    hands.time += 31
    with pytest.raises(PlatformCredentials) as caught:
        await kept.report_bad(token)
    assert fetcher.asked.count(True) == 20
    assert caught.value.retry_after == 86_400 - 20 * 31
    hands.time += 86_400
    assert await kept.report_bad(token) == "token-22"


async def test_a_token_of_another_process_is_taken_over(redis_url: str) -> None:
    clock = Clock()
    stores = [open_store(redis_url, clock) for _ in range(2)]
    fetchers = [Stable(), Stable()]
    first, second = (
        keeper(fetcher, store, clock) for fetcher, store in zip(fetchers, stores, strict=True)
    )
    assert await first.token() == "token-1"
    assert await second.token() == "token-1"
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
    keepers = [keeper(fetcher, store, clock) for store in stores]
    tokens = await asyncio.gather(*(kept.token() for kept in keepers for _ in range(50)))
    assert set(tokens) == {"token-1"}
    assert fetcher.asked == [False]
    for store in stores:
        await store.aclose()


async def test_a_report_finds_the_newer_token_of_another_process(redis_url: str) -> None:
    clock = Clock()
    store = open_store(redis_url, clock)
    fetcher = Stable()
    first, second = keeper(fetcher, store, clock), keeper(fetcher, store, clock)
    await first.token()
    await second.token()
    assert await first.report_bad("token-1") == "token-2"
    asked = len(fetcher.asked)
    assert await second.report_bad("token-1") == "token-2"
    assert len(fetcher.asked) == asked
    assert second.generation == 2
    await store.aclose()


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


async def _until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - it waits for another process' doing
            await asyncio.sleep(0.005)


async def test_an_older_answer_never_replaces_a_newer_token(redis_url: str) -> None:
    """B5: the lock's lease runs out under a slow call, whose answer comes last."""
    clock = Clock()
    stores = [open_store(redis_url, clock) for _ in range(3)]
    platform = Numbered()
    slow = keeper(platform, stores[0], clock, lock_lease=0.1)
    quick = keeper(platform, stores[1], clock, lock_lease=5.0)
    late = asyncio.create_task(slow.token())
    await _until(lambda: len(platform.gates) == 1)
    soon = asyncio.create_task(quick.token())
    await _until(lambda: len(platform.gates) == 2)
    platform.gates[1].set()
    assert await soon == "token-2"
    platform.gates[0].set()
    assert await late == "token-2"
    assert await keeper(platform, stores[2], clock).token() == "token-2"
    for store in stores:
        await store.aclose()


async def test_the_next_takes_over_when_the_locks_holder_died(redis_url: str) -> None:
    """B5: within the lease."""
    clock = Clock()
    store = open_store(redis_url, clock)
    dead = keeper(Numbered(), store, clock, lock_lease=0.2)
    abandoned = asyncio.create_task(dead.token())
    await _until(lambda: dead._fetcher.gates)  # type: ignore[attr-defined] # noqa: SLF001
    fetcher = Stable()
    began = asyncio.get_running_loop().time()
    assert await keeper(fetcher, store, clock).token() == "token-1"
    assert asyncio.get_running_loop().time() - began < 1.0
    abandoned.cancel()
    await dead.aclose()
    await store.aclose()


async def test_without_redis_tokens_go_on(own_redis: RedisServer) -> None:
    """C1: killed while a token lives, and while none does."""
    hands = Hands()
    clock = hands.clock()
    store = open_store(own_redis.url, clock)
    fetcher = Stable()
    kept = keeper(fetcher, store, clock)
    await kept.token()
    own_redis.kill()
    assert await kept.token() == "token-1"
    assert await kept.report_bad("token-1") == "token-2"
    other = keeper(fetcher, store, clock)
    assert await other.token() == "token-2"
    hands.time += 1
    with pytest.raises(PlatformCredentials):
        await kept.report_bad("token-2")
    await store.aclose()


async def test_what_lies_in_redis_lives_no_longer_than_the_token(
    redis_server: RedisServer,
) -> None:
    store = open_store(redis_server.url)
    kept = keeper(Stable(expires_in=100.0), store, Clock())
    await kept.token()
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
    kept = keeper(fetcher, store, Clock())
    assert await kept.token() == "token-1"
    await store.aclose()


async def test_shows_no_token() -> None:
    kept = alone(Stable(), Hands())
    await kept.token()
    shown = f"{kept!r} {kept._held!r} {TokenGrant('token-1', 1.0)!r}"  # noqa: SLF001
    assert "token-1" not in shown


def test_a_fingerprint_tells_credentials_apart_without_telling_them() -> None:
    assert fingerprint("wx1", SECRET) == "5a649777eeb054fc"
    assert fingerprint("wx1", SECRET) != fingerprint("wx1" + SECRET[0], SECRET[1:])


async def test_closing_ends_the_renewal() -> None:
    fetcher = Stable(wait=60)
    kept = alone(fetcher, Hands())
    waiting = asyncio.create_task(kept.token())
    await settle()
    await kept.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
