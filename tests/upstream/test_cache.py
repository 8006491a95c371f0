"""What the cache serves when, in one process and over several."""

import asyncio
import hashlib
from typing import Any

import pytest

from gateway.concurrency.clock import Clock
from gateway.errors import (
    PlatformCredentials,
    PlatformFailure,
    PlatformQuotaExceeded,
    PlatformRejected,
    PlatformTimeout,
    PlatformUnavailable,
)
from gateway.stale_reads import StaleReads
from gateway.store.crypto import Vault
from gateway.upstream.answer import AnswerState
from gateway.upstream.cache import AnswerCache, erase_shared_answers
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.shared_store import open_store
from tests.fixtures_redis import RedisServer
from tests.upstream.clients import PATIENT, QUICK, client_of, playing
from tests.upstream.rows import GOT, READ, WRITE, Ask, Hands
from tests.upstream.server import Raw, Received, Script, answer, in_turn, platform

OK = answer(GOT)
DOWN = answer("", 503)
ONCE = UpstreamLimits(connect_timeout=60.0, read_timeout=0.3, retries=0)

SEALER = Vault(bytes(32))


def numbered() -> Script:
    """Each answer tells how many there were before it."""
    count = iter(range(1, 1000))
    return lambda _: answer(f'{{"order":{{"order_id":"{next(count)}"}}}}')


def number(got: Any) -> str:
    order_id: str = got.value.order.order_id
    return order_id


@pytest.mark.parametrize(
    ("chance", "seconds", "state"),
    [
        (0.0, 59.9, AnswerState.CACHED),
        (0.0, 69.9, AnswerState.CACHED),
        (0.0, 70.1, AnswerState.LIVE),
        (1.0, 53.9, AnswerState.CACHED),
        (1.0, 64.1, AnswerState.LIVE),
    ],
)
async def test_an_answer_lives_as_long_as_its_class(
    chance: float, seconds: float, state: AnswerState
) -> None:
    """60 s, up to a tenth less by chance; ten more while it is read anew."""
    hands = Hands(chance=chance)
    async with playing(lambda _: OK, clock=hands.clock()) as (client, _):
        await client.call(READ, Ask())
        hands.time += seconds
        assert (await client.call(READ, Ask())).state is state


async def test_just_past_its_life_an_answer_is_served_and_read_anew_once() -> None:
    hands = Hands()
    async with playing(numbered(), clock=hands.clock()) as (client, played):
        await client.call(READ, Ask())
        hands.time += 61
        old = await asyncio.gather(*(client.call(READ, Ask()) for _ in range(50)))
        assert {(one.state, number(one)) for one in old} == {(AnswerState.CACHED, "1")}
        await asyncio.sleep(0.05)
        assert number(await client.call(READ, Ask())) == "2"
        assert len(played.received) == 2


async def test_a_renewal_in_the_background_that_fails_is_tried_again() -> None:
    hands = Hands()
    script = in_turn(OK, answer('{"errcode":40035}'), OK)
    async with playing(script, clock=hands.clock()) as (client, played):
        await client.call(READ, Ask())
        hands.time += 61
        for _ in range(2):
            assert (await client.call(READ, Ask())).state is AnswerState.CACHED
            await asyncio.sleep(0.05)
        assert len(played.received) == 3


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (DOWN, PlatformUnavailable),
        (answer('{"errcode":-1}'), PlatformUnavailable),
        (answer("<html>"), PlatformUnavailable),
        (Raw(b"", then="hang"), PlatformTimeout),
        (answer('{"errcode":45009}'), PlatformQuotaExceeded),
    ],
)
async def test_an_old_answer_stands_in_for_a_failing_platform(
    raw: Raw, kind: type[PlatformFailure]
) -> None:
    hands = Hands()
    async with playing(in_turn(OK, raw), limits=ONCE, clock=hands.clock()) as (client, _):
        first = await client.call(READ, Ask())
        hands.time += 3600
        stale = await client.call(READ, Ask())
        assert stale.state is AnswerState.STALE
        assert isinstance(stale.error, kind)
        assert stale.value is first.value
        assert stale.fetched_at == first.fetched_at


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (answer('{"errcode":40035}'), PlatformRejected),
        (answer('{"errcode":40013}'), PlatformCredentials),
        (answer("<html>", 403), PlatformCredentials),
    ],
)
async def test_no_old_answer_stands_in_for_a_refusal(raw: Raw, kind: type[PlatformFailure]) -> None:
    hands = Hands()
    async with playing(in_turn(OK, raw), clock=hands.clock()) as (client, _):
        await client.call(READ, Ask())
        hands.time += 3600
        with pytest.raises(kind):
            await client.call(READ, Ask())


