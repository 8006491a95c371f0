"""One line an operation: sampled, but always of what failed or was slow, with no secret in it."""

import io
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import structlog

from gateway.http.operation_log import OperationFacts, OperationLog
from gateway.http.request import RequestInfo
from gateway.logs import configure_logging
from gateway.settings import LogSettings
from gateway.upstream.observer import CallCount
from tests.fixtures_served import Client, Serve

pytestmark = pytest.mark.usefixtures("logging_as_it_was")

SECRET: Final = "the-secret-of-a-shop"
REQUEST: Final = RequestInfo(method="POST", headers={}, request_id="r1")
GOOD: Final = OperationFacts("query", "OK", "Orders", "front", 31)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> OperationLog:
    configure_logging(LogSettings(), [SECRET], stream)
    return OperationLog(0.25, 1.0, lambda: 0.25)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_as_the_logs_own(stream: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=stream)
    OperationLog(1.0, 1.0, lambda: 0.0).write(GOOD, REQUEST, 0.00123, CallCount(2))
    structlog.stdlib.get_logger("gateway.http.operation_log").info("another", message="x")

    line, other = lines(stream)
    assert list(line)[:4] == ["time", "level", "event", "message"]
    assert line["time"][:11] == other["time"][:11]
    assert line["time"].endswith("Z")
    del line["time"]
    assert line == {
        "level": "info",
        "event": "http.operation.answered",
        "message": "An operation was answered.",
        "request_id": "r1",
        "kind": "query",
        "operation": "Orders",
        "key": "front",
        "code": "OK",
        "milliseconds": 1.2,
        "points": 31,
        "platform_calls": 2,
        "logger": other["logger"],
    }


def test_for_people_it_is_a_line_like_any_other(stream: io.StringIO) -> None:
    configure_logging(LogSettings(format="console"), stream=stream)
    OperationLog(1.0, 1.0, lambda: 0.0).write(GOOD, REQUEST, 0.001, CallCount())

    assert "http.operation.answered" in stream.getvalue()
    assert "operation=Orders" in stream.getvalue()


@pytest.mark.parametrize(
    ("facts", "seconds", "written"),
    [
        (GOOD, 0.999, False),
        (GOOD, 1.0, True),
        (OperationFacts("query", "FORBIDDEN", None, "front", 1), 0.001, True),
        (OperationFacts("none", "UNAUTHENTICATED"), 0.001, True),
        (OperationFacts("subscription", "OK", None, "front", 1), 3_600.0, False),
        (OperationFacts("none", "OK"), 5.0, False),
    ],
)
def test_what_went_well_and_fast_is_sampled(
    log: OperationLog, stream: io.StringIO, facts: OperationFacts, seconds: float, *, written: bool
) -> None:
    log.write(facts, REQUEST, seconds, CallCount())

    assert bool(lines(stream)) is written


def test_the_sample_is_the_share_of_the_configuration(stream: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=stream)
    chances = iter([0.0, 0.24, 0.25, 0.99])
    log = OperationLog(0.25, 1.0, lambda: next(chances))
    for _ in range(4):
        log.write(GOOD, REQUEST, 0.001, CallCount())

    assert len(lines(stream)) == 2


def test_what_the_caller_chose_is_redacted(log: OperationLog, stream: io.StringIO) -> None:
    facts = OperationFacts("query", "FORBIDDEN", SECRET.replace("-", "_") + SECRET, "front", 1)
    request = RequestInfo(
        method="POST", headers={"x-request-id": SECRET}, request_id=f"it-is-{SECRET}"
    )
    log.write(facts, request, 0.001, CallCount())

    assert SECRET not in stream.getvalue()
    assert lines(stream)[0]["request_id"] == "it-is-[redacted]"


def test_below_its_level_nothing_is_written(stream: io.StringIO) -> None:
    configure_logging(LogSettings(level="warning"), stream=stream)
    OperationLog(1.0, 1.0, lambda: 0.0).write(GOOD, REQUEST, 9.0, CallCount())

    assert stream.getvalue() == ""


def test_a_stream_that_is_gone_fails_no_request(log: OperationLog, stream: io.StringIO) -> None:
    stream.close()

    log.write(GOOD, REQUEST, 9.0, CallCount())


@pytest.fixture
async def gateway(serve: Serve, stream: io.StringIO) -> AsyncIterator[Client]:
    async with serve() as client:
        configure_logging(LogSettings(), stream=stream)
        yield client


def operations(stream: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in lines(stream) if line["event"] == "http.operation.answered"]


async def test_an_answer_has_its_line(gateway: Client, stream: io.StringIO) -> None:
    query = 'query Listed { orders(filter: { shops: ["flagship"] }) { nodes { id } } }'
    answer = await gateway.ask(query, headers={"X-Request-Id": "asked"})
    await gateway.ask("query Listed { nonsense }")

    first, second = operations(stream)
    assert answer.status == 200
    assert (first["request_id"], first["operation"], first["key"]) == ("asked", "Listed", "open")
    assert (first["kind"], first["code"]) == ("query", "OK")
    assert first["points"] >= 10
    assert first["platform_calls"] >= 1
    assert first["milliseconds"] > 0
    assert (second["kind"], second["code"]) == ("none", "GRAPHQL_VALIDATION_FAILED")
    assert second["platform_calls"] == 0


async def test_a_streamed_answer_has_its_line(gateway: Client, stream: io.StringIO) -> None:
    headers = {"Accept": "text/event-stream"}
    for query in ("query Streamed { viewer { name } }", "{ nonsense }"):
        await gateway.http.post("/graphql", json={"query": query}, headers=headers)

    first, second = operations(stream)
    assert (first["operation"], first["code"], first["key"]) == ("Streamed", "OK", "open")
    assert (second["code"], second["key"]) == ("GRAPHQL_VALIDATION_FAILED", "open")
