"""Outages: detects when failures of one subject begin and end, for one log line each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

#: Seconds after a reported change in which failures that begin again are counted only.
QUIET: Final = 60.0


class Outage(NamedTuple):
    """An outage that has ended: its failures, and the seconds since the first of them."""

    failures: int
    seconds: float


@dataclass(slots=True)
class _State:
    failures: int = 0
    #: When the first of the failures was; None while there is none.
    since: float | None = None
    reported: bool = False
    #: When a beginning or an end was last reported.
    reported_at: float | None = None


@dataclass(slots=True)
class Outages:
    """The outages of several subjects, such as shops, by their names.

    A subject that alternates between failure and success reports at most two changes a minute.

    Args:
        now: the time in seconds; only differences matter.
    """

    now: Callable[[], float]
    _states: dict[str, _State] = field(default_factory=dict)

    def failed(self, subject: str) -> bool:
        """Count a failure; True if it begins an outage that is to be reported."""
        state, now = self._states.setdefault(subject, _State()), self.now()
        state.failures += 1
        if state.since is None:
            state.since = now
        quiet = state.reported_at is not None and now - state.reported_at < QUIET
        if state.reported or quiet:
            return False
        state.reported, state.reported_at = True, now
        return True

    def succeeded(self, subject: str) -> Outage | None:
        """The outage that ends with a success; None if none was reported."""
        state = self._states.get(subject)
        if state is None or state.since is None:
            return None
        now, outage = self.now(), Outage(state.failures, self.now() - state.since)
        state.since = None
        if not state.reported:
            return None
        state.failures, state.reported, state.reported_at = 0, False, now
        return outage
