"""Streams of answers: event streams by their protocol, readers that are slow, and the end."""

import asyncio
import gc
import json
import logging
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect

from gateway.http.application import Application
from gateway.http.event_stream import EventStream
from gateway.http.web_socket import WebSockets
from tests.http.small_gateway import SmallGateway, served, without_cost
from tests.http.small_schema import SECRET
from tests.http.test_web_socket import closed

SEND_TIMEOUT = 0.5


@pytest.fixture
def small() -> SmallGateway:
    """Answer the parts of an edge whose readers have little time, in which nothing happened."""
    return SmallGateway()


@pytest.fixture
def url(small: SmallGateway) -> Iterator[str]:
    """Answer its address."""
    streaming = small.streaming
    app = Application(
        {
            "/graphql": small.endpoint,
            "/graphql/stream": EventStream(streaming, 9_999, send_timeout=SEND_TIMEOUT),
        },
        {"/graphql": WebSockets(streaming, send_timeout=SEND_TIMEOUT)},
        small.endpoint,
    )
    with served(app) as address:
        yield address


def events(answer: httpx.Response) -> list[tuple[str, Any]]:
    """The events of a whole stream."""
    found = []
    for block in answer.text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        fields = dict(line.split(": ", 1) for line in lines)
        if fields:
            data = json.loads(fields["data"]) if fields["data"] else None
            found.append((fields["event"], data and without_cost(data)))
    return found


def ask(url: str, query: str, path: str = "/graphql/stream", **more: Any) -> httpx.Response:
    """Open a stream, and read it to its end."""
    return httpx.post(
        f"{url}{path}",
        json={"query": query},
        headers={"Accept": "text/event-stream"},
        trust_env=False,
        **more,
    )


