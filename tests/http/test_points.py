"""The purse of points that each caller has."""

import pytest

from gateway.errors import RateLimited
from gateway.http.points import Points


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_purse_never_holds_more_than_a_minutes_points() -> None:
    clock = Clock()
    points = Points(60, clock)
    points.spend("a", 10)
    clock.now = 3_600

    points.spend("a", 60)
    with pytest.raises(RateLimited) as refused:
        points.spend("a", 1)

    assert refused.value.retry_after == 1


def test_what_costs_more_than_a_full_purse_goes_and_leaves_a_debt() -> None:
    clock = Clock()
    points = Points(60, clock)

    points.spend("a", 90)
    with pytest.raises(RateLimited) as refused:
        points.spend("a", 1)

    assert refused.value.retry_after == 31


def test_a_refusal_takes_nothing() -> None:
    points = Points(60, Clock())
    points.spend("a", 50)

    with pytest.raises(RateLimited):
        points.spend("a", 20)

    points.spend("a", 10)


def test_of_many_callers_the_last_are_remembered() -> None:
    points = Points(60, Clock(), callers=2)
    for caller in ("a", "b", "c"):
        points.spend(caller, 60)

    points.spend("a", 60)
    with pytest.raises(RateLimited):
        points.spend("c", 1)
