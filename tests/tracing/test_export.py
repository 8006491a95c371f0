"""The tracer that exports: what it makes of headers and variables, and what is never sent."""

import asyncio
import io
import json
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import pytest
import structlog
from structlog.testing import capture_logs

from gateway.errors import ConfigurationError, PlatformUnavailable
from gateway.logs import configure_logging
from gateway.settings import LogSettings
from gateway.tracing import (
    CURRENT,
    Attributes,
    SpanKind,
    TracingConfiguration,
    entered,
    traced,
    tracing_of,
)
from gateway.tracing.export import ExportingTracer, SpanExport, open_tracing
from gateway.tracing.span import Span
from gateway.tracing.span_queue import BatchLimits, SpanQueue
from tests.tracing.collector import CONSUMER, INTERNAL, Collector
from tests.upstream.clients import playing
from tests.upstream.rows import GOT, READ, Ask
from tests.upstream.server import answer

TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS: Final = {
    "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
    "tracestate": "vendor=one,other=two",
}
AN_ENDPOINT: Final = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


@pytest.fixture
async def tracer(collector: Collector) -> AsyncIterator[ExportingTracer]:
    """A tracer; `flush` makes the collector have what has ended."""
    async with open_tracing(TracingConfiguration(collector.url)) as one:
        yield one


async def test_a_platform_gets_the_id_of_the_attempt_and_not_what_vendors_wrote(
    tracer: ExportingTracer, collector: Collector
) -> None:
    async with playing(lambda _: answer(GOT)) as (client, played):
        root = tracer.root("test", headers=HEADERS)
        CURRENT.set(root)
        await client.call(READ, Ask(order_id="7"))
        root.end()
    await asyncio.to_thread(tracer.close)

    (attempt,) = collector.named("POST /order/get")
    (request,) = played.received
    assert request.headers["traceparent"] == f"00-{TRACE}-{attempt.span_id}-01"
    assert "tracestate" not in request.headers
    port = played.url.rpartition(":")[2]
    assert attempt.attributes == {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": int(port),
        "url.scheme": "http",
        "url.template": "/order/get",
        "gateway.shop": "flagship",
        "gateway.endpoint": READ.name,
        "http.response.status_code": 200,
    }


async def test_without_a_span_a_platform_gets_no_header() -> None:
    async with playing(lambda _: answer(GOT)) as (client, played):
        await client.call(READ, Ask(order_id="7"))

    (request,) = played.received
    assert "traceparent" not in request.headers


async def test_calls_that_share_an_answer_are_linked(
    tracer: ExportingTracer, collector: Collector
) -> None:
    async with playing(lambda _: answer(GOT)) as (client, _):

        async def asking(name: str) -> None:
            root = tracer.root(name)
            CURRENT.set(root)
            await client.call(READ, Ask(order_id="7"))
            root.end()

        await asyncio.gather(asking("leader"), asking("follower"))
    await asyncio.to_thread(tracer.close)

    first, second = collector.named("leader") + collector.named("follower")
    calls = {span.trace_id: span for span in collector.named(f"call {READ.name}")}
    leader, follower = calls[first.trace_id], calls[second.trace_id]
    assert leader.links == []
    assert follower.links == [(leader.trace_id, leader.span_id)]
    (attempt,) = collector.named("POST /order/get")
    assert attempt.parent_id == leader.span_id


async def test_a_trace_that_its_client_does_not_sample_is_passed_on_and_not_exported(
    tracer: ExportingTracer, collector: Collector
) -> None:
    async with playing(lambda _: answer(GOT)) as (client, played):
        root = tracer.root("test", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-00"})
        with entered(root):
            await client.call(READ, Ask(order_id="7"))
    await asyncio.to_thread(tracer.close)

    (request,) = played.received
    sent = request.headers["traceparent"].split("-")
    assert (sent[1], sent[3]) == (TRACE, "00")
    assert collector.spans == []


@pytest.mark.parametrize(
    "header", ["", "00-0-0-01", f"ff-{TRACE}-00f067aa0ba902b7-01", f"00-{'0' * 32}-{'1' * 16}-01"]
)
async def test_a_header_that_is_none_begins_a_trace(
    tracer: ExportingTracer, collector: Collector, header: str
) -> None:
    tracer.root("test", headers={"traceparent": header}).end()
    await asyncio.to_thread(tracer.close)

    (span,) = collector.named("test")
    assert (span.parent_id, span.trace_id == TRACE) == ("", False)


async def test_what_a_stream_does_once_it_is_open_has_traces_of_its_own(
    tracer: ExportingTracer, collector: Collector
) -> None:
    opening = tracer.root("opening")
    opening.child("part").end()
    opening.detach()
    opening.end()
    opening.child("answer", SpanKind.CONSUMER).end()
    await asyncio.to_thread(tracer.close)

    (opened,), (part,), (later,) = map(collector.named, ("opening", "part", "answer"))
    assert part.trace_id == opened.trace_id
    assert later.trace_id != opened.trace_id
    assert (later.parent_id, later.kind) == ("", CONSUMER)
    assert later.links == [(opened.trace_id, opened.span_id)]


async def test_a_held_trace_is_exported_if_it_is_kept(
    tracer: ExportingTracer, collector: Collector
) -> None:
    for name, kept in (("idle", False), ("busy", True)):
        round_ = tracer.root(name, held=True)
        round_.child(f"{name} part").end()
        if kept:
            round_.keep()
        round_.end()
    await asyncio.to_thread(tracer.close)

    assert sorted(span.name for span in collector.spans) == ["busy", "busy part"]


async def test_an_error_is_a_code_a_class_or_that_it_was_cancelled(
    tracer: ExportingTracer, collector: Collector
) -> None:
    unavailable = PlatformUnavailable("words", endpoint="get", shop="flagship")
    CURRENT.set(tracer.root("root"))
    for error in (unavailable, KeyError("a name"), asyncio.CancelledError()):
        with pytest.raises(type(error)), traced("part"):
            raise error
    await asyncio.to_thread(tracer.close)

    parts = collector.named("part")
    assert [span.attributes for span in parts] == [
        {"error.type": "PLATFORM_UNAVAILABLE"},
        {"error.type": "KeyError"},
        {"error.type": "cancelled"},
    ]
    assert {(span.failed, span.kind) for span in parts} == {(True, INTERNAL)}
    assert b"words" not in b"".join(collector.bodies)


async def test_the_variables_of_opentelemetry_are_honoured(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=shops")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop-gateway")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")

    async with open_tracing(TracingConfiguration(None)) as tracer:
        tracer.root("test").end()

    (span,) = collector.spans
    assert collector.headers[0]["x-tenant"] == "shops"
    assert span.resource["service.name"] == "shop-gateway"
    assert span.resource["deployment.environment.name"] == "test"
    assert {"service.version", "service.instance.id", "process.pid"} < span.resource.keys()


async def test_the_sampler_is_the_variables(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")

    async with open_tracing(TracingConfiguration(collector.url)) as tracer:
        tracer.root("own").end()
        tracer.root("client's", headers=HEADERS).end()

    assert [span.name for span in collector.spans] == ["client's"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_SCHEDULE_DELAY", "soon"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096"),
    ],
)
async def test_a_variable_that_is_none_is_refused(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=name):
        async with open_tracing(TracingConfiguration(collector.url)):
            pass


