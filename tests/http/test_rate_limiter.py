"""The rate limiter: a token bucket of points for each caller."""

import asyncio
from secrets import token_hex

import pytest
from structlog.testing import capture_logs

from gateway.errors import RateLimited
from gateway.http.rate_limiter import Budget, RateLimiter
from gateway.http.rate_limiter_sync import rate_limiter_synced
from tests.fixtures_redis import RedisServer
from tests.waiting import eventually


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_never_holds_more_than_a_minutes_points() -> None:
    clock = Clock()
    points = RateLimiter(60, clock)
    points.spend("a", 10)
    clock.now = 3_600

    points.spend("a", 60)
    with pytest.raises(RateLimited) as refused:
        points.spend("a", 1)

    assert refused.value.retry_after == 1


def test_what_costs_more_than_a_full_bucket_goes_and_leaves_a_debt() -> None:
    clock = Clock()
    points = RateLimiter(60, clock)

    points.spend("a", 90)
    with pytest.raises(RateLimited) as refused:
        points.spend("a", 1)

    assert refused.value.retry_after == 31


def test_whoever_waits_as_told_is_admitted() -> None:
    clock = Clock()
    points = RateLimiter(60, clock)
    points.spend("a", 60)
    waits = []
    for _ in range(3):
        with pytest.raises(RateLimited) as refused:
            points.spend("a", 20)
        waits.append(refused.value.retry_after)

    # Each in its turn, though others come in between.
    assert waits == [20, 40, 60]
    for wait in waits:
        clock.now = wait
        points.spend("a", 20)
        with pytest.raises(RateLimited):
            points.spend("a", 1)


def test_a_turn_that_nobody_takes_is_given_back() -> None:
    clock = Clock()
    points = RateLimiter(60, clock)
    points.spend("a", 50)
    with pytest.raises(RateLimited):
        points.spend("a", 20)
    assert points.budget("a") == Budget(remaining=0, per_minute=60, full_in=70)

    clock.now = 10 + 5.5
    points.spend("a", 25)

    assert points.budget("a") == Budget(remaining=0, per_minute=60, full_in=60)


def test_no_more_turns_are_promised_than_a_minute_has_points_for() -> None:
    clock = Clock()
    points = RateLimiter(60, clock)
    points.spend("a", 60)
    waits = []
    for _ in range(6):
        with pytest.raises(RateLimited) as refused:
            points.spend("a", 20)
        waits.append(refused.value.retry_after)

    assert waits == [20, 40, 60, 80, 80, 80]


def test_what_was_not_used_is_given_back_to_all_processes() -> None:
    points = RateLimiter(60, Clock())
    points.share()

    points.spend("a", 50)
    points.give_back("a", 45)
    points.spend("b", 10)
    points.give_back("b", -5)

    assert points.take_spent() == {"a": 5, "b": 15}
    assert points.budget("a").remaining == 55
    assert points.budget("b").remaining == 45


def test_of_many_callers_the_last_are_remembered() -> None:
    points = RateLimiter(60, Clock(), callers=2)
    for caller in ("a", "b", "c"):
        points.spend(caller, 60)

    points.spend("a", 60)
    with pytest.raises(RateLimited):
        points.spend("c", 1)


async def heard(one: RateLimiter, other: RateLimiter) -> None:
    """Wait until what was spent at one so far is missed at the other.

    Reports come in their order, and get lost while Redis is away: so a new caller spends each time.
    """
    callers: list[str] = []

    def missed() -> bool:
        callers.append(token_hex(8))
        one.spend(callers[-1], 60)
        return any(is_refused(other, caller) for caller in callers)

    await eventually(missed)


def is_refused(limiter: RateLimiter, caller: str) -> bool:
    """Whether the caller has not a point left."""
    try:
        limiter.spend(caller, 1)
    except RateLimited:
        return True
    return False


async def test_what_is_spent_at_one_process_is_missed_at_the_others(
    own_redis: RedisServer,
) -> None:
    one, other, another = (RateLimiter(60, Clock()) for _ in range(3))
    async with (
        rate_limiter_synced(one, own_redis.url, every=0.05),
        rate_limiter_synced(other, own_redis.url, every=0.05),
    ):
        await heard(one, other)
        one.spend("a", 45)
        await heard(one, other)
        one.spend("a", 15)
        with pytest.raises(RateLimited) as refused:
            other.spend("a", 16)
        assert refused.value.retry_after == 1
        other.spend("b", 60)
        async with rate_limiter_synced(another, own_redis.url.replace("/0", "/1"), every=0.05):
            one.spend("e", 60)
            await heard(one, other)
            another.spend("e", 60)

        # Alone, each goes on by itself; and together once more when Redis is back.
        with capture_logs() as lines:
            own_redis.kill()
            await asyncio.sleep(0.2)
            one.spend("c", 60)
            await asyncio.sleep(0.2)
            other.spend("c", 60)
            own_redis.start()
            await heard(one, other)
        assert {line["event"] for line in lines} == {"background.task.failed"}
        one.spend("d", 60)
        await heard(one, other)
        with pytest.raises(RateLimited):
            other.spend("d", 1)


async def test_without_others_nothing_is_gathered() -> None:
    points = RateLimiter(60, Clock())
    async with rate_limiter_synced(points, "memory://"):
        points.spend("a", 5)

    assert points.take_spent() == {}
