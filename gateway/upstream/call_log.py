"""Call log: how many calls a shop's platform got in each minute of the last hour, and how long."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from gateway.concurrency.clock import Clock

#: Minutes that are kept, the current one included.
MINUTES: Final = 60
_MINUTE: Final = 60
#: Outcomes after which the platform works: it did what was asked, or understood and refused it.
_FINE: Final = frozenset({"ok", "rejected", "cancelled"})
#: Times of 100 ms and more are kept with two digits, so that a minute has few different ones.
_EXACT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteOfCalls:
    """The calls of one minute, which begins at `at`; the times in ms are None without calls.

    `failed` are those without an answer, or with one that says that the platform does not work:
    that it is busy, past its quota, or refuses the credentials.
    """

    at: datetime
    calls: int = 0
    failed: int = 0
    median_ms: int | None = None
    p95_ms: int | None = None


@dataclass(slots=True)
class _Minute:
    number: int
    failed: int = 0
    times: Counter[int] = field(default_factory=Counter)


class CallLog:
    """The calls of one shop in this process, each attempt counted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minutes: deque[_Minute] = deque(maxlen=MINUTES)

    def add(self, outcome: str, seconds: float) -> None:
        """Adds a call that ended; `outcome` as for `UpstreamObserver.called`."""
        if outcome == "overloaded":
            # It was not sent.
            return
        number = int(self._clock.wall() // _MINUTE)
        if not self._minutes or self._minutes[-1].number != number:
            self._minutes.append(_Minute(number))
        minute = self._minutes[-1]
        minute.times[_rounded(seconds)] += 1
        minute.failed += outcome not in _FINE

    def last_hour(self) -> list[MinuteOfCalls]:
        """The last 60 minutes, the oldest first; the last one is not over yet."""
        known = {minute.number: minute for minute in self._minutes}
        now = int(self._clock.wall() // _MINUTE)
        hour = range(now - MINUTES + 1, now + 1)
        return [_shown(known.get(number) or _Minute(number)) for number in hour]


def _rounded(seconds: float) -> int:
    """Milliseconds, with two digits from 100 on."""
    ms = max(0, round(seconds * 1000))
    return ms if ms < _EXACT else round(ms, 2 - len(str(ms)))


def _shown(minute: _Minute) -> MinuteOfCalls:
    return MinuteOfCalls(
        at=datetime.fromtimestamp(minute.number * _MINUTE, UTC),
        calls=minute.times.total(),
        failed=minute.failed,
        median_ms=_percentile(minute.times, 50),
        p95_ms=_percentile(minute.times, 95),
    )


def _percentile(times: Counter[int], percent: int) -> int | None:
    """The time that so many percent of the calls took at most (the nearest rank)."""
    left = -(-times.total() * percent // 100)
    for ms, calls in sorted(times.items()):
        left -= calls
        if left <= 0:
            return ms
    return None
