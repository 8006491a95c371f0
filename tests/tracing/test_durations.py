"""Metrics over OTLP: the histograms of requests, calls of platforms and statements."""

import asyncio
from typing import Any

import pytest

from gateway.tracing import SpanKind, TracingConfiguration, entered, traced
from gateway.tracing.export import open_tracing
from tests.tracing.collector import Collector, attributes_of
from tests.tracing.test_export import HEADERS
from tests.upstream.clients import playing
from tests.upstream.rows import GOT, READ, Ask
from tests.upstream.server import answer

REQUEST = {"http.request.method": "POST", "url.scheme": "http", "http.route": "/graphql"}
STATEMENT = {"db.system.name": "sqlite", "db.operation.name": "SELECT"}


def points(collector: Collector, name: str) -> list[tuple[dict[str, Any], int]]:
    """The attributes and the count of each histogram of a metric."""
    metric = collector.metrics[name]
    assert metric.unit == "s"
    return [(attributes_of(one), one.count) for one in metric.histogram.data_points]


@pytest.mark.parametrize("sampled", [True, False])
async def test_durations_are_counted_whether_a_trace_is_sampled_or_not(
    collector: Collector, *, sampled: bool
) -> None:
    headers = {"traceparent": f"{HEADERS['traceparent'][:-2]}0{sampled:d}"}
    async with (
        open_tracing(TracingConfiguration(collector.url)) as tracer,
        playing(lambda _: answer(GOT)) as (client, played),
    ):
        for status in (200, 200, 500):
            span = tracer.root("test", SpanKind.SERVER, REQUEST, headers=headers)
            with entered(span):
                await client.call(READ, Ask(order_id="7"))
                with traced("SELECT", SpanKind.CLIENT, STATEMENT):
                    await asyncio.sleep(0)
                span.attributes["http.response.status_code"] = status

    assert points(collector, "http.server.request.duration") == [
        ({**REQUEST, "http.response.status_code": 200}, 2),
        ({**REQUEST, "http.response.status_code": 500}, 1),
    ]
    ((call, count),) = points(collector, "http.client.request.duration")
    assert count == len(played.received)
    assert call == {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": int(played.url.rpartition(":")[2]),
        "url.template": "/order/get",
        "http.response.status_code": 200,
    }
    assert points(collector, "db.client.operation.duration") == [(STATEMENT, 3)]
    (store,) = collector.metrics["db.client.operation.duration"].histogram.data_points
    assert sum(store.bucket_counts) == 3
    assert len(store.bucket_counts) == len(store.explicit_bounds) + 1
    assert 0 <= store.min <= store.max <= store.sum
    assert bool(collector.spans) == sampled


async def test_without_metrics_none_are_sent(collector: Collector) -> None:
    async with open_tracing(TracingConfiguration(collector.url, metrics=False)) as tracer:
        tracer.root("test", SpanKind.SERVER, REQUEST).end()

    assert (collector.metrics, len(collector.spans)) == ({}, 1)


async def test_without_traces_there_are_metrics_alone(collector: Collector) -> None:
    async with open_tracing(TracingConfiguration(collector.url, traces=False)) as tracer:
        tracer.root("test", SpanKind.SERVER, REQUEST).end()

    assert points(collector, "http.server.request.duration") == [(REQUEST, 1)]
    assert collector.spans == []


async def test_series_are_bounded(collector: Collector) -> None:
    async with open_tracing(TracingConfiguration(collector.url)) as tracer:
        for number in range(2_003):
            tracer.root("test", SpanKind.SERVER, {**REQUEST, "http.route": f"/{number}"}).end()

    found = points(collector, "http.server.request.duration")
    assert len(found) == 2_001
    assert found[-1] == ({"otel.metric.overflow": True}, 3)