async def test_no_old_answer_stands_in_where_none_may() -> None:
    hands = Hands()
    async with playing(in_turn(OK, DOWN), limits=ONCE, clock=hands.clock()) as (client, _):
        await client.call(READ, Ask())
        hands.time += 3600
        with pytest.raises(PlatformUnavailable):
            await client.call(READ, Ask(), strict=True)


async def test_a_stale_read_is_noted_for_those_who_gather() -> None:
    hands = Hands()
    async with playing(in_turn(OK, DOWN), limits=ONCE, clock=hands.clock()) as (client, _):
        with StaleReads() as before:
            first = await client.call(READ, Ask())
        hands.time += 3600
        with StaleReads() as gathered:
            stale = await client.call(READ, Ask())

        assert not before
        assert gathered.oldest == (client.shop, first.fetched_at, stale.error)


async def test_an_answer_that_is_too_old_stands_in_for_nothing() -> None:
    hands = Hands()
    clock = hands.clock()
    cache = AnswerCache(clock=clock, stale_if_error=100.0)
    async with playing(in_turn(OK, DOWN), limits=ONCE, clock=clock, cache=cache) as (client, _):
        await client.call(READ, Ask())
        hands.time += 159
        assert (await client.call(READ, Ask())).state is AnswerState.STALE
        hands.time += 2
        with pytest.raises(PlatformUnavailable):
            await client.call(READ, Ask())


async def test_errors_are_never_kept() -> None:
    script = in_turn(answer('{"errcode":40035}'), OK)
    async with playing(script) as (client, _):
        with pytest.raises(PlatformRejected):
            await client.call(READ, Ask())
        assert (await client.call(READ, Ask())).state is AnswerState.LIVE


async def test_a_write_voids_what_it_names_in_its_own_shop() -> None:
    cache = AnswerCache()
    async with (
        platform(numbered()) as played,
        client_of(played.url, cache=cache) as client,
        client_of(played.url, cache=cache, shop="other") as other,
    ):
        assert number(await client.call(READ, Ask())) == "1"
        assert number(await other.call(READ, Ask())) == "2"
        await client.call(WRITE, Ask())
        assert number(await client.call(READ, Ask())) == "4"
        assert number(await other.call(READ, Ask())) == "2"
        await other.invalidate("order.get")
        assert number(await other.call(READ, Ask())) == "5"
        await other.invalidate("something else")
        assert number(await other.call(READ, Ask())) == "5"


@pytest.mark.parametrize(
    "raw",
    [Raw(b"", then="reset"), Raw(b"", then="hang"), answer('{"errcode":40035}')],
    ids=["reset", "silence", "refused"],
)
async def test_a_write_that_failed_may_have_changed_something(raw: Raw) -> None:
    def script(request: Received) -> Raw:
        return raw if request.target == "/order/close" else OK

    async with playing(script, limits=QUICK if raw.then == "hang" else PATIENT) as (client, _):
        await client.call(READ, Ask())
        with pytest.raises(PlatformFailure):
            await client.call(WRITE, Ask())
        assert (await client.call(READ, Ask())).state is AnswerState.LIVE


async def test_a_cancelled_write_may_have_changed_something() -> None:
    def script(request: Received) -> Raw:
        return answer(GOT, wait=0.2 * (request.target == "/order/close"))

    async with playing(script) as (client, _):
        await client.call(READ, Ask())
        writing = asyncio.create_task(client.call(WRITE, Ask()))
        await asyncio.sleep(0.05)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert (await client.call(READ, Ask())).state is AnswerState.LIVE


async def test_a_read_that_began_before_a_write_is_neither_kept_nor_shared() -> None:
    left = iter([answer('{"order":{"order_id":"old"}}', wait=0.15), OK])

    def script(request: Received) -> Raw:
        return OK if request.target == "/order/close" else next(left)

    async with playing(script, limits=UpstreamLimits()) as (client, _):
        before = asyncio.create_task(client.call(READ, Ask()))
        await asyncio.sleep(0.05)
        await client.call(WRITE, Ask())
        assert number(await client.call(READ, Ask())) == "7"
        assert number(await before) == "old"
        assert number(await client.call(READ, Ask())) == "7"


