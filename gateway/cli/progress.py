"""Progress of long commands: one line that changes on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable
from typing import Final

#: Seconds between two plain lines, and between two changes of the line on a terminal.
_PLAIN: Final = 10.0
_TERMINAL: Final = 0.1
#: Columns of a bar.
_WIDTH: Final = 24


def bar(done: int, total: int) -> str:
    """A bar as long as the share that is done; `total` is above 0."""
    return f"[{('#' * round(min(done / total, 1.0) * _WIDTH)).ljust(_WIDTH, '.')}]"


class ProgressLine:
    """Writes to stderr how far a command is; `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.on_terminal = sys.stderr.isatty()
        self._shown_at: float | None = None

    def show(self, text: str) -> None:
        """Shows a text, unless one was shown a moment ago."""
        now = self._monotonic()
        pause = _TERMINAL if self.on_terminal else _PLAIN
        if self._shown_at is not None and now - self._shown_at < pause:
            return
        self._shown_at = now
        sys.stderr.write(f"\r\x1b[K{text}" if self.on_terminal else f"{text}\n")
        sys.stderr.flush()

    def count(self, name: str, done: int, total: int, unit: str) -> None:
        """Shows that so many of all are done: with a bar on a terminal."""
        counted = f"{done} of {total} {unit}"
        self.show(
            f"{name}  {bar(done, total)} {counted}" if self.on_terminal else f"{name}: {counted}"
        )

    def end(self) -> None:
        """Removes the line from a terminal."""
        if self.on_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