@pytest.mark.parametrize(
    ("endpoint", "environ", "expected"),
    [
        (None, {}, None),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, None),
        (None, AN_ENDPOINT, TracingConfiguration(None)),
        ("http://file:4318", AN_ENDPOINT, TracingConfiguration("http://file:4318")),
        ("http://file:4318", {"OTEL_SDK_DISABLED": "TRUE"}, None),
        (
            None,
            {**AN_ENDPOINT, "OTEL_TRACES_EXPORTER": "none"},
            TracingConfiguration(None, traces=False),
        ),
        (
            None,
            {**AN_ENDPOINT, "OTEL_METRICS_EXPORTER": "none"},
            TracingConfiguration(None, metrics=False),
        ),
        (
            None,
            {**AN_ENDPOINT, "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"},
            None,
        ),
    ],
)
def test_tracing_is_on_with_an_address(
    endpoint: str | None, environ: Mapping[str, str], expected: TracingConfiguration | None
) -> None:
    assert tracing_of(endpoint, environ) == expected


def test_what_is_lost_is_logged_once_a_minute(tracer: ExportingTracer) -> None:
    times = iter([0.0, 0.0, 59.9, 60.0, 61.0])
    export = SpanExport(lambda _: False, lambda: next(times))
    span = tracer.root("test")

    with capture_logs() as logged:
        for batch, lost in (([span], 0), ([span], 2), ([span, span], 0), ([span], 0)):
            export(batch, lost)

    assert [(line["event"], line["lost"]) for line in logged] == [
        ("tracing.export.failed", 1),
        ("tracing.export.failed", 5),
    ]


async def test_a_collector_that_refuses_fails_nothing(collector: Collector) -> None:
    collector.status = 400
    with capture_logs() as logged:
        async with open_tracing(TracingConfiguration(collector.url)) as tracer:
            tracer.root("test").end()

    assert [(line["event"], line.get("lost")) for line in logged] == [
        ("tracing.export.failed", 1),
        ("tracing.metrics.not_exported", None),
    ]


@pytest.mark.usefixtures("logging_as_it_was")
async def test_log_lines_have_the_id_of_the_trace(tracer: ExportingTracer) -> None:
    stream = io.StringIO()
    configure_logging(LogSettings(), stream=stream)
    log = structlog.stdlib.get_logger("gateway.test")

    log.info("test.line.written", message="Before.")
    CURRENT.set(tracer.root("test", headers=HEADERS))
    log.info("test.line.written", message="Within.")

    lines: list[dict[str, Any]] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line.get("trace_id") for line in lines] == [None, TRACE]


async def test_each_kind_of_value_is_exported_as_it_is(
    tracer: ExportingTracer, collector: Collector
) -> None:
    values: Attributes = {
        "text": "词" * 100,
        "empty": "",
        "yes": True,
        "no": False,
        "one": 1,
        "many": 2**40,
        "negative": -1,
        "number": 1.0,
        "half": 0.5,
    }
    tracer.root("n" * 300, attributes=values, headers=HEADERS).end()
    await asyncio.to_thread(tracer.close)

    (span,) = collector.spans
    assert span.name == "n" * 300
    assert span.attributes == values
    assert {name: type(value) for name, value in span.attributes.items()} == {
        name: type(value) for name, value in values.items()
    }
    assert (span.trace_id, span.parent_id, span.state, span.remote) == (
        TRACE,
        "00f067aa0ba902b7",
        HEADERS["tracestate"],
        True,
    )


def test_spans_that_find_no_room_are_lost_and_counted(tracer: ExportingTracer) -> None:
    full, taken = threading.Event(), threading.Event()
    batches: list[tuple[int, int]] = []

    def export(spans: list[Span], lost: int) -> None:
        batches.append((len(spans), lost))
        taken.set()
        full.wait()

    queue = SpanQueue(export, BatchLimits(queue=4, batch=2, delay=3_600.0))
    for _ in range(2):
        queue.add(tracer.root("first"))
    taken.wait()
    for _ in range(7):
        queue.add(tracer.root("later"))
    full.set()
    queue.close()

    assert batches == [(2, 0), (2, 3), (2, 0)]
