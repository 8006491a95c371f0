"""Feed of platform health, as far as this process has called the platforms."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.concurrency.broadcast import Broadcast
from gateway.ports import Adapter, HealthNow
from schema.platform import Availability
from schema.shop import Shop

#: Seconds between two polls; a poll makes no call.
POLL: Final = 0.5
#: Changes kept for followers who are slow; one that is slower misses the oldest.
_KEPT: Final = 1_000


class HealthChange(NamedTuple):
    """A shop whose availability or last error changed; numbers begin at 1 and have no gaps."""

    number: int
    shop: Shop


class _Health(NamedTuple):
    """The part of the health whose change is reported; the time of a call is not."""

    availability: Availability
    error: tuple[str, str, str | None] | None


class HealthFeed:
    """Gives the changes of all shops to any number of followers, by one poll for all."""

    def __init__(
        self,
        adapters: Sequence[Adapter],
        *,
        poll: float = POLL,
        supervision: Supervision | None = None,
    ) -> None:
        self._adapters = adapters
        self._every = poll
        self._known: Mapping[str, _Health] = {}
        self._recent: deque[HealthChange] = deque(maxlen=_KEPT)
        self._arrivals = Broadcast()
        self._poller = BackgroundTask(
            "health_feed", self._poll, interval=poll, grace=0, supervision=supervision
        )
        self._polling = False

    def start(self) -> int:
        """The number of the last change so far, which a new follower begins after."""
        if not self._polling:
            self._polling = True
            self._known = _health_of_all(self._adapters)
            self._poller.start(after=self._every)
        return self._recent[-1].number if self._recent else 0

    async def after(self, number: int) -> Sequence[HealthChange]:
        """The changes that follow a number, oldest first; waits until there is one."""
        while not self._recent or self._recent[-1].number <= number:
            await self._arrivals.wait()
        return [change for change in self._recent if change.number > number]

    async def aclose(self) -> None:
        """Stop polling."""
        await self._poller.stop()

    async def _poll(self) -> None:
        before, self._known = self._known, _health_of_all(self._adapters)
        changed = [
            adapter.shop
            for adapter in self._adapters
            if self._known[adapter.shop.key_name] != before[adapter.shop.key_name]
        ]
        for shop in changed:
            self._recent.append(HealthChange(self.start() + 1, shop))
        if changed:
            self._arrivals.wake()


def _health_of_all(adapters: Sequence[Adapter]) -> dict[str, _Health]:
    return {adapter.shop.key_name: _health(adapter.health()) for adapter in adapters}


def _health(now: HealthNow) -> _Health:
    error = now.last_error
    if error is None:
        return _Health(now.availability, None)
    return _Health(now.availability, (error.code, error.endpoint, error.platform_code))
