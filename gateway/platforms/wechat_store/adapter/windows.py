"""The spans of time in which orders are read, from the newest backwards; all in unix seconds."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Final, NamedTuple

from gateway.concurrency.clock import DAY

#: The platform's days begin at midnight in China.
_CHINA: Final = 8 * 3_600
#: A span is not halved below this.
_SHORTEST: Final = 60


class Window(NamedTuple):
    """From `begin`, included, to `end`, not included; None: no end."""

    begin: int
    end: int | None

    def holds(self, at: float) -> bool:
        """Whether a moment lies in it."""
        return self.begin <= at and (self.end is None or at < self.end)


def windows(now: float, days: int, since: int) -> Iterator[Window]:
    """The spans back to `since`: the first of `days` days, each next one twice as long.

    Their bounds move once a day only, so that a question asked again is the same question.
    """
    begin, end, length = _floor(now) + DAY - days * DAY, None, days * DAY
    while True:
        yield Window(max(begin, since), end)
        if begin <= since:
            return
        length *= 2
        begin, end = begin - length, begin


def narrowed(window: Window, oldest: float | None, newest: float | None) -> Window | None:
    """What of a window lies between two moments, in whole days; None where nothing does."""
    begin, end = window
    if oldest is not None:
        begin = max(begin, _floor(oldest))
    if newest is not None:
        last = _floor(newest) + DAY
        end = last if end is None else min(end, last)
    return None if end is not None and end <= begin else Window(begin, end)


def halves(window: Window, now: float) -> tuple[Window, Window] | None:
    """The newer and the older half of a window; None where it is too short for halves.

    A window without end is halved between its begin and the end of today.
    """
    begin, end = window
    length = (_floor(now) + DAY if end is None else end) - begin
    if length < 2 * _SHORTEST:
        return None
    middle = begin + length // 2
    return Window(middle, end), Window(begin, middle)


def midnight(day: date) -> int:
    """When a day begins in China."""
    return int(datetime.combine(day, time(), UTC).timestamp()) - _CHINA


def _floor(at: float) -> int:
    return int(at + _CHINA) // DAY * DAY - _CHINA
