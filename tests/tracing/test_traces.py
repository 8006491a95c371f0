"""Traces as a collector gets them: from the edge to each call of a platform."""

from pathlib import Path
from typing import Any, Final

from gateway.platforms.mini_program.sandbox.sample_partner_orders import SAMPLE_ORDER_ID
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration, weixin_shop
from tests.tracing.collector import CLIENT, INTERNAL, SERVER, Collector, Exported

TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT: Final = "00f067aa0ba902b7"
TRACEPARENT: Final = f"00-{TRACE}-{PARENT}-01"
THREE_PLATFORMS: Final = """query Three($partner: String!, $order: String!) {
  flagship: products(first: 1, filter: { shops: ["flagship"] }) { nodes { id } }
  weixin: products(first: 1, filter: { shops: ["weixin"] }) { nodes { id } }
  mini: partnerOrder(shop: "mini", partnerAppId: $partner, platformId: $order) { id }
}"""


def four_shops(sandbox: Sandbox, folder: Path) -> list[dict[str, Any]]:
    """A shop of each platform."""
    return [*configuration(sandbox, folder)["shops"], weixin_shop(sandbox)]


def above(span: Exported, spans: list[Exported]) -> list[Exported]:
    """The spans from this one's parent up to the edge."""
    parents = {one.span_id: one for one in spans}
    found: list[Exported] = []
    while (parent := parents.get(span.parent_id)) is not None:
        found.append(parent)
        span = parent
    return found


async def test_one_trace_shows_a_query_over_three_platforms(
    serve: Serve, sandbox: Sandbox, collector: Collector, tmp_path: Path
) -> None:
    shops = four_shops(sandbox, tmp_path)
    async with serve(shops=shops, telemetry={"otlp_endpoint": collector.url}) as gateway:
        variables = {"partner": "SHOP_APPID", "order": SAMPLE_ORDER_ID}
        answer = await gateway.ask(THREE_PLATFORMS, variables, headers={"traceparent": TRACEPARENT})

    assert answer.data["mini"] is not None
    spans = collector.trace(TRACE)
    (edge,) = [span for span in spans if span.kind == SERVER and span.parent_id == PARENT]
    assert edge.name == "POST /graphql"
    assert edge.attributes == {
        "http.request.method": "POST",
        "url.scheme": "http",
        "http.route": "/graphql",
        "http.response.status_code": 200,
    }
    calls = [span for span in spans if span.kind == CLIENT and "url.template" in span.attributes]
    assert {span.attributes["gateway.shop"] for span in calls} == {"flagship", "weixin", "mini"}
    assert all(above(span, spans)[-1] == edge for span in spans if span != edge)
    products = [span for span in calls if span.attributes["gateway.endpoint"] == "getbystatus"]
    assert [(span.name, span.attributes["http.response.status_code"]) for span in products] == [
        ("POST /merchant/getbystatus", 200)
    ]


async def test_a_call_that_is_repeated_has_a_span_for_each_attempt(
    serve: Serve, sandbox: Sandbox, collector: Collector
) -> None:
    async with serve(telemetry={"otlp_endpoint": collector.url}) as gateway:
        await gateway.ask('{ productGroups(shop: "flagship") { name } }')
        sandbox.fault("http_status", 503, times=1, path="/merchant/group/getall")
        await gateway.ask(
            '{ productGroups(shop: "flagship") { name } }', headers={"Cache-Control": "no-cache"}
        )

    calls = collector.named("call group.getall")
    attempts = [
        span
        for span in collector.spans
        if span.kind == CLIENT and span.attributes.get("gateway.endpoint") == "group.getall"
    ]
    assert [(span.kind, span.failed) for span in calls] == [(INTERNAL, False), (INTERNAL, False)]
    assert [span.parent_id for span in attempts] == [
        calls[0].span_id,
        calls[1].span_id,
        calls[1].span_id,
    ]
    facts = [
        (
            span.failed,
            span.attributes["http.response.status_code"],
            span.attributes.get("error.type"),
            span.attributes.get("http.request.resend_count"),
        )
        for span in attempts
    ]
    assert facts == [
        (False, 200, None, None),
        (True, 503, "PLATFORM_UNAVAILABLE", None),
        (False, 200, None, 1),
    ]
