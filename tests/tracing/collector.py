"""A collector: a server that takes OTLP over HTTP, and decodes what it is sent."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.proto.trace.v1.trace_pb2 import SpanFlags, Status

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Exported:
    """A span as a collector knows it; ids are hexadecimal, "" where there is none."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: int
    failed: bool
    attributes: dict[str, Any]
    #: Trace and span ids.
    links: list[tuple[str, str]]
    seconds: float
    #: The header `tracestate`.
    state: str
    #: Whether the parent is a span of another process.
    remote: bool
    resource: dict[str, Any]


class Collector:
    """What was exported to it, by signal."""

    def __init__(self) -> None:
        self.url = ""
        #: The status of each answer.
        self.status = 200
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.spans: list[Exported] = []
        self.metrics: dict[str, Any] = {}

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Decode one request."""
        self.bodies.append(body)
        self.headers.append(headers)
        if path == "/v1/traces":
            asked = ExportTraceServiceRequest.FromString(body)
            for sent in asked.resource_spans:
                resource = attributes_of(sent.resource)
                for scope in sent.scope_spans:
                    self.spans += [_exported(span, resource) for span in scope.spans]
        elif path == "/v1/metrics":
            for resource_metrics in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope_metrics in resource_metrics.scope_metrics:
                    self.metrics.update({one.name: one for one in scope_metrics.metrics})

    def named(self, name: str) -> list[Exported]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]

    def trace(self, trace_id: str) -> list[Exported]:
        """The spans of one trace."""
        return [span for span in self.spans if span.trace_id == trace_id]


def _exported(span: SpanMessage, resource: dict[str, Any]) -> Exported:
    return Exported(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        name=span.name,
        kind=span.kind,
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        attributes=attributes_of(span),
        links=[(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
        seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        state=span.trace_state,
        remote=bool(span.flags & SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK),
        resource=resource,
    )


def attributes_of(message: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in message.attributes}


def _value(value: AnyValue) -> Any:
    return getattr(value, value.WhichOneof("value") or "string_value")


@contextlib.contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens on loopback while the context lasts."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.take(self.path, dict(self.headers.items()), body)
            self.send_response(collector.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
