"""The sandbox's time, which an admin call can push forward."""

from collections.abc import Callable


class SandboxClock:
    """Unix seconds of `base`, plus what it was advanced by."""

    def __init__(self, base: Callable[[], float]) -> None:
        self._base = base
        self._ahead = 0.0

    def now(self) -> float:
        """Unix time in seconds."""
        return self._base() + self._ahead

    def restart(self) -> None:
        """Go back to the base clock's time."""
        self._ahead = 0.0

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._ahead += seconds
