"""The spans of time in which orders are read."""

from datetime import date
from itertools import pairwise

import pytest

from gateway.china_days import midnight
from gateway.concurrency.clock import DAY
from gateway.platforms.wechat_store.adapter.order_windows import (
    Window,
    halves,
    narrowed,
    windows,
)

#: 2026-11-21 in China, at midnight.
TOMORROW = 1_795_190_400
TODAY = TOMORROW - DAY
#: 20:26:40 in China.
NOW = TODAY + 73_600


def test_midnight_is_china_s() -> None:
    assert midnight(date(2026, 11, 21)) == TOMORROW
    assert midnight(date(1970, 1, 1)) == -8 * 3600


def test_windows_double_back_to_the_first_day() -> None:
    since = TOMORROW - 100 * DAY

    assert list(windows(NOW, 10, since)) == [
        Window(TOMORROW - 10 * DAY, None),
        Window(TOMORROW - 30 * DAY, TOMORROW - 10 * DAY),
        Window(TOMORROW - 70 * DAY, TOMORROW - 30 * DAY),
        Window(since, TOMORROW - 70 * DAY),
    ]


@pytest.mark.parametrize(
    "now", [TODAY, NOW, TOMORROW - 1], ids=["midnight", "evening", "last-second"]
)
def test_windows_stand_still_for_a_day(now: int) -> None:
    assert next(windows(now, 90, 0)) == Window(TOMORROW - 90 * DAY, None)


def test_windows_move_with_the_day() -> None:
    assert next(windows(TOMORROW, 90, 0)) == Window(TOMORROW - 89 * DAY, None)


def test_windows_leave_no_gap_and_do_not_overlap() -> None:
    for newer, older in pairwise(windows(NOW, 7, 0)):
        assert older.end == newer.begin


@pytest.mark.parametrize("days", [1, 100], ids=["a-day", "exactly-as-long"])
def test_a_first_window_that_reaches_back_far_enough_is_the_last(days: int) -> None:
    assert list(windows(NOW, days, TOMORROW - DAY)) == [Window(TOMORROW - DAY, None)]


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        pytest.param(9, False, id="before"),
        pytest.param(10, True, id="the-begin"),
        pytest.param(19, True, id="inside"),
        pytest.param(20, False, id="the-end"),
    ],
)
def test_a_window_holds_its_begin_and_not_its_end(at: int, inside: bool) -> None:  # noqa: FBT001 - a case
    assert Window(10, 20).holds(at) is inside


def test_a_window_without_end_holds_the_future() -> None:
    assert Window(10, None).holds(10**12)


def test_narrowed_to_whole_days() -> None:
    window = Window(TOMORROW - 90 * DAY, None)

    assert narrowed(window, NOW - 3 * DAY, NOW - DAY) == Window(TODAY - 3 * DAY, TODAY)
    assert narrowed(window, NOW - 3 * DAY, None) == Window(TODAY - 3 * DAY, None)
    assert narrowed(window, None, NOW) == Window(TOMORROW - 90 * DAY, TOMORROW)
    assert narrowed(window, None, None) == window


def test_nothing_is_left_of_a_window_outside_the_limits() -> None:
    window = Window(TODAY - 9 * DAY, TODAY - 5 * DAY)

    assert narrowed(window, NOW - 5 * DAY, None) is None
    assert narrowed(window, None, NOW - 20 * DAY) is None
    assert narrowed(window, NOW, NOW - DAY) is None


def test_halves_meet_in_the_middle() -> None:
    assert halves(Window(0, 1000), NOW) == (Window(500, 1000), Window(0, 500))


def test_a_window_without_end_is_halved_between_its_begin_and_the_end_of_today() -> None:
    begin = TOMORROW - 90 * DAY

    assert halves(Window(begin, None), NOW) == (
        Window(TOMORROW - 45 * DAY, None),
        Window(begin, TOMORROW - 45 * DAY),
    )


def test_a_window_of_less_than_two_minutes_has_no_halves() -> None:
    assert halves(Window(0, 119), NOW) is None
    assert halves(Window(0, 120), NOW) == (Window(60, 120), Window(0, 60))
