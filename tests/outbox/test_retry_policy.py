"""What is written down of an attempt: when again, and when no more."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import (
    PlatformCredentials,
    PlatformFailure,
    PlatformMalformed,
    PlatformQuotaExceeded,
    PlatformRejected,
    PlatformTimeout,
    PlatformUnavailable,
)
from gateway.outbox.delivery import DELIVERED, refused, result_of
from gateway.outbox.retry_policy import LIFETIME, RetryPolicy, not_now
from gateway.platforms.baidu.endpoints import ADD_ORDER, APPEND_AFTER_SALES
from gateway.platforms.mini_program import endpoints as mini
from gateway.ports import DeliveryResult, DeliveryStatus
from gateway.store.outbox import ClaimedPush, Settlement
from gateway.store.pushes import PushError
from gateway.upstream.endpoint import LostAnswer

#: 2024-01-31 16:00 in Beijing.
NOW = 1_706_688_000.0
HIGHEST = RetryPolicy(lambda _low, high: high)


def push(**changes: Any) -> ClaimedPush:
    facts: dict[str, Any] = {
        "id": 1,
        "shop": "swan",
        "operation": "ORDER_IMPORT",
        "state": "PENDING",
        "aggregate": "order/1",
        "order_id": "1",
        "version": 1,
        "payload": "{}",
        "personal": None,
        "queued_at": NOW - 10,
        "attempt": 1,
        "last_error": None,
        "lost": False,
    }
    return ClaimedPush(**facts | changes)


def failed(kind: type[PlatformFailure] = PlatformUnavailable, **more: Any) -> PlatformFailure:
    return kind("no", endpoint="add.main.info", shop="swan", **more)


def test_what_was_delivered_is_done() -> None:
    assert HIGHEST.settlement(push(), DELIVERED, NOW) == Settlement(
        state="DELIVERED", delivered_at=NOW
    )


def test_what_went_wrong_before_a_delivery_stays() -> None:
    error = PushError(endpoint="add.main.info", message="down", http_status=503)

    settlement = HIGHEST.settlement(push(last_error=error), DELIVERED, NOW)

    assert settlement == Settlement(state="DELIVERED", error=error, delivered_at=NOW)


def test_what_was_refused_is_not_tried_again() -> None:
    outcome = refused("swan", "no", "add.main.info", "72001")

    assert HIGHEST.settlement(push(), outcome, NOW) == Settlement(
        state="REJECTED",
        error=PushError(endpoint="add.main.info", message="no", code="72001"),
    )


def test_what_nobody_knows_is_not_tried_again() -> None:
    outcome = DeliveryResult(
        result_status=DeliveryStatus.UNKNOWN, failure=failed(PlatformTimeout), lost=True
    )

    settlement = HIGHEST.settlement(push(), outcome, NOW)

    assert settlement.state == "OUTCOME_UNKNOWN"
    assert settlement.error is not None
    assert settlement.error.lost


@pytest.mark.parametrize(
    ("attempt", "pause"), [(1, 2), (2, 4), (9, 512), (10, 900), (11, 900), (5_000, 900)]
)
def test_pauses_grow_to_a_quarter_of_an_hour(attempt: int, pause: float) -> None:
    outcome = DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failed())

    settlement = HIGHEST.settlement(push(attempt=attempt), outcome, NOW)

    assert settlement == Settlement(
        state="PENDING",
        error=PushError(endpoint="add.main.info", message="no"),
        next_attempt_at=NOW + pause,
    )


def test_a_pause_is_any_time_up_to_the_longest() -> None:
    outcome = DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failed())
    asked: list[tuple[float, float]] = []

    def lowest(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    assert RetryPolicy(lowest).settlement(push(attempt=3), outcome, NOW).next_attempt_at == NOW
    assert asked == [(0, 8)]


def test_a_pause_is_no_shorter_than_the_platform_wants() -> None:
    outcome = DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failed(retry_after=30.0))

    assert HIGHEST.settlement(push(), outcome, NOW).next_attempt_at == NOW + 30


def test_a_spent_quota_waits_for_the_next_day() -> None:
    outcome = DeliveryResult(
        result_status=DeliveryStatus.LATER, failure=failed(PlatformQuotaExceeded)
    )

    settlement = HIGHEST.settlement(push(), outcome, NOW)

    assert settlement.next_attempt_at == NOW + 8 * 3600 + 600
    assert settlement.error is not None
    assert settlement.error.held


def test_the_pushes_of_a_new_day_are_spread_over_ten_minutes() -> None:
    outcome = DeliveryResult(
        result_status=DeliveryStatus.LATER, failure=failed(PlatformQuotaExceeded)
    )
    asked: list[tuple[float, float]] = []

    def lowest(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    settlement = RetryPolicy(lowest).settlement(push(), outcome, NOW + 61.5)

    assert settlement.next_attempt_at == NOW + 8 * 3600
    assert asked == [(0, 600)]


def test_a_spent_quota_waits_as_long_as_the_platform_says() -> None:
    outcome = DeliveryResult(
        result_status=DeliveryStatus.LATER, failure=failed(PlatformQuotaExceeded, retry_after=60.0)
    )

    assert HIGHEST.settlement(push(), outcome, NOW).next_attempt_at == NOW + 60


@pytest.mark.parametrize(
    ("result_status", "queued_at", "state"),
    [
        (DeliveryStatus.AGAIN, NOW - 60, "PENDING"),
        (DeliveryStatus.LATER, NOW - LIFETIME, "DEAD"),
        (DeliveryStatus.UNKNOWN, NOW - 60, "OUTCOME_UNKNOWN"),
        (DeliveryStatus.REJECTED, NOW - 60, "REJECTED"),
    ],
)
def test_what_the_platform_answered_stays_with_the_push(
    result_status: DeliveryStatus, queued_at: float, state: str
) -> None:
    failure = failed(platform_code="71003", http_status=502, request_id="5f2c-11")
    outcome = DeliveryResult(result_status=result_status, failure=failure)

    settlement = HIGHEST.settlement(push(queued_at=queued_at), outcome, NOW)

    assert settlement.state == state
    assert settlement.error is not None
    assert (
        settlement.error.code,
        settlement.error.http_status,
        settlement.error.request_id,
        settlement.error.held,
        settlement.error.waited,
    ) == ("71003", 502, "5f2c-11", False, 0.0)


def test_an_attempt_before_anything_was_sent_is_repeated_and_loses_nothing() -> None:
    outcome = not_now("swan", "the queue is full", 17.5)

    assert outcome.result_status is DeliveryStatus.AGAIN
    assert outcome.failure is not None
    assert (outcome.failure.endpoint, outcome.failure.shop) == ("outbox", "swan")
    assert not outcome.failure.sent
    assert HIGHEST.settlement(push(), outcome, NOW) == Settlement(
        state="PENDING",
        error=PushError(endpoint="outbox", message="the queue is full"),
        next_attempt_at=NOW + 17.5,
    )


def test_a_spent_quota_is_held_for_as_long_as_its_pause() -> None:
    outcome = DeliveryResult(
        result_status=DeliveryStatus.LATER, failure=failed(PlatformQuotaExceeded, retry_after=90.0)
    )

    settlement = HIGHEST.settlement(push(), outcome, NOW)

    assert settlement.error is not None
    assert (settlement.error.held, settlement.error.waited) == (True, 90.0)


@pytest.mark.parametrize("result_status", [DeliveryStatus.AGAIN, DeliveryStatus.LATER])
def test_after_a_day_a_push_is_dead(result_status: DeliveryStatus) -> None:
    outcome = DeliveryResult(result_status=result_status, failure=failed())

    old = push(queued_at=NOW - LIFETIME, attempt=120)
    settlement = HIGHEST.settlement(old, outcome, NOW)

    assert settlement == Settlement(
        state="DEAD", error=PushError(endpoint="add.main.info", message="no")
    )


def test_the_wait_for_a_quota_does_not_count_against_the_day() -> None:
    spent = DeliveryResult(
        result_status=DeliveryStatus.LATER,
        failure=failed(PlatformQuotaExceeded, retry_after=LIFETIME),
    )
    down = DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failed())

    waiting = HIGHEST.settlement(push(queued_at=NOW - 10), spent, NOW)
    assert waiting.error is not None
    assert waiting.error.waited == LIFETIME
    tomorrow = NOW + LIFETIME
    again = HIGHEST.settlement(push(last_error=waiting.error), down, tomorrow)
    assert (again.state, again.next_attempt_at) == ("PENDING", tomorrow + 2)
    assert again.error == PushError(endpoint="add.main.info", message="no", waited=LIFETIME)

    # Two days of waiting are two days, and everything else still makes one.
    longer = HIGHEST.settlement(push(last_error=again.error), spent, tomorrow)
    assert longer.error is not None
    assert longer.error.waited == 2 * LIFETIME
    last = push(last_error=longer.error)
    at = last.queued_at + 3 * LIFETIME
    assert HIGHEST.settlement(last, down, at - 1).state == "PENDING"
    assert HIGHEST.settlement(last, down, at).state == "DEAD"


@pytest.mark.parametrize(
    ("failure", "result_status"),
    [
        (failed(PlatformRejected), DeliveryStatus.REJECTED),
        (failed(PlatformQuotaExceeded), DeliveryStatus.LATER),
        (failed(PlatformCredentials), DeliveryStatus.AGAIN),
        (failed(PlatformUnavailable, platform_code="-1"), DeliveryStatus.AGAIN),
        (failed(PlatformUnavailable, sent=False), DeliveryStatus.AGAIN),
        (failed(PlatformTimeout, sent=False), DeliveryStatus.AGAIN),
    ],
)
def test_a_failure_with_an_answer_or_unsent_loses_nothing(
    failure: PlatformFailure, result_status: DeliveryStatus
) -> None:
    for row in (ADD_ORDER, APPEND_AFTER_SALES, mini.ADD_ORDER):
        assert result_of(failure, row) == DeliveryResult(
            result_status=result_status, failure=failure
        )


@pytest.mark.parametrize("kind", [PlatformUnavailable, PlatformTimeout, PlatformMalformed])
def test_a_lost_answer_is_what_its_row_says(kind: type[PlatformFailure]) -> None:
    failure = failed(kind)

    assert result_of(failure, ADD_ORDER) == DeliveryResult(
        result_status=DeliveryStatus.AGAIN, failure=failure
    )
    assert result_of(failure, APPEND_AFTER_SALES) == DeliveryResult(
        result_status=DeliveryStatus.AGAIN, failure=failure, lost=True
    )
    assert result_of(failure, mini.ADD_ORDER) == DeliveryResult(
        result_status=DeliveryStatus.AGAIN, failure=failure, lost=True
    )
    by_default = replace(mini.ADD_ORDER, after_lost_answer=LostAnswer.UNKNOWN)
    assert result_of(failure, by_default) == DeliveryResult(
        result_status=DeliveryStatus.UNKNOWN, failure=failure, lost=True
    )
