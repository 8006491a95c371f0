"""Health of a shop's platform, derived from its calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

import structlog

from gateway.concurrency.clock import Clock
from gateway.concurrency.outages import Outages
from gateway.errors import PlatformCredentials, PlatformFailure, PlatformUnreadable
from gateway.upstream.call_log import CallLog
from gateway.upstream.failures import again

_log = structlog.stdlib.get_logger(__name__)

#: Failures in a row that mean DOWN; a single one means DEGRADED.
DOWN_AFTER = 5


class Availability(Enum):
    """UNKNOWN until the first call."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HealthReport:
    """A snapshot of a shop's health; times are aware, in UTC."""

    availability: Availability = Availability.UNKNOWN
    checked_at: datetime | None = None
    last_success_at: datetime | None = None
    last_error: PlatformFailure | None = None


@dataclass(slots=True)
class HealthTracker:
    """Fed by the client; `observers` are called with the shop and each new availability."""

    shop: str
    clock: Clock = field(default_factory=Clock)
    observers: list[Callable[[str, Availability], None]] = field(default_factory=list)
    #: The shop's calls of the last hour.
    calls: CallLog = field(init=False, repr=False)
    _availability: Availability = Availability.UNKNOWN
    #: Seconds since the epoch; updated with every call, converted to times lazily.
    _checked_at: float | None = None
    _success_at: float | None = None
    _last_error: PlatformFailure | None = None
    _failures: int = 0
    _outages: Outages = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.calls = CallLog(self.clock)
        self._outages = Outages(self.clock.wall)

    @property
    def report(self) -> HealthReport:
        """The shop's current health."""
        return HealthReport(
            self._availability,
            _time(self._checked_at),
            _time(self._success_at),
            self._last_error,
        )

    def succeeded(self) -> None:
        """The platform sent a readable answer, even if it refused the call."""
        self._failures = 0
        self._checked_at = self._success_at = self.clock.wall()
        if self._availability is Availability.DOWN:
            outage = self._outages.succeeded(self.shop)
            if outage is not None:
                _log.info(
                    "upstream.platform.recovered",
                    message="The platform answers again.",
                    shop=self.shop,
                    failures=outage.failures,
                    seconds=round(outage.seconds, 1),
                )
        self._turn(Availability.UP)

    def failed(self, failure: PlatformFailure) -> None:
        """The platform sent no answer, or no usable one."""
        # A complete answer that cannot be read says nothing about other calls.
        self._failures += not isinstance(failure, PlatformUnreadable)
        self._checked_at = self.clock.wall()
        self._last_error = again(failure)
        down = self._failures >= DOWN_AFTER or isinstance(failure, PlatformCredentials)
        # A single failure is in the metrics.
        if down and self._outages.failed(self.shop):
            _log.warning(
                "upstream.platform.down",
                message="The platform is down.",
                shop=self.shop,
                endpoint=failure.endpoint,
                failure=type(failure).__name__,
                code=failure.platform_code,
            )
        self._turn(Availability.DOWN if down else Availability.DEGRADED)

    def _turn(self, availability: Availability) -> None:
        if availability is self._availability:
            return
        self._availability = availability
        for observer in self.observers:
            observer(self.shop, availability)


class TokenHealth(HealthTracker):
    """How calls for a token affect a shop's health.

    No call works without a token, so their failures are the shop's. Their success says nothing
    about other calls.
    """

    __slots__ = ("_whole",)

    def __init__(self, whole: HealthTracker) -> None:
        super().__init__(whole.shop, whole.clock)
        self._whole = whole
        self.calls = whole.calls

    def succeeded(self) -> None:
        """Does not change the shop's health."""

    def failed(self, failure: PlatformFailure) -> None:
        """The platform did not issue a token."""
        self._whole.failed(failure)


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
