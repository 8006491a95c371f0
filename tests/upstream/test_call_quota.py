"""A shop's calls stay within its platform's quota, and background work leaves room to callers."""

import asyncio

import pytest

from gateway.concurrency.clock import DAY, Clock
from gateway.errors import PlatformQuotaExceeded
from gateway.platform_calls import background_platform_calls
from gateway.upstream.call_quota import CallQuota
from tests.upstream.clients import playing
from tests.upstream.rows import READ, Ask, Listener
from tests.upstream.server import answer

#: 2026-11-20 12:26:40 UTC, which is 20 seconds before a minute, and 20:26:40 in China.
NOW = 1_795_177_600


class Time:
    """A time that passes in sleeps only."""

    def __init__(self) -> None:
        self.at = float(NOW)

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)

    def clock(self) -> Clock:
        return Clock(wall=lambda: self.at, monotonic=lambda: self.at, sleep=self.sleep)


def refused(quota: CallQuota) -> PlatformQuotaExceeded:
    with pytest.raises(PlatformQuotaExceeded) as caught:
        quota.count("order.get")
    return caught.value


def test_a_call_above_the_minute_s_quota_is_refused_until_the_next_minute() -> None:
    time = Time()
    quota = CallQuota("weixin", 2, 100, time.clock())
    quota.count("order.get")
    quota.count("order.get")

    failure = refused(quota)

    assert failure.message == "order.get: the shop's calls of this minute are used up"
    assert (failure.shop, failure.sent, failure.retry_after) == ("weixin", False, 20.0)
    time.at += 20
    quota.count("order.get")


def test_a_call_above_the_day_s_quota_is_refused_until_midnight_in_china() -> None:
    time = Time()
    quota = CallQuota("weixin", 100, 1, time.clock())
    quota.count("order.get")

    failure = refused(quota)

    assert failure.message == "order.get: the shop's calls of this day are used up"
    assert failure.retry_after == DAY - (20 * 3_600 + 26 * 60 + 40)
    assert failure.retry_after is not None
    time.at += failure.retry_after
    quota.count("order.get")


async def test_background_work_is_spread_over_half_of_each_minute_s_quota() -> None:
    time = Time()
    quota = CallQuota("weixin", 120, 10_000, time.clock())

    with background_platform_calls():
        for _ in range(60):
            await quota.admit("order.get")
            quota.count("order.get")

    assert time.at == NOW + 60


async def test_a_caller_does_not_wait_for_background_work() -> None:
    time = Time()
    quota = CallQuota("weixin", 2, 10_000, time.clock())
    with background_platform_calls():
        await quota.admit("order.get")
    waited = time.at

    await quota.admit("order.get")

    assert time.at == waited


async def test_background_work_has_half_of_the_day_s_quota() -> None:
    time = Time()
    quota = CallQuota("weixin", 6_000, 4, time.clock())

    with background_platform_calls():
        for _ in range(2):
            await quota.admit("order.get")
            quota.count("order.get")
        with pytest.raises(PlatformQuotaExceeded) as caught:
            await quota.admit("order.get")

    assert caught.value.message == "order.get: the shop's calls of this day are used up"
    quota.count("order.get")
    quota.count("order.get")
    refused(quota)


async def test_a_client_sends_no_call_above_the_quota() -> None:
    clock = Time().clock()
    quota = CallQuota("flagship", 1, 10, clock)

    async with playing(lambda _: answer('{"errcode":0}'), quota=quota) as (client, played):
        await client.call(READ, Ask(order_id="1"), fresh=True)
        with pytest.raises(PlatformQuotaExceeded):
            await client.call(READ, Ask(order_id="2"), fresh=True)
        assert len(played.received) == 1


async def test_the_wait_of_background_work_is_not_of_its_call_s_time() -> None:
    time = Time()
    quota = CallQuota("flagship", 1, 10, time.clock())

    async with playing(lambda _: answer('{"errcode":0}'), quota=quota, clock=time.clock()) as (
        client,
        played,
    ):
        with background_platform_calls():
            # Two minutes, which is more than a call may take.
            await client.call(READ, Ask(order_id="1"), fresh=True)
        assert len(played.received) == 1
    assert time.at == NOW + 120


def test_an_observer_hears_what_is_used_and_of_a_new_day() -> None:
    time, listener = Time(), Listener()
    quota = CallQuota("weixin", 2, 100, time.clock(), listener)
    quota.count("order.get")
    quota.count("order.get")
    assert listener.quotas[-2:] == [("weixin", "minute", 2, 2), ("weixin", "day", 2, 100)]

    time.at += DAY
    quota.count("order.get")

    assert listener.quotas[-4:] == [
        ("weixin", "minute", 0, 2),
        ("weixin", "day", 0, 100),
        ("weixin", "minute", 1, 2),
        ("weixin", "day", 1, 100),
    ]
