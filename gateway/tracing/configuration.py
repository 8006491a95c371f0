"""Whether a process is traced: by the configuration file, or by OpenTelemetry's variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: Any of them turns tracing on where the file says nothing; the exporters read them themselves.
_ENDPOINTS: Final = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)


@dataclass(frozen=True, slots=True)
class TracingConfiguration:
    """What is exported, and where to."""

    #: Address of the collector, without the path of a signal; None: that of the variables.
    endpoint: str | None
    traces: bool = True
    metrics: bool = True


def tracing_of(endpoint: str | None, environ: Mapping[str, str]) -> TracingConfiguration | None:
    """How this process is traced; None: it is not.

    `endpoint` is that of the file, which stands above the variables.
    """
    if _lower(environ, "OTEL_SDK_DISABLED") == "true":
        return None
    if endpoint is None and not any(environ.get(name) for name in _ENDPOINTS):
        return None
    traces = _lower(environ, "OTEL_TRACES_EXPORTER") != "none"
    metrics = _lower(environ, "OTEL_METRICS_EXPORTER") != "none"
    if not traces and not metrics:
        return None
    return TracingConfiguration(endpoint, traces, metrics)


def _lower(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip().lower()
