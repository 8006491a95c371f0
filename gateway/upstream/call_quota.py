"""Call quota: how many calls of a shop its platform takes a minute and a day."""

from typing import Final

from gateway.china_days import CHINA_OFFSET
from gateway.concurrency.clock import DAY, Clock
from gateway.errors import PlatformQuotaExceeded
from gateway.platform_calls import in_background
from gateway.upstream.observer import NullObserver, UpstreamObserver

_MINUTE: Final = 60
#: The share of each quota that background work may use: requests of callers have the rest, and
#: what it leaves.
BACKGROUND_SHARE: Final = 0.5


class CallQuota:
    """Counts the calls of one shop; refuses those above the quota before they are sent.

    Background work is spread evenly over each minute, so that it never delays a caller. Each
    process counts its own calls.
    """

    def __init__(
        self,
        shop: str,
        per_minute: int,
        per_day: int,
        clock: Clock,
        observer: UpstreamObserver | None = None,
    ) -> None:
        self._shop = shop
        self._observer = observer or NullObserver()
        self._per_minute = per_minute
        self._per_day = per_day
        self._clock = clock
        self._minute = self._day = 0
        self._in_minute = self._in_day = 0
        #: When the next call of background work is due, on the monotonic clock.
        self._due = 0.0
        self._tell()

    async def admit(self, endpoint: str) -> None:
        """Waits for the turn of a call of background work; a caller's call need not wait.

        Raises:
            PlatformQuotaExceeded: background work has used its share of the day.
        """
        if not in_background():
            return
        now = self._clock.monotonic()
        self._due = max(self._due, now) + _MINUTE / (self._per_minute * BACKGROUND_SHARE)
        if self._due > now:
            await self._clock.sleep(self._due - now)
        self._roll()
        if self._in_day >= self._per_day * BACKGROUND_SHARE:
            raise self._refusal(endpoint, "day", self._until_tomorrow())

    def count(self, endpoint: str) -> None:
        """Counts a call that is about to be sent.

        Raises:
            PlatformQuotaExceeded: it is one too many; nothing was sent.
        """
        self._roll()
        if self._in_minute >= self._per_minute:
            left = _MINUTE - self._clock.wall() % _MINUTE
            raise self._refusal(endpoint, "minute", left)
        if self._in_day >= self._per_day:
            raise self._refusal(endpoint, "day", self._until_tomorrow())
        self._in_minute += 1
        self._in_day += 1
        self._tell()

    def _roll(self) -> None:
        now = self._clock.wall()
        minute, day = int(now // _MINUTE), int((now + CHINA_OFFSET) // DAY)
        if minute != self._minute:
            self._minute, self._in_minute = minute, 0
        if day != self._day:
            self._day, self._in_day = day, 0
            self._tell()

    def _tell(self) -> None:
        self._observer.quota_used(self._shop, "minute", self._in_minute, self._per_minute)
        self._observer.quota_used(self._shop, "day", self._in_day, self._per_day)

    def _until_tomorrow(self) -> float:
        return DAY - (self._clock.wall() + CHINA_OFFSET) % DAY

    def _refusal(self, endpoint: str, period: str, retry_after: float) -> PlatformQuotaExceeded:
        return PlatformQuotaExceeded(
            f"{endpoint}: the shop's calls of this {period} are used up",
            endpoint=endpoint,
            shop=self._shop,
            retry_after=retry_after,
            sent=False,
        )
