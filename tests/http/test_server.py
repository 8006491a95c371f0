"""How answers leave: head and body together."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from gateway.http.server import GatewayProtocol

REQUEST = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
BODY = b"0123456789"


class Recorder(asyncio.Transport):
    """A connection that notes each call that would write to it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.calls: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.calls.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(bytes(part) for part in list_of_data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def resume_reading(self) -> None:
        """There is nothing to read."""


async def answered(steps: Iterable[dict[str, Any] | None], request: bytes = REQUEST) -> Recorder:
    """Answer a request by these ASGI messages; None lets a turn of the event loop pass."""

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - ASGI's
        for step in steps:
            await (asyncio.sleep(0) if step is None else send(step))

    config = Config(app, http=GatewayProtocol, log_config=None, server_header=False, lifespan="off")
    transport = Recorder()
    protocol = GatewayProtocol(config, ServerState(), {})
    protocol.connection_made(transport)
    protocol.data_received(request)
    for _ in range(10):
        await asyncio.sleep(0)
    protocol.connection_lost(None)
    return transport


def start(length: bytes | None) -> dict[str, Any]:
    """The head of an answer."""
    headers = [] if length is None else [(b"content-length", length)]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    """A part of its body."""
    return {"type": "http.response.body", "body": body, "more_body": more}


async def test_a_whole_answer_is_one_write() -> None:
    transport = await answered([start(b"10"), part(BODY)])

    (call,) = transport.calls
    head, _, body = call.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == BODY


async def test_a_head_does_not_wait_for_a_body_that_comes_later() -> None:
    transport = await answered([start(None), None, None, part(BODY, more=True), None, part(b"")])

    head, *chunks = transport.calls
    assert head.endswith(b"\r\n\r\n")
    assert chunks == [b"a\r\n0123456789\r\n", b"0\r\n\r\n"]


@pytest.mark.parametrize("body", [b"", BODY])
async def test_all_is_written_before_the_connection_is_closed(body: bytes) -> None:
    request = REQUEST.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")

    transport = await answered([start(str(len(body)).encode()), part(body)], request)

    (call,) = transport.calls
    assert call.endswith(b"\r\n\r\n" + body)
    assert transport.closed


async def test_a_head_alone_is_written_before_the_connection_is_closed() -> None:
    """An application that ends without its body ends the connection."""
    transport = await answered([start(b"10")])

    (call,) = transport.calls
    assert call.startswith(b"HTTP/1.1 200 OK\r\n")
    assert transport.closed
