"""Retry policy: exponential backoff with full jitter, and when a push becomes a dead letter."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.china_days import CHINA
from gateway.concurrency.clock import DAY
from gateway.errors import PlatformFailure
from gateway.ports import DeliveryResult, DeliveryStatus
from gateway.store.outbox import ClaimedPush, Settlement
from gateway.store.pushes import PushError

#: Seconds of retries after which a push is DEAD, a dead letter; time spent waiting for a quota does
#: not count.
LIFETIME: Final = DAY
#: The longest backoff between two attempts, in seconds.
MAX_BACKOFF: Final = 900.0
#: From this attempt on, 2**n seconds exceed every longest backoff.
_STEPS: Final = 32
#: The time zone of the platforms' days, by which their quotas are counted.
#: Seconds over which replicas spread the pushes that waited for a new day.
_SPREAD: Final = 600.0

#: A random number in [low, high).
Between = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Decides what follows an attempt; `between` is its randomness."""

    between: Between

    def settlement(self, push: ClaimedPush, result: DeliveryResult, now: float) -> Settlement:
        """The settlement of the attempt that ended now."""
        match result.result_status:
            case DeliveryStatus.DELIVERED:
                # Keep the error of the attempt before: it says why the delivery took so long.
                return Settlement(state="DELIVERED", error=push.last_error, delivered_at=now)
            case DeliveryStatus.REJECTED:
                return Settlement(state="REJECTED", error=_error(replace(result, lost=False)))
            case DeliveryStatus.UNKNOWN:
                return Settlement(state="OUTCOME_UNKNOWN", error=_error(result))
        waited = push.last_error.waited if push.last_error else 0.0
        if now - push.queued_at - waited >= LIFETIME:
            return Settlement(state="DEAD", error=_error(result))
        wait = result.failure.retry_after if result.failure else None
        if result.result_status is DeliveryStatus.LATER:
            pause = self._until_tomorrow(now) if wait is None else wait
            return _pending(result, now + pause, waited=waited + pause, held=True)
        pause = max(self.backoff(push.attempt), wait or 0)
        return _pending(result, now + pause, waited=waited, held=False)

    def backoff(self, attempt: int) -> float:
        """Seconds until the next attempt: random up to 2, 4, 8 …, at most MAX_BACKOFF."""
        return full_jitter(self.between, attempt, MAX_BACKOFF)

    def _until_tomorrow(self, now: float) -> float:
        here = datetime.fromtimestamp(now, UTC).astimezone(CHINA)
        midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - here).total_seconds() + self.between(0, _SPREAD)


def full_jitter(between: Between, attempt: int, longest: float) -> float:
    """Seconds until the next attempt: random up to 2, 4, 8 …, at most `longest`."""
    return between(0, min(2.0 ** min(attempt, _STEPS), longest))


def _pending(result: DeliveryResult, again_at: float, *, waited: float, held: bool) -> Settlement:
    error = _error(result, waited=waited, held=held)
    return Settlement(state="PENDING", error=error, next_attempt_at=again_at)


def _error(result: DeliveryResult, *, waited: float = 0.0, held: bool = False) -> PushError | None:
    failure = result.failure
    if failure is None:
        return None
    return PushError(
        endpoint=failure.endpoint,
        message=failure.message,
        told=None if failure.told == failure.message else failure.told,
        code=failure.platform_code,
        http_status=failure.http_status,
        request_id=failure.request_id,
        lost=result.lost or result.result_status is DeliveryStatus.UNKNOWN,
        held=held,
        waited=waited,
    )


def not_now(shop: str, reason: str, retry_after: float | None = None) -> DeliveryResult:
    """The result of an attempt that ended before anything was sent."""
    failure = PlatformFailure(
        reason, endpoint="outbox", shop=shop, retry_after=retry_after, sent=False
    )
    return DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failure)
