"""Traces of subscriptions: their opening, what they are told, and where that came from."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from tests.feed.subscribers import Events
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve
from tests.inbox.test_webhooks import STORE, deliver, order_in, shops
from tests.tracing.collector import CONSUMER, SERVER, Collector
from tests.tracing.test_operations import headers, shown, trace_id
from tests.wechat.deliveries import merchant_order, plain

CHANGES: Final = "subscription Live { orderChanged { order { platformId } } }"


async def test_a_subscription_is_traced_until_it_is_open_and_events_by_themselves(
    serve: Serve, sandbox: Sandbox, tmp_path: Path, collector: Collector
) -> None:
    telemetry = {"otlp_endpoint": collector.url}
    async with (
        serve(shops=shops(sandbox, tmp_path, **STORE), telemetry=telemetry) as client,
        AsyncExitStack() as stack,
    ):
        streams = []
        for number in (1, 2):
            opened = client.http.stream(
                "POST",
                "/graphql/stream",
                json={"query": CHANGES},
                headers={"Accept": "text/event-stream", **headers(number)},
            )
            streams.append(Events(await stack.enter_async_context(opened)))
        await deliver(client, plain(merchant_order(order_in(sandbox), 2)))
        for events in streams:
            await events.next()

    openings = []
    for number in (1, 2):
        spans = collector.trace(trace_id(number))
        assert {
            ("POST /graphql/stream", SERVER, ""),
            ("subscription", SERVER, "POST /graphql/stream"),
        } <= shown(spans)
        assert "GraphQL execute" not in {span.name for span in spans}
        openings += [span for span in spans if span.name == "POST /graphql/stream"]
    told = collector.named("GraphQL event")
    opened_by = {(span.trace_id, span.span_id) for span in openings}
    assert {span.links[0] for span in told} == opened_by
    assert len({span.trace_id for span in told} - {span.trace_id for span in openings}) == 2
    (leader,) = [span for span in told if len(span.links) == 1]
    (follower,) = [span for span in told if len(span.links) == 2]
    assert follower.links[1] == (leader.trace_id, leader.span_id)
    (execution,) = collector.named("GraphQL execute")
    assert execution.parent_id == leader.span_id
    (edge,) = collector.named("POST /webhooks/{sender}/{shop:path}")
    assert "url.path" not in edge.attributes
    processed, *_ = collector.named("process inbox")
    assert (processed.kind, processed.attributes["gateway.shop"]) == (CONSUMER, "flagship")
    assert processed.parent_id in {span.span_id for span in collector.named("background inbox")}
