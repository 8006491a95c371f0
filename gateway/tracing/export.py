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
from random import Random, SystemRandom
from typing import Final

import structlog
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, DEFAULT_ON, Decision
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace import SpanKind as OtelKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AnyValue

from gateway.tracing.configuration import TracingConfiguration
from gateway.tracing.encoding import encoded_spans
from gateway.tracing.metric_export import MetricExport
from gateway.tracing.span import GivenAttributes, HeldTrace, Span, SpanKind, SpanReference, Trace
from gateway.tracing.span_queue import BatchLimits, SpanQueue

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
#: Of a span that is made to have the library encode what all spans share.
_NO_SPAN: Final = SpanContext(1, 1, is_remote=False)

_log = structlog.stdlib.get_logger(__name__)


@asynccontextmanager
async def open_tracing(configuration: TracingConfiguration) -> AsyncIterator["ExportingTracer"]:
    """The tracer of this process, with an exporter of its own; flushed at the end, for FLUSH s.

    Raises:
        ConfigurationError: a variable of OpenTelemetry holds what is none of its values.
    """
    tracer = _tracer(configuration)
    # It logs each failed attempt, from a thread of its own: reported once a minute instead.
    library = logging.getLogger("opentelemetry")
    level = library.level
    library.setLevel(logging.CRITICAL)
    try:
        yield tracer
    finally:
        await _within(FLUSH, tracer.close)
        tracer.abandon()
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
    provider = TracerProvider(
        sampler=None if configuration.traces else ALWAYS_OFF,
        resource=_resource(),
        shutdown_on_exit=False,
    )
    limits = BatchLimits.of(os.environ)
    sender = SpanSender(_address(configuration.endpoint, "traces"), provider.resource)
    metrics = None
    if configuration.metrics:
        metrics = MetricExport(
            _address(configuration.endpoint, "metrics"), provider.resource, _scope(), os.environ
        )
    return ExportingTracer(provider, SpanQueue(SpanExport(sender.send), limits), sender, metrics)


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


def _scope() -> InstrumentationScope:
    return InstrumentationScope(_SCOPE, version("commerce-gateway"))


class SpanSender(OTLPSpanExporter):
    """The library's exporter, for spans of our own, which it does not encode."""

    def __init__(self, endpoint: str | None, resource: Resource) -> None:
        super().__init__(endpoint)
        described = ReadableSpan("", _NO_SPAN, resource=resource, instrumentation_scope=_scope())
        (encoded,) = encode_spans([described]).resource_spans
        (scope_spans,) = encoded.scope_spans
        self._resource = encoded.resource.SerializeToString()
        self._scope = scope_spans.scope.SerializeToString()

    def send(self, spans: Sequence[Span]) -> bool:
        """Send a batch, with the library's retries; whether the collector took it."""
        body = encoded_spans(self._resource, self._scope, spans)
        return self._client.export(body).success

    def shutdown(self) -> None:
        """End what is under way; nothing is sent any more."""
        super().shutdown()  # type: ignore[no-untyped-call]


class SpanExport:
    """Sends batches of spans; what is lost has a line in the log, once a minute at most."""

    def __init__(
        self, send: Callable[[list[Span]], bool], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`send` sends a batch, and answers whether the collector took it."""
        self._send = send
        self._monotonic = monotonic
        self._lost = 0
        self._next_line = monotonic()

    def __call__(self, spans: list[Span], lost: int) -> None:
        """Send a batch; `lost` found no room in the queue before it."""
        self._lost += lost
        if not self._send(spans):
            self._lost += len(spans)
        if self._lost:
            self._report()

    def _report(self) -> None:
        now = self._monotonic()
        if now < self._next_line:
            return
        self._next_line = now + _BETWEEN_LINES
        _log.warning(
            "tracing.export.failed",
            message="Spans are lost; requests are served as always.",
            lost=self._lost,
        )
        self._lost = 0


class ExportingTracer:
    """Makes spans of its own, at a small part of the cost of the SDK's, and exports them by it."""

    def __init__(
        self,
        provider: TracerProvider,
        queue: SpanQueue,
        sender: SpanSender,
        metrics: MetricExport | None,
    ) -> None:
        self._sender = sender
        self._metrics = metrics
        self._sampler = provider.sampler
        # The usual one is asked nothing.
        self._samples_all = provider.sampler is DEFAULT_ON
        self._queue = queue
        self._durations = None if metrics is None else metrics.durations
        self.export = queue.add
        self._propagator = TraceContextTextMapPropagator()
        self.now = time.time_ns
        # An id must be unique, not secret: the system's randomness is read once.
        self._random = Random(SystemRandom().getrandbits(256)).getrandbits  # noqa: S311

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
        if parent is not None and not parent.is_valid:
            parent = None
        trace_id = self._random(128) or 1 if parent is None else parent.trace_id
        sampled, state = self._sampled(parent, trace_id, name, kind, attributes)
        trace = Trace(
            self, trace_id, sampled=sampled, state=state, held=HeldTrace() if held else None
        )
        span = Span(trace, 0 if parent is None else parent.span_id, name, kind, attributes)
        span.remote = parent is not None
        span.links = links
        return span

    def span_id(self) -> int:
        """A random id that is not 0."""
        return self._random(64) or 1

    def _sampled(
        self,
        parent: SpanContext | None,
        trace_id: int,
        name: str,
        kind: SpanKind,
        attributes: GivenAttributes | None,
    ) -> tuple[bool, str]:
        """Whether a trace is exported, and its state."""
        if parent is None and self._samples_all:
            return True, ""
        context = None if parent is None else set_span_in_context(NonRecordingSpan(parent))
        result = self._sampler.should_sample(context, trace_id, name, _KINDS[kind], attributes)
        state = "" if result.trace_state is None else result.trace_state.to_header()
        return result.decision is Decision.RECORD_AND_SAMPLE, state

    def _parent(self, headers: Mapping[str, str]) -> SpanContext:
        carrier = {name: headers[name] for name in ("traceparent", "tracestate") if name in headers}
        return get_current_span(self._propagator.extract(carrier)).get_span_context()

    def ended(self, span: Span) -> None:
        """Counts a span, and hands it to the exporter if its trace is sampled."""
        if self._durations is not None:
            self._durations.add(span)
        if not span.trace.sampled:
            return
        held = span.trace.held
        if held is not None and not held.kept:
            held.ended.append(span)
            if len(held.ended) >= _MOST_HELD:
                span.keep()
            return
        self.export(span)

    def close(self) -> None:
        """Exports what is left; blocks."""
        self._queue.close()
        if self._metrics is not None:
            self._metrics.close()

    def abandon(self) -> None:
        """End an attempt to export that is still under way."""
        self._sender.shutdown()
        if self._metrics is not None:
            self._metrics.abandon()
