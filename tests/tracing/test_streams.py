"""Traces of subscriptions: their opening, what they are told, and where that came from."""

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.feed.subscribers import Events
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve
from tests.inbox.test_webhooks import STORE, deliver, order_in, shops
from tests.tracing.collector import CONSUMER, SERVER, Collector
from tests.tracing.test_operations import headers, shown, trace_id
from tests.wechat.deliveries import merchant_order, plain

CHANGES: Final = "subscription Live { orderChanged { order { platformId } } }"


async def ask_by_web_socket(http: httpx.AsyncClient, query: str, given: dict[str, str]) -> None:
    """Ask one operation over a connection of its own, which is opened with these headers."""
    address = f"{http.base_url}".replace("http", "ws", 1).rstrip("/")
    protocol = Subprotocol("graphql-transport-ws")
    async with connect(
        f"{address}/graphql", subprotocols=[protocol], additional_headers=given, proxy=None
    ) as socket:
        for message in (
            {"type": "connection_init"},
            {"type": "subscribe", "id": "1", "payload": {"query": query}},
        ):
            await socket.send(json.dumps(message))
        kinds = [json.loads(await socket.recv())["type"] for _ in range(3)]
    assert kinds == ["connection_ack", "next", "complete"]


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
        await ask_by_web_socket(client.http, "{ viewer { name } }", headers(3))
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
    executed = {span.parent_id for span in collector.named("GraphQL execute")}
    assert leader.span_id in executed
    assert follower.span_id not in executed
    (socket,) = collector.trace(trace_id(3))
    assert socket.attributes["http.response.status_code"] == 101
    (asked,) = collector.named("query")
    assert (asked.parent_id, asked.links) == ("", [(socket.trace_id, socket.span_id)])
    (edge,) = collector.named("POST /webhooks/{sender}/{shop:path}")
    assert "url.path" not in edge.attributes
    processed, *_ = collector.named("process inbox")
    assert (processed.kind, processed.attributes["gateway.shop"]) == (CONSUMER, "flagship")
    assert processed.parent_id in {span.span_id for span in collector.named("background inbox")}
