"""Heads of requests and connections that no client would send: refused before ASGI sees them."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import uvicorn

from gateway.http.request_heads import MAX_HEAD_BYTES, MAX_HEADERS
from gateway.http.server import GatewayProtocol
from tests.prompt_server import PromptServer

KEPT = b"GET / HTTP/1.1\r\nhost: a.example\r\n"
START = KEPT + b"connection: close\r\n"
#: Larger than the limit, and more than the kernel takes in at once.
MUCH = 8_000_000


class Hurried(GatewayProtocol):
    """With less time for a head."""

    head_seconds = 0.2


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the size of the body, and with how many headers came."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = b"%d %d" % (size, len(scope["headers"]))
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def served(protocol: type[GatewayProtocol] = GatewayProtocol, most: int | None = None) -> Any:
    """Serve the application; answers a function that opens a connection."""
    config = uvicorn.Config(
        app, http=protocol, port=0, log_config=None, lifespan="off", limit_concurrency=most
    )
    server = PromptServer(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    opened: list[socket.socket] = []

    def connect() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", port), timeout=60))
        return opened[-1]

    try:
        yield connect
    finally:
        for connection in opened:
            connection.close()
        server.stop()
        thread.join()


@pytest.fixture(scope="module")
def connect() -> Iterator[Any]:
    with served() as connect:
        yield connect


def heard(connection: socket.socket) -> tuple[int, bytes]:
    """Everything until the server closes: the last status, and what followed its head."""
    answer = b""
    while part := _read(connection):
        answer += part
    head, _, body = answer.rpartition(b"\r\n\r\n")
    return int(head[head.rindex(b"HTTP/1.1") :].split()[1]), body


def sent(connection: socket.socket, data: bytes) -> None:
    """Send all of it, unless the server has closed the connection."""
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(data)


def refusal(body: bytes) -> tuple[str, str]:
    """Code and message of the one error, which has a request id."""
    (error,) = json.loads(body)["errors"]
    assert len(error["extensions"]["requestId"]) == 32
    return error["extensions"]["code"], error["message"]


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * MUCH,
        b"G" * MUCH,
        START + b"x: " + b"a" * MUCH,
        START + b"n" * MUCH,
        START + b"x: " + b" " * MUCH,
        START + b"x: a\r\n b" + b" b\r\n" * (MUCH // 4),
        b"\r\n" * (MUCH // 2),
        START + b"x: a\r\n" * 8_000,
    ],
    ids=["path", "method", "value", "name", "blanks", "folded", "line ends", "several"],
)
def test_an_endless_head_is_refused(connect: Any, head: bytes) -> None:
    connection = connect()
    sent(connection, head)

    status, body = heard(connection)
    assert status in {400, 431}
    assert refusal(body)[0] == "BAD_USER_INPUT"


def test_the_largest_head_is_answered_and_one_byte_more_is_not(connect: Any) -> None:
    most = START + b"x: %b\r\n\r\n"
    for size, status in ((MAX_HEAD_BYTES, 200), (MAX_HEAD_BYTES + 1, 431)):
        connection = connect()
        filled = most % (b"a" * (size - len(most) + 2))
        assert len(filled) == size
        sent(connection, filled)
        assert heard(connection)[0] == status


def test_as_many_headers_as_allowed_are_taken_and_one_more_is_not(connect: Any) -> None:
    for more, expected in ((MAX_HEADERS - 2, 200), (MAX_HEADERS - 1, 431), (100_000, 431)):
        connection = connect()
        sent(connection, START + b"x:1\r\n" * more + b"\r\n")
        status, body = heard(connection)
        assert status == expected
        if expected == 431:
            assert refusal(body)[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (b"0;" + b"e" * MUCH, 431),
        (b"5\r\nhello\r\n0\r\nx: " + b"t" * MUCH, 431),
        (b"5\r\nhello\r\n0\r\n" + b"x: t\r\n" * 200 + b"\r\n", 200),
    ],
    ids=["chunk extension", "trailer", "trailers"],
)
def test_what_stands_beside_a_body_is_bounded(connect: Any, end: bytes, status: int) -> None:
    connection = connect()
    head = START.replace(b"GET", b"POST") + b"transfer-encoding: chunked\r\n\r\n"
    sent(connection, head + end)

    # A request that has begun gets no other answer: its connection ends.
    answer = b""
    while part := _read(connection):
        answer += part
    assert (answer.startswith(b"HTTP/1.1 200") and status == 200) or answer == b""


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("size", [1, 32_768, 32_769, 3_000_000])
def test_a_body_has_no_such_bound(connect: Any, size: int) -> None:
    connection = connect()
    head = START.replace(b"GET", b"POST") + b"content-length: %d\r\n\r\n" % size
    sent(connection, head + b"b" * size)
    assert heard(connection) == (200, b"%d 3" % size)


def test_requests_one_after_the_other_are_each_answered(connect: Any) -> None:
    """Sent at once, they are longer than one head may be."""
    connection = connect()
    more = b"x: " + b"a" * 20_000 + b"\r\n\r\n"
    sent(connection, (KEPT + more) * 4 + START + more)
    answer = b""
    while part := _read(connection):
        answer += part
    assert answer.count(b"HTTP/1.1 200 OK") == 5


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"", 400),
        (b"host: a.example\r\nhost: b.example\r\n", 400),
        (b"host: a.example\r\nHOST: a.example\r\n", 400),
        (b"host: a.example, b.example\r\n", 400),
        (b"host: a.example/path\r\n", 400),
        (b"host: a example\r\n", 400),
        (b"host: user@a.example\r\n", 400),
        (b"host: a.example:port\r\n", 400),
        (b"host:\r\n", 200),
        (b"host: a.example:443\r\n", 200),
        (b"host: [::1]:8000\r\n", 200),
        (b"host: 127.0.0.1\r\n", 200),
    ],
    ids=ascii,
)
def test_a_request_has_exactly_one_host(connect: Any, lines: bytes, status: int) -> None:
    for upgrade in (b"", b"connection: upgrade\r\nupgrade: websocket\r\n"):
        connection = connect()
        sent(connection, b"GET / HTTP/1.1\r\nconnection: close\r\n" + lines + upgrade + b"\r\n")
        answered, body = heard(connection)
        if status == 400:
            assert (answered, refusal(body)) == (
                400,
                ("BAD_USER_INPUT", "A request has exactly one valid Host header"),
            )
        elif not upgrade:
            assert answered == 200


def test_a_client_of_http_1_0_needs_no_host(connect: Any) -> None:
    connection = connect()
    sent(connection, b"GET / HTTP/1.0\r\n\r\n")
    assert heard(connection)[0] == 200


def test_a_slow_head_is_refused_and_a_silent_connection_closed() -> None:
    with served(Hurried) as connect:
        slow, silent, used = connect(), connect(), connect()
        sent(used, KEPT + b"\r\n")
        assert used.recv(65_536).startswith(b"HTTP/1.1 200")
        sent(used, b"GET / HT")
        for byte in KEPT:
            sent(slow, bytes([byte]))
            time.sleep(0.02)

        assert silent.recv(1) == b""
        for connection in (slow, used):
            status, body = heard(connection)
            assert (status, refusal(body)) == (
                408,
                ("BAD_USER_INPUT", "The request's head did not arrive within 0.2 seconds"),
            )


def test_a_connection_that_waits_between_two_requests_is_not_slow() -> None:
    with served(Hurried) as connect:
        connection = connect()
        for _ in range(2):
            sent(connection, KEPT + b"\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
            time.sleep(0.5)
        sent(connection, START + b"\r\n")
        assert heard(connection)[0] == 200


def test_a_connection_too_many_is_refused_and_those_before_go_on() -> None:
    with served(most=3) as connect:
        kept = [connect() for _ in range(3)]
        for connection in kept:
            sent(connection, KEPT + b"\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")

        one_more = connect()
        status, body = heard(one_more)
        assert (status, refusal(body)) == (
            503,
            ("OVERLOADED", "Too many connections are open; try again in a second"),
        )
        for connection in kept:
            sent(connection, START + b"\r\n")
            assert heard(connection)[0] == 200
        again = connect()
        sent(again, START + b"\r\n")
        assert heard(again)[0] == 200
