"""Exports traces by OpenTelemetry's SDK, over OTLP and HTTP; loaded only where tracing is on."""

import asyncio
import logging
import os
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace import SpanKind as OtelKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AnyValue

from gateway.errors import ConfigurationError
from gateway.tracing.configuration import TracingConfiguration
from gateway.tracing.span import GivenAttributes, HeldTrace, Span, SpanKind, SpanReference

#: Seconds that spans which are not exported yet may take when the process ends.
FLUSH: Final = 5.0
#: Seconds between two lines of the log about a collector that does not take what it is sent.
_BETWEEN_LINES: Final = 60.0
#: Spans of a round from which it is exported before it ends: it is not one that does nothing.
_MOST_HELD: Final = 200
_SCOPE: Final = "gateway"
_KINDS: Final = (
    OtelKind.INTERNAL,
    OtelKind.SERVER,
    OtelKind.CLIENT,
    OtelKind.PRODUCER,
    OtelKind.CONSUMER,
)
_UNSET: Final = Status(StatusCode.UNSET)
_ERROR: Final = Status(StatusCode.ERROR)
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_NOT_SAMPLED: Final = TraceFlags(TraceFlags.DEFAULT)

_log = structlog.stdlib.get_logger(__name__)


@asynccontextmanager
async def open_tracing(configuration: TracingConfiguration) -> AsyncIterator["ExportingTracer"]:
    """The tracer of this process, with an exporter of its own; flushed at the end, for FLUSH s.

    Raises:
        ConfigurationError: a variable of OpenTelemetry holds what is none of its values.
    """
    try:
        tracer = _tracer(configuration)
    except ValueError as error:
        raise ConfigurationError(f"OTEL_* in the environment: {error}") from None
    # It logs each failed attempt, from a thread of its own: reported once a minute instead.
    library = logging.getLogger("opentelemetry")
    level = library.level
    library.setLevel(logging.CRITICAL)
    try:
        yield tracer
    finally:
        await _within(FLUSH, tracer.close)
        library.setLevel(level)


async def _within(seconds: float, work: Callable[[], None]) -> None:
    """Do what blocks in a thread, which is left behind if it takes longer."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def run() -> None:
        try:
            work()
        finally:
            # Closed meanwhile, if it took too long.
            if not loop.is_closed():
                loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="tracing_flush", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            await done.wait()
    except TimeoutError:
        _log.warning(
            "tracing.flush.incomplete",
            message="The collector did not take the last spans in time; they are lost.",
            seconds=seconds,
        )


def _tracer(configuration: TracingConfiguration) -> "ExportingTracer":
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=_address(configuration.endpoint, "traces"))
    return ExportingTracer(provider, BatchSpanProcessor(ReportingExporter(exporter)))


def _address(endpoint: str | None, signal: str) -> str | None:
    return None if endpoint is None else f"{endpoint}/v1/{signal}"


def _resource() -> Resource:
    """What sends: the variables' attributes stand above ours."""
    own: dict[str, AnyValue] = {
        "service.name": "commerce-gateway",
        "service.version": version("commerce-gateway"),
        "service.instance.id": str(uuid.uuid4()),
        "process.pid": os.getpid(),
    }
    return Resource.create({**own, **OTELResourceDetector().detect().attributes})


class ReportingExporter(SpanExporter):
    """An exporter whose failures have a line in the log, once a minute at most."""

    def __init__(
        self, exporter: SpanExporter, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._exporter = exporter
        self._monotonic = monotonic
        self._lost = 0
        self._next_line = monotonic()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export a batch; called in the processor's thread."""
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._lost += len(spans)
            self._report()
        return result

    def shutdown(self) -> None:
        """End what is under way."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Whether everything was exported: nothing is kept here."""
        return self._exporter.force_flush(timeout_millis)

    def _report(self) -> None:
        now = self._monotonic()
        if now < self._next_line:
            return
        self._next_line = now + _BETWEEN_LINES
        _log.warning(
            "tracing.export.failed",
            message="The collector does not take spans; requests are served as always.",
            lost=self._lost,
        )
        self._lost = 0


class ExportingTracer:
    """Makes spans of its own, at a small part of the cost of the SDK's, and exports them by it."""

    def __init__(self, provider: TracerProvider, processor: BatchSpanProcessor) -> None:
        self._sampler = provider.sampler
        self._ids = provider.id_generator
        self._resource = provider.resource
        self._processor = processor
        self._scope = InstrumentationScope(_SCOPE, version("commerce-gateway"))
        self._propagator = TraceContextTextMapPropagator()
        self.now = time.time_ns
        self.span_id = self._ids.generate_span_id

    def root(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: GivenAttributes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        links: Sequence[SpanReference] = (),
        held: bool = False,
    ) -> Span:
        """A span that continues the trace of these headers, or begins a trace of its own."""
        parent = self._parent(headers) if headers and "traceparent" in headers else None
        known = parent is not None and parent.is_valid
        trace_id = parent.trace_id if parent and known else self._ids.generate_trace_id()
        context = set_span_in_context(NonRecordingSpan(parent)) if parent and known else None
        sampling = self._sampler.should_sample(
            context, trace_id, name, _KINDS[kind], attributes, [_link(one) for one in links]
        )
        state = "" if sampling.trace_state is None else sampling.trace_state.to_header()
        sampled = sampling.decision is Decision.RECORD_AND_SAMPLE
        return Span(
            self,
            SpanReference(trace_id, self.span_id(), sampled, state),
            SpanReference(trace_id, parent.span_id, sampled, state) if parent and known else None,
            name,
            kind,
            attributes,
            links=links,
            held=HeldTrace() if held else None,
            remote=known,
        )

    def _parent(self, headers: Mapping[str, str]) -> SpanContext:
        carrier = {name: headers[name] for name in ("traceparent", "tracestate") if name in headers}
        return get_current_span(self._propagator.extract(carrier)).get_span_context()

    def ended(self, span: Span, at: int) -> None:
        """Hands a span to the exporter, if its trace is exported."""
        own = span.reference
        if not own.sampled:
            return
        if span.held is not None and not span.held.kept:
            span.held.ended.append((span, at))
            if len(span.held.ended) >= _MOST_HELD:
                span.keep()
            return
        self._processor.on_end(
            ReadableSpan(
                span.name,
                _context(own),
                None if span.parent is None else _context(span.parent, remote=span.remote),
                self._resource,
                span.attributes,
                (),
                [_link(one) for one in span.links],
                _KINDS[span.kind],
                None,
                _UNSET if span.error is None else _ERROR,
                span.began,
                at,
                self._scope,
            )
        )

    def close(self) -> None:
        """Exports what is left; blocks."""
        self._processor.shutdown()  # type: ignore[no-untyped-call]


def _context(reference: SpanReference, *, remote: bool = False) -> SpanContext:
    flags = _SAMPLED if reference.sampled else _NOT_SAMPLED
    state = TraceState.from_header([reference.state]) if reference.state else None
    return SpanContext(reference.trace_id, reference.span_id, remote, flags, state)


def _link(reference: SpanReference) -> Link:
    return Link(_context(reference))
