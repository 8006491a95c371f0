"""Progress of long commands: one line that changes on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable
from typing import Final

#: Seconds between two plain lines, and between two changes of the line on a terminal.
_PLAIN: Final = 10.0
_TERMINAL: Final = 0.1


class ProgressLine:
    """Writes to stderr how far a command is; `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._on_terminal = sys.stderr.isatty()
        self._shown_at: float | None = None

    def show(self, text: str) -> None:
        """Shows a text, unless one was shown a moment ago."""
        now = self._monotonic()
        pause = _TERMINAL if self._on_terminal else _PLAIN
        if self._shown_at is not None and now - self._shown_at < pause:
            return
        self._shown_at = now
        sys.stderr.write(f"\r\x1b[K{text}" if self._on_terminal else f"{text}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Removes the line from a terminal."""
        if self._on_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
