"""From what an attempt came to, to what is written down of it: when again, or why no more."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from gateway.concurrency.clock import DAY
from gateway.errors import PlatformFailure
from gateway.ports import DeliveryResult, DeliveryStatus
from gateway.store.outbox import ClaimedPush, Settlement
from gateway.store.pushes import PushError

#: Seconds after which nothing more is tried; those that passed waiting for a quota do not count.
LIFETIME: Final = DAY
#: The longest pause between two attempts, in seconds.
MOST_PAUSE: Final = 900.0
#: Beyond this, 2**n is past the longest pause.
_STEPS: Final = 10
#: Where the platforms' days begin.
_BEIJING: Final = timezone(timedelta(hours=8))
#: Seconds over which replicas spread what waited for a new day.
_SPREAD: Final = 600.0

#: A chance number in [low, high).
Between = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Decides with the chance it is given."""

    between: Between

    def settlement(self, push: ClaimedPush, outcome: DeliveryResult, now: float) -> Settlement:
        """What is written down of the attempt that ended just now."""
        match outcome.result_status:
            case DeliveryStatus.DELIVERED:
                # What went wrong before it stays: it tells why it took so long.
                return Settlement(state="DELIVERED", error=push.last_error, delivered_at=now)
            case DeliveryStatus.REJECTED:
                return Settlement(state="REJECTED", error=_error(replace(outcome, lost=False)))
            case DeliveryStatus.UNKNOWN:
                return Settlement(state="OUTCOME_UNKNOWN", error=_error(outcome))
        waited = push.last_error.waited if push.last_error else 0.0
        if now - push.queued_at - waited >= LIFETIME:
            return Settlement(state="DEAD", error=_error(outcome))
        wait = outcome.failure.retry_after if outcome.failure else None
        if outcome.result_status is DeliveryStatus.LATER:
            pause = self._until_tomorrow(now) if wait is None else wait
            return _pending(outcome, now + pause, waited=waited + pause, held=True)
        longest = MOST_PAUSE if push.attempt > _STEPS else min(2.0**push.attempt, MOST_PAUSE)
        pause = max(self.between(0, longest), wait or 0)
        return _pending(outcome, now + pause, waited=waited, held=False)

    def _until_tomorrow(self, now: float) -> float:
        here = datetime.fromtimestamp(now, UTC).astimezone(_BEIJING)
        midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - here).total_seconds() + self.between(0, _SPREAD)


def _pending(outcome: DeliveryResult, again_at: float, *, waited: float, held: bool) -> Settlement:
    error = _error(outcome, waited=waited, held=held)
    return Settlement(state="PENDING", error=error, next_attempt_at=again_at)


def _error(outcome: DeliveryResult, *, waited: float = 0.0, held: bool = False) -> PushError | None:
    failure = outcome.failure
    if failure is None:
        return None
    return PushError(
        endpoint=failure.endpoint,
        message=failure.message,
        code=failure.platform_code,
        http_status=failure.http_status,
        request_id=failure.request_id,
        lost=outcome.lost or outcome.result_status is DeliveryStatus.UNKNOWN,
        held=held,
        waited=waited,
    )


def not_now(shop: str, reason: str, retry_after: float | None = None) -> DeliveryResult:
    """The outcome of an attempt that ended before anything was sent."""
    failure = PlatformFailure(
        reason, endpoint="outbox", shop=shop, retry_after=retry_after, sent=False
    )
    return DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failure)
