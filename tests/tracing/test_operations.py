"""What a trace shows of an operation: its phases, its use cases, statements and deliveries."""

from typing import Any, Final

from tests.e2e.order_samples import IMPORT, mini_order
from tests.fixtures_served import Client, Serve
from tests.tracing.collector import (
    CLIENT,
    CONSUMER,
    INTERNAL,
    PRODUCER,
    SERVER,
    Collector,
    Exported,
)

GROUPS: Final = 'query Groups { productGroups(shop: "flagship") { name } }'
OUTBOX: Final = {"messaging.system": "gateway_outbox", "messaging.destination.name": "outbox"}


def headers(number: int) -> dict[str, str]:
    """Those of the client's trace of this number."""
    return {"traceparent": f"00-{trace_id(number)}-00f067aa0ba902b7-01"}


def trace_id(number: int) -> str:
    return f"{number:032x}"


def shown(spans: list[Exported]) -> set[tuple[str, int, str]]:
    """Of each span: name, kind, and the name of its parent."""
    names = {span.span_id: span.name for span in spans}
    return {(span.name, span.kind, names.get(span.parent_id, "")) for span in spans}


def failures(spans: list[Exported]) -> dict[str, Any]:
    """The `error.type` of the spans that failed, by name."""
    return {span.name: span.attributes["error.type"] for span in spans if span.failed}


async def ask_all(gateway: Client, *queries: str) -> None:
    """Ask these, each in the trace of its place, from 1."""
    for number, query in enumerate(queries, start=1):
        await gateway.ask(query, headers=headers(number))


async def test_a_query_shows_its_phases_its_use_cases_and_its_calls(
    serve: Serve, collector: Collector
) -> None:
    async with serve(telemetry={"otlp_endpoint": collector.url}) as gateway:
        await ask_all(
            gateway, GROUPS, GROUPS, "{ viewer {", "{ nothing }", '{ product(id: "no id") { id } }'
        )

    new, known, unparsed, invalid, wrong = (
        collector.trace(trace_id(number)) for number in range(1, 6)
    )
    assert {
        ("POST /graphql", SERVER, ""),
        ("query", SERVER, "POST /graphql"),
        ("GraphQL parse", INTERNAL, "query"),
        ("GraphQL validate", INTERNAL, "query"),
        ("GraphQL execute", INTERNAL, "query"),
        ("shelves.groups", INTERNAL, "GraphQL execute"),
        ("call group.getall", INTERNAL, "shelves.groups"),
        ("GET /merchant/group/getall", CLIENT, "call group.getall"),
    } <= shown(new)
    (operation,) = [span for span in new if span.name == "query"]
    assert operation.attributes == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Groups",
    }
    # Neither parsed nor validated again, and the platform's answer is kept.
    assert shown(known) == {
        ("POST /graphql", SERVER, ""),
        ("query", SERVER, "POST /graphql"),
        ("GraphQL execute", INTERNAL, "query"),
        ("shelves.groups", INTERNAL, "GraphQL execute"),
    }
    assert failures(unparsed) == {
        "GraphQL Operation": "GRAPHQL_PARSE_FAILED",
        "GraphQL parse": "GraphQLSyntaxError",
    }
    assert failures(invalid) == {"GraphQL Operation": "GRAPHQL_VALIDATION_FAILED"}
    assert failures(wrong) == {"query": "BAD_USER_INPUT"}


async def test_a_mutation_shows_what_it_writes_and_delivers(
    serve: Serve, collector: Collector
) -> None:
    async with serve(telemetry={"otlp_endpoint": collector.url}) as gateway:
        answer = await gateway.ask(IMPORT, {"input": mini_order("traced")}, headers=headers(1))

    assert answer.data["orderImport"]["userErrors"] == []
    spans = collector.trace(trace_id(1))
    found = shown(spans)
    assert ("mutation", SERVER, "POST /graphql") in found
    assert {(name, kind) for name, kind, _ in found} >= {
        ("order_writing.import_orders", INTERNAL),
        ("transaction", CLIENT),
        ("SELECT", CLIENT),
    }
    assert ("queue outbox", PRODUCER, "transaction") in found
    assert ("settle outbox", CLIENT, "deliver outbox") in found
    (queued,), (delivered,) = (
        [span for span in spans if span.name == name] for name in ("queue outbox", "deliver outbox")
    )
    assert queued.attributes == {
        **OUTBOX,
        "messaging.operation.name": "queue",
        "messaging.operation.type": "send",
        "messaging.batch.message_count": 1,
    }
    assert delivered.kind == CONSUMER
    assert delivered.attributes == {
        **OUTBOX,
        "messaging.operation.name": "deliver",
        "messaging.operation.type": "process",
        "messaging.batch.message_count": 1,
        "gateway.shop": "mini",
        "gateway.push.operation": "ORDER_IMPORT",
    }
    calls = [span for span in spans if span.parent_id == delivered.span_id]
    assert any(span.name.startswith("call ") for span in calls)
    statements = [span for span in spans if "db.system.name" in span.attributes]
    assert {span.attributes["db.system.name"] for span in statements} == {"sqlite"}
    assert all(
        set(span.attributes) <= {"db.system.name", "db.operation.name", "error.type"}
        for span in statements
    )
