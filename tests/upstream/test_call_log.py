"""The calls of a shop's platform in each minute of the last hour."""

from datetime import UTC, datetime

from gateway.concurrency.clock import Clock
from gateway.upstream.call_log import MINUTES, CallLog, MinuteOfCalls

#: 2026-11-30T12:00:00Z.
NOON = 1_796_040_000


class Wall:
    def __init__(self) -> None:
        self.at = float(NOON)

    def __call__(self) -> float:
        return self.at


def minute(seconds: int) -> datetime:
    return datetime.fromtimestamp(NOON + seconds, UTC)


def test_each_minute_counts_its_calls_and_their_times() -> None:
    wall = Wall()
    log = CallLog(Clock(wall=wall))
    for ms in range(1, 101):
        log.add("ok", ms / 1000)
    wall.at += 59.9
    log.add("timeout", 10.0)
    wall.at += 0.1
    log.add("rejected", 1.234)

    hour = log.last_hour()

    assert len(hour) == MINUTES
    assert hour[-2:] == [
        MinuteOfCalls(at=minute(0), calls=101, failed=1, median_ms=51, p95_ms=96),
        MinuteOfCalls(at=minute(60), calls=1, failed=0, median_ms=1200, p95_ms=1200),
    ]
    assert hour[0] == MinuteOfCalls(at=minute(-58 * 60))
    assert [one.at for one in hour] == sorted({one.at for one in hour})


def test_a_minute_is_forgotten_after_an_hour() -> None:
    wall = Wall()
    log = CallLog(Clock(wall=wall))
    log.add("unavailable", 0.001)

    wall.at += 59 * 60
    assert log.last_hour()[0] == MinuteOfCalls(
        at=minute(0), calls=1, failed=1, median_ms=1, p95_ms=1
    )

    wall.at += 60
    assert {one.calls for one in log.last_hour()} == {0}


def test_what_was_not_sent_is_no_call() -> None:
    log = CallLog(Clock(wall=Wall()))

    log.add("overloaded", 0.0)

    assert log.last_hour()[-1].calls == 0
