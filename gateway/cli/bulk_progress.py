"""Progress of bulk commands: a bar on a terminal, plain lines elsewhere, JSON for programs."""

import sys
from collections.abc import Callable
from typing import Final

import orjson

from gateway.cli.progress import ProgressLine, bar

#: Seconds between two lines of JSON.
_JSON: Final = 1.0
#: Seconds after which a rate says something.
_WARM: Final = 0.5


class BulkProgressLine:
    """Writes to stderr how many lines are done; `monotonic` gives seconds.

    `name` says what the lines are, such as `orders`; `total` is None if it is not known.
    """

    def __init__(
        self,
        name: str,
        total: int | None,
        monotonic: Callable[[], float],
        *,
        as_json: bool = False,
    ) -> None:
        self._name = name
        self._total = total
        self._monotonic = monotonic
        self._began = monotonic()
        self._told_at: float | None = None
        self._line = None if as_json else ProgressLine(monotonic)

    def show(self, done: int) -> None:
        """Shows that so many lines are done, unless that was shown a moment ago."""
        now = self._monotonic()
        if self._line is not None:
            self._line.show(self._text(done, now - self._began))
        elif self._told_at is None or now - self._told_at >= _JSON:
            self._told_at = now
            told = {"done": done, "total": self._total}
            sys.stderr.write(f"{orjson.dumps(told).decode()}\n")
            sys.stderr.flush()

    def end(self) -> None:
        """Removes the bar from a terminal."""
        if self._line is not None:
            self._line.end()

    def _text(self, done: int, seconds: float) -> str:
        rate = done / seconds if seconds >= _WARM else 0.0
        speed = f"  {rate:,.0f} a second" if rate else ""
        if not self._total:
            return f"{self._name}  {done:,}{speed}"
        left = max(self._total - done, 0)
        rest = f", {left / rate:,.0f} s left" if rate and left else ""
        return f"{self._name}  {bar(done, self._total)} {done:,} of {self._total:,}{speed}{rest}"
