"""Backlog of one operation of a shop: its scan, and the probes while its platform fails."""

from dataclasses import dataclass
from typing import Final

from gateway.outbox.retry_policy import MAX_BACKOFF, Between
from gateway.ports import DeliveryResult, DeliveryStatus
from gateway.store.outbox import START, Due, Position

#: Failed calls in a row after which one push at a time probes the platform.
_OPENS_AFTER: Final = 3
#: Seconds: the longest pause between two probes, unless the platform asks for a longer one.
_LONGEST_PAUSE: Final = 30.0
#: From this probe on, 2**n seconds exceed the longest pause.
_STEPS: Final = 5
#: Seconds between two passes over what waits for its backoff: a push that always fails, among
#: others that succeed, must not be tried without end.
_BETWEEN_PASSES: Final = 10.0

_ANSWERED: Final = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.REJECTED})
_FAILED: Final = frozenset({DeliveryStatus.AGAIN, DeliveryStatus.UNKNOWN})


@dataclass(slots=True)
class OperationBacklog:
    """What one process knows of the pushes of an operation that wait; `between` is its randomness.

    Closed: pushes are claimed in batches. Open, after calls that failed in a row: one push at a
    time is claimed as a probe, with growing pauses. The first call that is answered closes it, and
    begins a pass over all that waits for its backoff.
    """

    between: Between
    #: Where the next scan begins.
    position: Position = START
    _failures: int = 0
    _probes: int = 0
    _probe_at: float = 0.0
    _recovered: bool = False
    _pass_until: float | None = None
    _next_pass: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether only probes are claimed."""
        return self._failures >= _OPENS_AFTER

    def allowance(self, now: float, limit: int) -> int:
        """How many pushes may be claimed now, at most `limit`."""
        if not self.is_open:
            return limit
        return min(limit, 1) if now >= self._probe_at else 0

    def until(self, now: float) -> float | None:
        """The time up to which pushes are claimed before their backoff ends; None: none are."""
        if self._recovered and now >= self._next_pass:
            self._recovered = False
            self._pass_until, self._next_pass = now + MAX_BACKOFF, now + _BETWEEN_PASSES
            self.position = START
        return None if self.is_open else self._pass_until

    def scanned(self, due: Due, now: float, *, claimed: bool) -> None:
        """The next scan begins behind the pushes that were found; some of them may be claimed."""
        if self.is_open and claimed:
            # Nothing else is claimed until the probe has ended, or was lost with its claim.
            self._probe_at = now + _LONGEST_PAUSE
        if due.read_to is None:
            self._pass_until = None
        self.position = due.read_to or START

    def ended(self, results: list[DeliveryResult], now: float) -> bool:
        """Counts a call; True if it is the first one that was answered after others that failed."""
        statuses = {result.result_status for result in results}
        if statuses & _ANSWERED:
            recovered = self._failures > 0
            self._failures = self._probes = 0
            self._recovered = self._recovered or recovered
            return recovered
        if statuses & _FAILED:
            self._failures += 1
            if self.is_open:
                self._pause(results, now)
        return False

    def platform_answers(self) -> None:
        """Another operation's call was answered after a failure: this one may be tried again."""
        self._probe_at = 0.0
        self._recovered = self._recovered or self._failures > 0

    def _pause(self, results: list[DeliveryResult], now: float) -> None:
        asked = [result.failure.retry_after or 0.0 for result in results if result.failure]
        self._pass_until = None
        self._probes = min(self._probes + 1, _STEPS)
        pause = self.between(0.0, min(2.0**self._probes, _LONGEST_PAUSE))
        self._probe_at = now + max(pause, *asked, 0.0)
