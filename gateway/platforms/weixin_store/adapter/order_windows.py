"""Time windows in which orders are listed: a cell of six days, halved as often as is needed."""

from typing import Final, NamedTuple

from gateway.china_days import CHINA_OFFSET
from gateway.concurrency.clock import DAY

#: Seconds of the widest window: a list spans at most seven days, and one second more is asked for
#: on either side.
CELL: Final = 6 * DAY
#: How often a cell is halved, at most: to windows of about a minute.
MOST_HALVINGS: Final = 13


class Window(NamedTuple):
    """From `begin` (inclusive) to `end` (exclusive), in unix seconds."""

    begin: int
    end: int

    def holds(self, at: int) -> bool:
        """Whether a moment is in it."""
        return self.begin <= at < self.end


def window_before(moment: int, halvings: int) -> Window:
    """The window that ends at a moment, or holds the second before it.

    Its bounds do not depend on when it is asked for, so that a repeated request is identical.
    """
    length = CELL >> halvings
    cell = (moment - 1 + CHINA_OFFSET) // CELL * CELL - CHINA_OFFSET
    begin = cell + (moment - 1 - cell) // length * length
    return Window(begin, begin + length)
