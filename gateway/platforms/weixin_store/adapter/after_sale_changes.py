"""Changes of after-sales: which of those that were read before may still be shown."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from gateway.concurrency.clock import DAY
from gateway.errors import PlatformFailure
from gateway.ports import ReadOptions

#: Seconds before the last comparison from which on changes are listed again: clocks differ, and
#: the platform may list a change late.
_OVERLAP: Final = 120
#: How many changed after-sales are remembered; more make all be read anew.
_MOST: Final = 5_000

#: The ids of what changed from one unix second to another, both included; a day at most.
Lists = Callable[[int, int, ReadOptions], Awaitable[Sequence[str]]]


class AfterSaleChanges:
    """Remembers what changed, by the platform's lists of changes; only ids and times are kept."""

    def __init__(self, now: Callable[[], float], lists: Lists, lifetime: float) -> None:
        """`now` gives unix seconds; `lists` is asked once in `lifetime` seconds."""
        self._now = now
        self._lists = lists
        self._lifetime = lifetime
        #: All changes since then are known.
        self._known_from = 0.0
        self._compared_at: float | None = None
        #: When it was noticed, in unix seconds.
        self._changed: dict[str, float] = {}

    async def compare(self, reading: ReadOptions) -> None:
        """Asks the platform what changed since the last comparison, unless that was just now."""
        now, before = self._now(), self._compared_at
        if before is None or now - before > DAY - _OVERLAP - 1:
            self._known_from = now
        elif now - before < self._lifetime:
            return
        else:
            try:
                changed = await self._lists(int(before) - _OVERLAP, int(now), reading)
            except PlatformFailure:
                # All is read anew, or an older copy says that it is one.
                changed, self._known_from = (), now
            self._changed |= dict.fromkeys(changed, now)
            if len(self._changed) > _MOST:
                self._changed.clear()
                self._known_from = now
        self._compared_at = now

    def unchanged(self, own: str, read_at: datetime) -> bool:
        """Whether an after-sale that was read then has not changed since."""
        changed_at = self._changed.get(own, 0.0)
        return read_at.timestamp() >= max(self._known_from, changed_at)
