"""How much of an operation's time a list takes, and each shop of it."""

import pytest

from gateway.ports import ReadOptions
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut


@pytest.mark.parametrize(
    ("list_deadline", "seconds", "calls_end"),
    [
        (None, 10.0, 1_009.5),
        # Of 30 s that have just begun.
        (1_024.0, 10.0, 1_009.5),
        (1_004.0, 4.0, 1_003.8),
        (999.0, 0.0, 1_000.0),
    ],
)
def test_a_shop_has_ten_seconds_and_no_more_than_is_left_of_the_lists(
    list_deadline: float | None, seconds: float, calls_end: float
) -> None:
    reading = ReadOptions(fresh=True, deadline=1_030.0, list_deadline=list_deadline)

    within, left = FanOut(Directory({}), lambda: 1_000.0).bounded(reading)

    assert left == seconds
    assert within.fresh
    assert within.deadline == pytest.approx(calls_end)
    assert within.probe_seconds == 0.5
