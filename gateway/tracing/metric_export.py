"""Exports the histograms of spans' durations again and again, over OTLP and HTTP."""

import threading
import time
from collections.abc import Mapping
from typing import Final

import structlog
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import MetricExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from gateway.tracing.durations import Durations
from gateway.tracing.span_queue import positive

#: Seconds between two lines of the log about a collector that does not take what it is sent.
_BETWEEN_LINES: Final = 60.0
_INTERVAL: Final = "OTEL_METRIC_EXPORT_INTERVAL"
_DEFAULT_MILLISECONDS: Final = 60_000

_log = structlog.stdlib.get_logger(__name__)


class MetricExport:
    """A thread that exports what `durations` counts; what is not taken goes with the next."""

    def __init__(
        self,
        endpoint: str | None,
        resource: Resource,
        scope: InstrumentationScope,
        environ: Mapping[str, str],
    ) -> None:
        """`endpoint` is None where the variables have it; raises ConfigurationError."""
        self.durations = Durations(time.time_ns())
        self._interval = positive(environ, _INTERVAL, _DEFAULT_MILLISECONDS) / 1_000.0
        self._exporter = OTLPMetricExporter(endpoint)
        self._of = (resource, scope)
        self._next_line = time.monotonic()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metric_export", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Export once more, and end the thread; waits for it."""
        self._closing.set()
        self._thread.join()

    def abandon(self) -> None:
        """End an attempt to export that is still under way."""
        self._exporter.shutdown()

    def _run(self) -> None:
        while not self._closing.wait(self._interval):
            self._export()
        self._export()

    def _export(self) -> None:
        taken = self._exporter.export(self.durations.data(*self._of, time.time_ns()))
        now = time.monotonic()
        if taken is MetricExportResult.SUCCESS or now < self._next_line:
            return
        self._next_line = now + _BETWEEN_LINES
        _log.warning(
            "tracing.metrics.not_exported",
            message="The collector does not take metrics; the next export has them too.",
        )
