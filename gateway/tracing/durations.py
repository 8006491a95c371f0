"""Histograms of how long spans took, by the metrics that the semantic conventions name for them."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from gateway.tracing.span import Span, SpanKind

#: Seconds: upper bounds of the buckets that the conventions advise.
_HTTP: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_DATABASE: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
#: Series in all; further ones are one series.
_MOST_SERIES: Final = 2_000
_OVERFLOW: Final = "otel.metric.overflow"
_SECOND: Final = 1e9


@dataclass(frozen=True, slots=True)
class _Measured:
    """A metric, and the attributes of a span by which it is told apart."""

    name: str
    description: str
    attributes: tuple[str, ...]
    bounds: tuple[float, ...] = _HTTP


_SERVER: Final = _Measured(
    "http.server.request.duration",
    "Duration of HTTP server requests.",
    (
        "http.request.method",
        "url.scheme",
        "http.route",
        "http.response.status_code",
        "error.type",
    ),
)
_CLIENT: Final = _Measured(
    "http.client.request.duration",
    "Duration of HTTP client requests.",
    (
        "http.request.method",
        "server.address",
        "server.port",
        "url.template",
        "http.response.status_code",
        "error.type",
    ),
)
_STORE: Final = _Measured(
    "db.client.operation.duration",
    "Duration of database client operations.",
    ("db.system.name", "db.operation.name", "error.type"),
    _DATABASE,
)
_PROCESS: Final = _Measured(
    "messaging.process.duration",
    "Duration of processing operations.",
    (
        "messaging.system",
        "messaging.destination.name",
        "messaging.operation.name",
        "error.type",
    ),
)


#: By the name that tells what a client span is of.
_CLIENTS: Final[Mapping[str, _Measured]] = {"url.template": _CLIENT, "db.system.name": _STORE}


class _Series:
    """One histogram."""

    __slots__ = ("counts", "least", "most", "sum")

    def __init__(self, buckets: int) -> None:
        self.counts = [0] * buckets
        self.sum = 0.0
        self.least = float("inf")
        self.most = 0.0


class Durations:
    """The histograms of a process since it `began`, in unix nanoseconds."""

    def __init__(self, began: int) -> None:
        self._began = began
        #: By a metric, and the values of its attributes; None where a span has none.
        self._series: dict[_Measured, dict[tuple[object, ...], _Series]] = {}

    def add(self, span: Span) -> None:
        """Count a span that has ended, if there is a metric for it; of one thread alone."""
        measured = _measured(span)
        if measured is None:
            return
        get = span.attributes.get
        series = self._of(measured, tuple([get(name) for name in measured.attributes]))
        seconds = max(0.0, (span.ended - span.began) / _SECOND)
        series.counts[bisect_left(measured.bounds, seconds)] += 1
        series.sum += seconds
        series.least = min(series.least, seconds)
        series.most = max(series.most, seconds)

    def _of(self, measured: _Measured, values: tuple[object, ...]) -> _Series:
        known = self._series.setdefault(measured, {})
        found = known.get(values)
        if found is None:
            if len(known) >= _MOST_SERIES:
                values = ()
            found = known.setdefault(values, _Series(len(measured.bounds) + 1))
        return found

    def data(self, resource: Resource, scope: InstrumentationScope, now: int) -> MetricsData:
        """All of them as the exporter takes them; of any thread."""
        metrics = [
            Metric(
                measured.name,
                measured.description,
                "s",
                Histogram(
                    [self._point(measured, *each, now) for each in list(known.items())],
                    AggregationTemporality.CUMULATIVE,
                ),
            )
            for measured, known in list(self._series.items())
        ]
        return MetricsData([ResourceMetrics(resource, [ScopeMetrics(scope, metrics, "")], "")])

    def _point(
        self, measured: _Measured, values: tuple[object, ...], series: _Series, now: int
    ) -> HistogramDataPoint:
        counts = list(series.counts)
        named = zip(measured.attributes, values, strict=True) if values else ((_OVERFLOW, True),)
        return HistogramDataPoint(
            attributes={
                name: value for name, value in named if isinstance(value, str | int | float | bool)
            },
            start_time_unix_nano=self._began,
            time_unix_nano=now,
            count=sum(counts),
            sum=series.sum,
            bucket_counts=counts,
            explicit_bounds=measured.bounds,
            min=series.least,
            max=series.most,
        )


def _measured(span: Span) -> _Measured | None:
    """The metric of a span; None: it has none."""
    attributes = span.attributes
    if span.kind is SpanKind.CLIENT:
        for name, measured in _CLIENTS.items():
            if name in attributes:
                return measured
        return None
    if span.kind is SpanKind.SERVER:
        return _SERVER if "http.request.method" in attributes else None
    return _PROCESS if span.kind is SpanKind.CONSUMER else None
