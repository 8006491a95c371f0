"""Queue of ended spans, exported in batches by a thread of its own."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from gateway.errors import ConfigurationError
from gateway.tracing.span import Span

_MILLISECONDS: Final = 1_000.0


def positive(environ: Mapping[str, str], name: str, default: int) -> int:
    """The whole number above 0 that a variable holds; raises ConfigurationError."""
    text = environ.get(name, "").strip()
    if text and (not text.isdecimal() or int(text) == 0):
        raise ConfigurationError(f"{name}: expected a whole number above 0")
    return int(text or default)


@dataclass(frozen=True)
class BatchLimits:
    """As the variables OTEL_BSP_* have them."""

    #: Spans that wait; more are lost.
    queue: int = 2_048
    #: Spans of one batch, from which it is exported at once.
    batch: int = 512
    #: Seconds between two batches.
    delay: float = 5.0

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Read the variables; raises ConfigurationError."""
        queue = positive(environ, "OTEL_BSP_MAX_QUEUE_SIZE", cls.queue)
        batch = positive(environ, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", min(cls.batch, queue))
        if batch > queue:
            raise ConfigurationError(
                "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: expected at most OTEL_BSP_MAX_QUEUE_SIZE"
            )
        delay = positive(environ, "OTEL_BSP_SCHEDULE_DELAY", int(cls.delay * _MILLISECONDS))
        return cls(queue, batch, delay / _MILLISECONDS)


class SpanQueue:
    """Spans that have ended; `export` is called with batches, in the thread.

    Adding one takes a part of a microsecond, and never waits: what finds no room is lost, and
    counted with the next batch.
    """

    def __init__(self, export: Callable[[list[Span], int], None], limits: BatchLimits) -> None:
        """`export` gets a batch, and how many were lost since the one before."""
        self._export = export
        self._limits = limits
        self._spans: deque[Span] = deque()
        self._lost = 0
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="span_export", daemon=True)
        self._thread.start()

    def add(self, span: Span) -> None:
        """Add a span; of the event loop's thread alone."""
        spans, limits = self._spans, self._limits
        waiting = len(spans)
        if waiting >= limits.queue:
            self._lost += 1
            return
        spans.append(span)
        if waiting + 1 == limits.batch:
            self._wake.set()

    def close(self) -> None:
        """Export what is left, and end the thread; waits for it."""
        self._closing = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(self._limits.delay)
            self._wake.clear()
            self._drain()
        self._drain()

    def _drain(self) -> None:
        """Export all that wait now, in batches."""
        spans = self._spans
        while count := min(len(spans), self._limits.batch):
            # Only this thread takes spans out.
            batch = [spans.popleft() for _ in range(count)]
            lost, self._lost = self._lost, 0
            self._export(batch, lost)
