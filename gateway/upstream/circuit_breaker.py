"""Circuit breakers of a platform and of each of its endpoints."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from gateway.concurrency.clock import Clock
from gateway.upstream.observer import NullObserver, UpstreamObserver

#: Failures in a row that open it.
OPENS_AFTER = 5
#: Timeouts in a row that open it: each costs its caller seconds.
OPENS_AFTER_TIMEOUTS = 2
#: Seconds until one call may try again, plus up to a tenth at random.
STAYS_OPEN = 30.0


def _nothing() -> None:
    """Do nothing."""


@dataclass(slots=True)
class CircuitBreaker:
    """Closed; open after failures in a row; then one probe at a time decides.

    `turned` is called whenever it opens or closes.
    """

    clock: Clock = field(default_factory=Clock)
    turned: Callable[[], None] = _nothing
    _failures: int = 0
    _timeouts: int = 0
    _open: bool = False
    _open_until: float = 0.0
    _probing: bool = False

    @property
    def open(self) -> bool:
        """Whether calls other than a probe are refused."""
        return self._open

    def refusal(self) -> float | None:
        """None if the call may proceed, and must report its end; else the seconds to wait."""
        if not self._open:
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
        was_open = self._open
        self._failures = self._timeouts = 0
        self._open = self._probing = False
        if was_open:
            self.turned()

    def failed(self, *, timed_out: bool = False) -> None:
        """The platform did not answer in time, or reported that it cannot serve."""
        was_open = self._open
        self._failures += 1
        self._timeouts = self._timeouts + 1 if timed_out else 0
        self._probing = False
        if was_open or self._failures >= OPENS_AFTER or self._timeouts >= OPENS_AFTER_TIMEOUTS:
            self._open = True
            self._open_until = self.clock.monotonic() + STAYS_OPEN * (1 + 0.1 * self.clock.random())
        if self._open and not was_open:
            self.turned()

    def undecided(self) -> None:
        """The call ended without saying anything about the platform."""
        self._probing = False


class CircuitBreakers:
    """One shop's breakers: one for connections to its platform, and one for each endpoint.

    An endpoint that fails or times out says nothing about the others; a failure to connect
    affects them all. A call counts once, however often it was attempted.
    """

    def __init__(self, shop: str, clock: Clock, observer: UpstreamObserver | None = None) -> None:
        self._shop = shop
        self._clock = clock
        self._observer = observer or NullObserver()
        self._way = CircuitBreaker(clock, self._way_turned)
        self._endpoints: dict[str, CircuitBreaker] = {}

    def refusal(self, endpoint: str) -> float | None:
        """Like `CircuitBreaker.refusal`, for both."""
        # Always created, so that an endpoint is reported even if its first call is refused.
        breaker = self._of(endpoint)
        wait = self._way.refusal()
        if wait is not None:
            return wait
        wait = breaker.refusal()
        if wait is not None:
            self._way.undecided()
        return wait

    def is_open(self, endpoint: str) -> bool:
        """Whether calls of the endpoint other than a probe are refused."""
        return self._way.open or self._of(endpoint).open

    def succeeded(self, endpoint: str) -> None:
        """The endpoint answered."""
        self._way.succeeded()
        self._of(endpoint).succeeded()

    def failed(self, endpoint: str, *, timed_out: bool = False) -> None:
        """The platform was reached; the endpoint did not answer, or reported that it cannot."""
        self._way.succeeded()
        self._of(endpoint).failed(timed_out=timed_out)

    def unreached(self, endpoint: str, *, timed_out: bool = False) -> None:
        """No connection could be made."""
        self._way.failed(timed_out=timed_out)
        self._of(endpoint).undecided()

    def undecided(self, endpoint: str) -> None:
        """The call ended without saying anything about the platform."""
        self._way.undecided()
        self._of(endpoint).undecided()

    def _of(self, endpoint: str) -> CircuitBreaker:
        breaker = self._endpoints.get(endpoint)
        if breaker is None:
            breaker = CircuitBreaker(self._clock, partial(self._turned, endpoint))
            self._endpoints[endpoint] = breaker
            self._tell(endpoint)
        return breaker

    def _turned(self, endpoint: str) -> None:
        self._tell(endpoint)
        if self._endpoints[endpoint].open:
            self._observer.breaker_opened(self._shop, endpoint)

    def _way_turned(self) -> None:
        for endpoint in self._endpoints:
            self._tell(endpoint)
            if self._way.open:
                self._observer.breaker_opened(self._shop, endpoint)

    def _tell(self, endpoint: str) -> None:
        alone = self._way.open or self._endpoints[endpoint].open
        self._observer.left_alone(self._shop, endpoint, alone=alone)