@pytest.mark.parametrize("path", ["/graphql/stream", "/graphql"])
def test_a_subscription_streams(path: str, url: str) -> None:
    answer = ask(url, "subscription { ticks }", path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert events(answer) == [("next", {"data": {"ticks": 1}}), ("complete", None)]


def test_any_operation_streams(url: str, small: SmallGateway) -> None:
    assert events(ask(url, "{ hello }"))[0] == ("next", {"data": {"hello": "Hello, world"}})
    assert events(ask(url, "mutation { increment }"))[0][1] == {"data": {"increment": 1}}
    query = {"query": "{ hello }"}
    by_get = httpx.get(f"{url}/graphql/stream", params=query, trust_env=False)
    assert events(by_get)[-1] == ("complete", None)
    assert small.journal.increments == 1


def test_a_refused_operation_is_a_stream_of_its_errors(url: str) -> None:
    told = events(ask(url, "subscription { nothing }"))

    assert [kind for kind, _ in told] == ["next", "complete"]
    assert told[0][1]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_a_failure_on_the_way_ends_the_stream_without_its_secret(url: str) -> None:
    answer = ask(url, "subscription { breaks }")

    told = events(answer)
    assert told[0] == ("next", {"data": {"breaks": 1}})
    assert told[1][1]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert told[2] == ("complete", None)
    assert SECRET not in answer.text


def test_what_is_no_such_request_gets_a_status(url: str) -> None:
    target = f"{url}/graphql/stream"
    with httpx.Client(trust_env=False) as client:
        mutation = client.get(target, params={"query": "mutation { increment }"})
        put = client.put(target)
        form = client.post(target, data={"query": "{ hello }"})
        large = client.post(target, json={"query": "{ hello }" + " " * 10_000})

    assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")
    assert (put.status_code, put.headers["allow"]) == (405, "GET, HEAD, POST")
    assert (form.status_code, large.status_code) == (415, 413)


def test_head_says_how_a_stream_would_be_answered(url: str, small: SmallGateway) -> None:
    target = f"{url}/graphql/stream"
    with httpx.Client(trust_env=False) as client:
        stream = client.head(target, params={"query": "subscription { flood(size: 10) }"})
        mutation = client.head(target, params={"query": "mutation { increment }"})

    assert (stream.status_code, stream.content) == (200, b"")
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")
    assert small.journal.increments == 0


def test_who_is_unknown_gets_401(url: str, small: SmallGateway) -> None:
    small.key = "right"

    answer = ask(url, "subscription { ticks }")

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_who_leaves_ends_the_subscription(url: str, small: SmallGateway) -> None:
    body = {"query": "subscription { flood(size: 10) }"}
    with httpx.stream("POST", f"{url}/graphql/stream", json=body, trust_env=False) as answer:
        next(answer.iter_bytes())

    _wait_until(lambda: small.journal.cancelled == ["flood"])


async def test_a_body_that_does_not_come_is_not_waited_for(url: str) -> None:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = b"POST /graphql/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(head + b"Content-Length: 99\r\n\r\n{")

    answer = await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    assert answer.split()[1] == b"408"


async def test_who_is_unknown_sends_no_body(url: str, small: SmallGateway) -> None:
    small.key = "right"
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = b"POST /graphql/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(head + b"Content-Length: 99\r\n\r\n")

    answer = await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    assert answer.split()[1] == b"401"


async def test_an_event_stream_that_is_not_read_ends(url: str, small: SmallGateway) -> None:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1_024)
    body = b'{"query": "subscription { flood(size: 100000) }"}'
    writer.write(
        b"POST /graphql/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    await asyncio.to_thread(_wait_until, lambda: small.journal.cancelled == ["flood"])
    # Nothing was piled up for it but what the two sockets hold.
    assert small.journal.increments < 200

    rest = await asyncio.wait_for(reader.read(-1), 60)
    writer.close()
    assert b"event: complete" not in rest


async def test_a_socket_that_is_not_read_is_closed_with_the_reason(
    url: str, small: SmallGateway
) -> None:
    async with connect(
        f"{url}/graphql".replace("http", "ws"),
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item] # a NewType of str
        max_queue=2,
        proxy=None,
        compression=None,
    ) as socket:
        await socket.send('{"type": "connection_init"}')
        payload = {"query": "subscription { flood(size: 100000) }"}
        await socket.send(json.dumps({"type": "subscribe", "id": "a", "payload": payload}))
        await asyncio.to_thread(_wait_until, lambda: small.journal.cancelled == ["flood"])
        assert small.journal.increments < 200

        code, reason = await closed(socket)

    assert code == 1013
    assert "since" in reason


@pytest.mark.parametrize("leaves", ["abort", "close", "half"])
async def test_a_socket_whose_client_leaves_while_it_is_written_to_logs_nothing(
    url: str, small: SmallGateway, leaves: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with capture_logs() as logged:
        socket = await connect(
            f"{url}/graphql".replace("http", "ws"),
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item] # a NewType of str
            proxy=None,
            compression=None,
            # The server, which writes without end, does not answer a closing client.
            close_timeout=0.2,
        )
        await socket.send('{"type": "connection_init"}')
        for name in range(5):
            payload = {"query": "subscription { flood(size: 50000) }"}
            await socket.send(
                json.dumps({"type": "subscribe", "id": str(name), "payload": payload})
            )
        for _ in range(10):
            await socket.recv()
        if leaves == "close":
            await socket.close()
        elif leaves == "half":
            socket.transport.write_eof()
        socket.transport.abort()
        await asyncio.to_thread(_wait_until, lambda: small.journal.cancelled == ["flood"] * 5)
    # A task whose failure nobody looked at is told of when it is collected.
    gc.collect()

    assert logged == []
    assert [record.getMessage() for record in caplog.records] == []


async def test_streams_end_when_the_gateway_stops(url: str, small: SmallGateway) -> None:
    body = {"query": "subscription { flood(size: 10) }"}
    async with httpx.AsyncClient(trust_env=False) as client:
        async with client.stream("POST", f"{url}/graphql/stream", json=body) as answer:
            chunks = answer.aiter_bytes()
            await anext(chunks)
            small.streaming.stop()
            text = b"".join([chunk async for chunk in chunks])
        late = await client.post(f"{url}/graphql/stream", json=body)

    assert b"complete" not in text
    assert late.status_code == 503


def _wait_until(true: Any) -> None:
    while not true():
        time.sleep(0.02)