async def test_what_was_voided_by_a_write_stands_in_for_nothing() -> None:
    async with playing(in_turn(OK, OK, DOWN), limits=ONCE) as (client, _):
        await client.call(READ, Ask())
        await client.call(WRITE, Ask())
        with pytest.raises(PlatformUnavailable):
            await client.call(READ, Ask())


# --- several processes


def replica(url: str, clock: Clock | None = None) -> AnswerCache:
    """A process' own cache over the shared store."""
    clock = clock or Clock()
    return AnswerCache(clock=clock, store=open_store(url, clock), sealer=SEALER)


async def closed(*caches: AnswerCache) -> None:
    for cache in caches:
        await cache.aclose()


async def test_an_answer_is_found_by_the_other_replicas(redis_url: str) -> None:
    caches = replica(redis_url), replica(redis_url)
    async with (
        platform(numbered()) as played,
        client_of(played.url, cache=caches[0]) as one,
        client_of(played.url, cache=caches[1]) as two,
    ):
        first = await one.call(READ, Ask())
        other = await two.call(READ, Ask())
        assert (other.state, number(other)) == (AnswerState.CACHED, "1")
        assert other.body == first.body
        assert abs((other.fetched_at - first.fetched_at).total_seconds()) < 0.001
        again = await two.call(READ, Ask())
        assert again.value is other.value
    await closed(*caches)


async def test_after_a_write_every_replica_shows_it(redis_url: str) -> None:
    caches = replica(redis_url), replica(redis_url)
    async with (
        platform(numbered()) as played,
        client_of(played.url, cache=caches[0]) as one,
        client_of(played.url, cache=caches[1]) as two,
    ):
        for turn in range(20):
            await one.call(READ, Ask())
            await two.call(READ, Ask())
            await two.call(WRITE, Ask())
            expected = str(2 * turn + 3)
            assert number(await one.call(READ, Ask())) == expected
            assert number(await two.call(READ, Ask())) == expected
    await closed(*caches)


async def test_reads_of_one_turn_share_one_round_trip_for_their_marks(
    redis_server: RedisServer,
) -> None:
    cache = replica(redis_server.url)
    async with playing(lambda _: OK, cache=cache) as (client, _):
        await client.call(READ, Ask())
        with redis_server.client() as looking:
            before: Any = looking.info("commandstats")
            await asyncio.gather(*(client.call(READ, Ask()) for _ in range(100)))
            after: Any = looking.info("commandstats")
    calls = after["cmdstat_mget"]["calls"] - before["cmdstat_mget"]["calls"]
    assert calls == 1
    await closed(cache)


async def test_what_another_version_left_is_read_anew(redis_server: RedisServer) -> None:
    caches = replica(redis_server.url), replica(redis_server.url)
    async with (
        platform(numbered()) as played,
        client_of(played.url, cache=caches[0]) as one,
        client_of(played.url, cache=caches[1]) as two,
    ):
        await one.call(READ, Ask())
        with redis_server.client() as looking:
            (key,) = looking.keys("answer:*")
            assert key.startswith(b"answer:flagship:order.get:")
            looking.set(key, b"\xc1")
        assert number(await two.call(READ, Ask())) == "2"
    await closed(*caches)


async def test_without_redis_calls_go_on(own_redis: RedisServer) -> None:
    """C1: killed, then back and empty; no call fails, and writes are seen throughout."""
    hands = Hands()
    cache = replica(own_redis.url, hands.clock())
    parts = {"cache": cache, "clock": hands.clock()}
    async with playing(numbered(), **parts) as (client, played):
        await client.call(READ, Ask())
        own_redis.kill()
        assert number(await client.call(READ, Ask())) == "1"
        await client.call(WRITE, Ask())
        assert number(await client.call(READ, Ask())) == "3"
        own_redis.start()
        hands.time += 2
        assert number(await client.call(READ, Ask())) == "3"
        with own_redis.client() as looking:
            assert looking.keys("generation:*") == [b"generation:flagship:orders"]
        assert len(played.received) == 3
    await closed(cache)


async def test_marks_that_redis_lost_are_written_again(redis_server: RedisServer) -> None:
    cache = replica(redis_server.url)
    async with playing(numbered(), cache=cache) as (client, _):
        await client.call(WRITE, Ask())
        assert number(await client.call(READ, Ask())) == "2"
        redis_server.empty()
        assert number(await client.call(READ, Ask())) == "2"
        assert number(await client.call(READ, Ask())) == "2"
        with redis_server.client() as looking:
            assert looking.keys("generation:*") == [b"generation:flagship:orders"]
    await closed(cache)


