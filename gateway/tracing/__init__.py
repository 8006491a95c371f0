"""Traces: spans, which follow the running task; OpenTelemetry is loaded only where it is on."""

from gateway.tracing.configuration import TracingConfiguration, tracing_of
from gateway.tracing.span import (
    CURRENT,
    Attributes,
    Span,
    SpanKind,
    SpanReference,
    Tracer,
    entered,
    traced,
)

__all__ = [
    "CURRENT",
    "Attributes",
    "Span",
    "SpanKind",
    "SpanReference",
    "Tracer",
    "TracingConfiguration",
    "entered",
    "traced",
    "tracing_of",
]
