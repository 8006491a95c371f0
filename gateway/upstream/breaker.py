"""Leaves a failing platform alone for a while."""

from dataclasses import dataclass, field

from gateway.upstream.clock import Clock

#: Failures in a row that open it.
OPENS_AFTER = 5
#: Seconds until one call may try again; up to a tenth more by chance.
STAYS_OPEN = 30.0


@dataclass(slots=True)
class Breaker:
    """Closed; open after failures in a row; then one probe at a time decides."""

    clock: Clock = field(default_factory=Clock)
    _failures: int = 0
    _open_until: float = 0.0
    _probing: bool = False

    @property
    def open(self) -> bool:
        """Whether calls are refused, but for a probe."""
        return self._failures >= OPENS_AFTER

    def refusal(self) -> float | None:
        """None where the call may go; else the seconds to wait. Who may go must tell the end."""
        if self._failures < OPENS_AFTER:
            return None
        left = self._open_until - self.clock.monotonic()
        if left > 0:
            return left
        if self._probing:
            return 1.0
        self._probing = True
        return None

    def succeeded(self) -> None:
        """The platform answered."""
        self._failures = 0
        self._probing = False

    def failed(self) -> None:
        """The platform did not answer, or only to say that it cannot."""
        self._failures += 1
        self._probing = False
        if self._failures >= OPENS_AFTER:
            self._open_until = self.clock.monotonic() + STAYS_OPEN * (1 + 0.1 * self.clock.random())

    def undecided(self) -> None:
        """The call ended without telling anything about the platform."""
        self._probing = False