def connections_of(redis: RedisServer) -> int:
    """How many connections were made to it so far."""
    with redis.client() as looking:
        return int(looking.info("stats")["total_connections_received"])


async def test_a_redis_that_hangs_only_slows_down(own_redis: RedisServer) -> None:
    """C1: paused; one call waits half a second for it, all others in that second ask without it."""
    hands = Hands()
    cache = replica(own_redis.url, hands.clock())
    async with playing(numbered(), cache=cache, clock=hands.clock()) as (client, _):
        await client.call(READ, Ask())
        before = connections_of(own_redis)
        own_redis.pause()
        for _ in range(20):
            assert number(await client.call(READ, Ask())) == "1"
        await client.call(WRITE, Ask())
        assert number(await client.call(READ, Ask())) == "3"
        own_redis.resume()
        # What gives up waiting closes its connection: the one call made one more, for its second
        # try; the last is that of the count itself.
        assert connections_of(own_redis) - before <= 3
        hands.time += 1.1
        assert number(await client.call(READ, Ask())) == "3"
    await closed(cache)


async def test_the_shared_store_shows_neither_answers_nor_what_was_asked(
    redis_server: RedisServer,
) -> None:
    cache = replica(redis_server.url)
    async with playing(lambda _: answer('{"order":{"order_id":"canary"}}'), cache=cache) as (
        client,
        played,
    ):
        await client.call(READ, Ask(order_id="asked-for"))
        with redis_server.client() as looking:
            found: dict[bytes, bytes] = {name: looking.get(name) for name in looking.keys("*")}
            (name,) = [one for one in found if one.startswith(b"answer:")]
            lifetime: Any = looking.pttl(name)
    assert b"asked-for" in played.received[0].body
    whole = b"".join(found) + b"".join(found.values())
    assert b"canary" not in whole
    assert b"asked-for" not in whole
    assert hashlib.sha256(played.received[0].body).hexdigest()[:16].encode() not in whole
    # A minute, and at most an hour as a stand-in for failures.
    assert 3_600_000 < lifetime <= 3_660_000
    await closed(cache)


async def test_an_answer_sealed_with_another_key_is_read_anew(redis_url: str) -> None:
    other = AnswerCache(store=open_store(redis_url), sealer=Vault(b"\1" * 32), stale_if_error=10.0)
    caches = replica(redis_url), other
    async with (
        platform(numbered()) as played,
        client_of(played.url, cache=caches[0]) as one,
        client_of(played.url, cache=caches[1]) as two,
    ):
        assert number(await one.call(READ, Ask())) == "1"
        assert number(await two.call(READ, Ask())) == "2"
    await closed(*caches)


async def test_a_stand_in_from_the_shared_store_gets_no_younger(redis_url: str) -> None:
    hands = Hands()
    writer = replica(redis_url, hands.clock())
    async with playing(lambda _: OK, cache=writer, clock=hands.clock()) as (client, _):
        await client.call(READ, Ask())
    hands.time += 3_000.0
    clock = hands.clock()
    reader = AnswerCache(
        clock=clock, store=open_store(redis_url, clock), sealer=SEALER, stale_if_error=3_100.0
    )
    async with playing(in_turn(DOWN, DOWN), cache=reader, clock=clock, limits=ONCE) as (client, _):
        first = await client.call(READ, Ask())
        hands.time += 200.0
        with pytest.raises(PlatformUnavailable):
            await client.call(READ, Ask())
    assert first.state is AnswerState.STALE
    await closed(writer, reader)


async def test_a_shops_answers_are_erased_from_the_shared_store(redis_url: str) -> None:
    caches, store = (replica(redis_url), replica(redis_url)), open_store(redis_url)
    async with (
        platform(numbered()) as played,
        client_of(played.url, cache=caches[0]) as one,
        client_of(played.url, cache=caches[1]) as two,
    ):
        await one.call(READ, Ask())
        assert await erase_shared_answers(store, "flag") == 0
        assert await erase_shared_answers(store, "flagship") == 1
        assert number(await two.call(READ, Ask())) == "2"
        # What the first process holds itself it forgets on its own.
        assert number(await one.call(READ, Ask())) == "1"
        caches[0].forget()
        assert number(await one.call(READ, Ask())) == "2"
    await closed(*caches)
    await store.aclose()


def test_what_others_see_is_never_plain() -> None:
    with pytest.raises(ValueError, match="sealer"):
        AnswerCache(store=open_store("redis://127.0.0.1:1/0"))
