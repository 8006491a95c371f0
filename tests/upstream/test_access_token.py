"""The token layer in one process: who asks the platform, how often, what serves meanwhile."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.errors import (
    PlatformConnectTimeout,
    PlatformCredentials,
    PlatformFailure,
    PlatformTimeout,
    PlatformUnavailable,
)
from gateway.upstream.access_token import AccessTokenCache, TokenGrant, fingerprint
from gateway.upstream.shared_store import open_store
from tests.upstream.rows import Hands, Listener
from tests.upstream.token_platforms import SECRET, Stable, cache_of


def failure(kind: type[PlatformFailure]) -> PlatformFailure:
    return kind("no", endpoint="stable_token", shop="flagship", platform_code="40013")


def alone(fetcher: Any, hands: Hands, **policy: Any) -> AccessTokenCache:
    clock = hands.clock()
    return cache_of(fetcher, open_store("memory://", clock), clock, **policy)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_cold_start_asks_once() -> None:
    fetcher = Stable(wait=0.02)
    kept = alone(fetcher, Hands())
    assert kept.current() is None
    assert kept.generation == 0
    assert kept.token_expires_at is None
    tokens = await asyncio.gather(*(kept.get() for _ in range(200)))
    assert set(tokens) == {"token-1"}
    assert fetcher.asked == [False]
    assert kept.current() == "token-1"
    assert kept.generation == 1


async def test_tells_when_the_token_ends() -> None:
    hands = Hands()
    kept = alone(Stable(), hands)
    await kept.get()
    hands.time += 200
    assert kept.token_expires_at == hands.clock().now() + timedelta(seconds=7000)


async def test_observers_hear_of_what_was_fetched_and_of_what_was_taken() -> None:
    hands, listener, fetcher = Hands(), Listener(), Stable()
    clock = hands.clock()
    store = open_store("memory://", clock)
    first = cache_of(fetcher, store, clock, listener)
    fetcher.failures = [failure(PlatformUnavailable), failure(PlatformCredentials)]
    for kind in (PlatformUnavailable, PlatformCredentials):
        with pytest.raises(kind):
            await first.get()
        hands.time += 31
    await first.get()
    hands.time += 200
    await first.refresh("token-1")
    hands.time += 100
    # Another process takes what the first one fetched.
    await cache_of(fetcher, store, clock, listener).get()

    assert fetcher.asked == [False, False, False, False, True]
    assert listener.fetches == [
        ("flagship", outcome) for outcome in ("failed", "refused", "ok", "ok", "ok")
    ]
    ends = [1_700_000_000.0 + 1_062 + 7200] + 2 * [1_700_000_000.0 + 1_262 + 7200]
    assert listener.tokens == [("flagship", end) for end in ends]


async def test_a_caller_who_leaves_does_not_end_the_refresh() -> None:
    fetcher = Stable(wait=0.02)
    kept = alone(fetcher, Hands())
    first = asyncio.create_task(kept.get())
    second = asyncio.create_task(kept.get())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "token-1"
    assert fetcher.asked == [False]


@pytest.mark.parametrize(("chance", "ahead"), [(0.0, 300), (0.5, 450)])
async def test_is_refreshed_ahead_while_the_old_one_serves(chance: float, ahead: int) -> None:
    fetcher = Stable()
    hands = Hands(chance=chance)
    kept = alone(fetcher, hands)
    await kept.get()
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
    """stable_token gives the same token with 450 s left: the next refresh is well apart."""
    fetcher = Stable(expires_in=450.0)
    hands = Hands()
    kept = alone(fetcher, hands)
    await kept.get()
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
    await kept.get()
    hands.time += 7200
    assert kept.current() is None


async def test_a_failing_platform_does_not_matter_while_a_token_lives() -> None:
    """B2, first half; and the attempts keep apart."""
    fetcher = Stable()
    hands = Hands(chance=0.5)
    kept = alone(fetcher, hands)
    await kept.get()
    fetcher.failures = [failure(PlatformUnavailable) for _ in range(100)]
    hands.time += 7200 - 450
    for _ in range(400):
        hands.time += 1
        assert await kept.get() == "token-1"
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
            await kept.get()
    assert fetcher.asked == [False]
    assert caught.value.retry_after == 0.25
    hands.time += 0.3
    assert await kept.get() == "token-1"


@pytest.mark.parametrize("kind", [PlatformTimeout, PlatformConnectTimeout])
async def test_a_token_call_that_timed_out_is_known_until_one_succeeds(
    kind: type[PlatformFailure],
) -> None:
    hands, fetcher = Hands(), Stable()
    kept = alone(fetcher, hands)
    assert not kept.unresponsive
    for one in (kind, PlatformUnavailable):
        fetcher.failures = [failure(one)]
        with pytest.raises(one):
            await kept.get()
        assert kept.unresponsive
        hands.time += 31
    await kept.get()
    assert not kept.unresponsive


async def test_a_failure_that_took_no_time_is_no_reason_not_to_wait() -> None:
    fetcher = Stable()
    kept = alone(fetcher, Hands())
    fetcher.failures = [failure(PlatformUnavailable)]
    with pytest.raises(PlatformUnavailable):
        await kept.get()
    assert not kept.unresponsive


async def test_a_refresh_that_takes_long_is_known_while_it_goes_on() -> None:
    hands, fetcher = Hands(), Stable(wait=0.05)
    kept = alone(fetcher, hands)
    asking = asyncio.create_task(kept.get())
    await settle()
    hands.time += 2.9
    assert not kept.unresponsive
    hands.time += 0.1
    assert kept.unresponsive
    await asking
    assert not kept.unresponsive


async def test_a_permanent_refusal_stands_for_half_a_minute() -> None:
    fetcher = Stable()
    hands = Hands()
    kept = alone(fetcher, hands)
    fetcher.failures = [failure(PlatformCredentials)] * 2
    for seconds in range(30):
        with pytest.raises(PlatformCredentials) as caught:
            await kept.get()
        assert caught.value.platform_code == "40013"
        assert caught.value.retry_after in {None, 30.0 - seconds}
        hands.time += 1
    assert fetcher.asked == [False]
    with pytest.raises(PlatformCredentials):
        await kept.get()
    assert fetcher.asked == [False, False]


async def test_many_who_report_the_same_token_cause_one_refresh() -> None:
    """B3: 500 calls were told 42001 at once; the platform has a new token ready."""
    fetcher = Stable(wait=0.01)
    kept = alone(fetcher, Hands())
    await kept.get()
    fetcher.number = 2
    others = await asyncio.gather(*(kept.refresh("token-1") for _ in range(500)))
    assert set(others) == {"token-2"}
    assert fetcher.asked == [False, False]
    assert await kept.refresh("token-1") == "token-2"
    assert fetcher.asked == [False, False]


async def test_a_token_that_the_platform_repeats_is_forced() -> None:
    fetcher = Stable()
    kept = alone(fetcher, Hands())
    await kept.get()
    assert await kept.refresh("token-1") == "token-2"
    assert fetcher.asked == [False, False, True]


async def test_a_report_during_a_refresh_ahead_is_not_lost() -> None:
    fetcher = Stable(wait=0.01)
    hands = Hands()
    kept = alone(fetcher, hands)
    await kept.get()
    hands.time += 7200 - 300
    kept.current()
    assert await kept.refresh("token-1") == "token-2"
    assert fetcher.asked == [False, False, False, True]


async def test_forced_refreshes_are_half_a_minute_apart() -> None:
    """B4: a platform that refuses every token is forced once in 30 s."""
    fetcher = Stable()
    hands = Hands()
    kept = alone(fetcher, hands)
    bad = await kept.get()
    bad = await kept.refresh(bad)
    for _ in range(29):
        hands.time += 1
        with pytest.raises(PlatformCredentials) as caught:
            await kept.refresh(bad)
        assert caught.value.retry_after is not None
    assert fetcher.asked.count(True) == 1
    assert fetcher.asked.count(False) == 3
    hands.time += 1
    assert await kept.refresh(bad) == "token-3"
    assert fetcher.asked.count(True) == 2


async def test_a_forced_refresh_that_brings_nothing_new_is_an_error() -> None:
    fetcher = Stable()
    fetcher.yields = False
    kept = alone(fetcher, Hands())
    await kept.get()
    with pytest.raises(PlatformCredentials, match="gives the same one again"):
        await kept.refresh("token-1")
    assert kept.current() == "token-1"


async def test_forced_refreshes_are_twenty_a_day() -> None:
    fetcher = Stable(expires_in=1e6)
    hands = Hands()
    kept = alone(fetcher, hands)
    token = await kept.get()
    for _ in range(20):
        hands.time += 31
        token = await kept.refresh(token)
    hands.time += 31
    with pytest.raises(PlatformCredentials) as caught:
        await kept.refresh(token)
    assert fetcher.asked.count(True) == 20
    assert caught.value.retry_after == 86_400 - 20 * 31
    hands.time += 86_400
    assert await kept.refresh(token) == "token-22"


async def test_shows_no_token() -> None:
    kept = alone(Stable(), Hands())
    await kept.get()
    shown = f"{kept!r} {kept._held!r} {TokenGrant('token-1', 1.0)!r}"  # noqa: SLF001
    assert "token-1" not in shown


def test_a_fingerprint_tells_credentials_apart_without_telling_them() -> None:
    assert fingerprint("wx1", SECRET) == "5a649777eeb054fc"
    assert fingerprint("wx1", SECRET) != fingerprint("wx1" + SECRET[0], SECRET[1:])


async def test_an_unexpected_error_is_logged_and_the_old_token_serves() -> None:
    fetcher = Stable()
    hands = Hands()
    kept = alone(fetcher, hands)
    await kept.get()
    error = ZeroDivisionError()
    fetcher.failures = [error, error]
    hands.time += 7200 - 300
    with capture_logs() as lines:
        for _ in range(3):
            assert kept.current() == "token-1"
            await settle()
            hands.time += 15
        assert kept.current() == "token-1"
        await settle()

    assert fetcher.asked == [False, False, False]
    assert lines == 2 * [
        {
            "event": "access_token.refresh.failed",
            "log_level": "error",
            "message": "The access token could not be refreshed.",
            "shop": "flagship",
            "exc_info": error,
        }
    ]


async def test_closing_ends_the_refresh() -> None:
    fetcher = Stable(wait=60)
    kept = alone(fetcher, Hands())
    waiting = asyncio.create_task(kept.get())
    await settle()
    await kept.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_pauses_between_failed_calls_double_up_to_half_a_minute() -> None:
    fetcher = Stable()
    hands = Hands(chance=1.0)
    kept = alone(fetcher, hands)
    pauses = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    fetcher.failures = [failure(PlatformUnavailable) for _ in pauses]

    for pause in pauses:
        with pytest.raises(PlatformUnavailable):
            await kept.get()
        with pytest.raises(PlatformUnavailable) as told:
            await kept.get()
        assert told.value.retry_after == pytest.approx(pause)
        hands.time += pause

    assert fetcher.asked == [False] * len(pauses)
    assert await kept.get() == "token-1"


async def test_a_token_whose_life_has_just_ended_replaces_no_other() -> None:
    hands, fetcher = Hands(), Stable(expires_in=100.0)
    kept = alone(fetcher, hands)
    await kept.get()
    hands.time += 100.0
    fetcher.number = 2

    assert await kept.refresh("a token of long ago") == "token-2"
    assert fetcher.asked == [False, False]
