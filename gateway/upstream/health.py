"""How a shop's platform fares, as its calls tell."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from gateway.errors import PlatformCredentials, PlatformFailure
from gateway.upstream.clock import Clock
from gateway.upstream.failures import again

#: As many failures in a row mean that the platform is down; one alone that it limps.
DOWN_AFTER = 5


class Availability(Enum):
    """UNKNOWN until the first call."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HealthReport:
    """One moment of a shop's health; times are aware, in UTC."""

    availability: Availability = Availability.UNKNOWN
    checked_at: datetime | None = None
    last_success_at: datetime | None = None
    last_error: PlatformFailure | None = None


@dataclass(slots=True)
class ShopHealth:
    """Fed by the client; `observers` are called with the shop and each new availability."""

    shop: str
    clock: Clock = field(default_factory=Clock)
    report: HealthReport = field(default_factory=HealthReport)
    observers: list[Callable[[str, Availability], None]] = field(default_factory=list)
    _failures: int = 0

    def succeeded(self) -> None:
        """The platform gave an answer that could be read, be it a refusal of one call."""
        self._failures = 0
        now = self.clock.now()
        self._tell(
            replace(self.report, availability=Availability.UP, checked_at=now, last_success_at=now)
        )

    def failed(self, failure: PlatformFailure) -> None:
        """The platform gave no answer, or none that helps."""
        self._failures += 1
        down = self._failures >= DOWN_AFTER or isinstance(failure, PlatformCredentials)
        self._tell(
            replace(
                self.report,
                availability=Availability.DOWN if down else Availability.DEGRADED,
                checked_at=self.clock.now(),
                last_error=again(failure),
            )
        )

    def _tell(self, report: HealthReport) -> None:
        changed = report.availability is not self.report.availability
        self.report = report
        if changed:
            for observer in self.observers:
                observer(self.shop, report.availability)
