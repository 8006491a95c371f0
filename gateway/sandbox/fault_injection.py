"""Fault injection: ASGI middleware around the platforms."""

import asyncio
import gzip
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.sandbox.faults import Fault, Faults
from gateway.sandbox.part import Service, service_of
from gateway.sandbox.server_state import ServerState

HTML = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>502</body></html>"
MEBIBYTE = 2**20
BOMB_MEBIBYTES = 200
HUGE_MEBIBYTES = 30
RESET_AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP response."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class FaultInjection:
    """Passes requests to `app`, or responds with a fault."""

    def __init__(
        self,
        app: ASGIApp,
        faults: Faults,
        server: ServerState,
        services: Sequence[Service],
    ) -> None:
        self._app = app
        self._faults = faults
        self._server = server
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self._app(scope, receive, send)
            return
        token = _token(scope)
        service = service_of(self._services, scope["path"])
        name = service.name if service else None
        faults = self._faults.take(name, scope["path"], self._server.tokens.owner(token))
        for fault in faults:
            if fault.kind == "latency":
                await asyncio.sleep(float(fault.value))
            elif fault.kind == "expired_token":
                self._server.tokens.expire(token)
        spoiling = [f for f in faults if f.kind not in ("latency", "expired_token")]
        if not spoiling:
            await self._app(scope, receive, send)
            return
        fault = spoiling[0]
        needs_answer = fault.after or fault.kind in ("truncated", "drip")
        true = await self._true_answer(scope, receive) if needs_answer else None
        if fault.kind == "reset":
            await _reset(scope, receive)
        elif fault.kind == "silence":
            await _until_gone(receive)
        elif fault.kind == "drip" and true is not None:
            await _drip(true, float(fault.value or 1), receive, send)
        elif fault.kind == "truncated" and true is not None:
            await _cut(true, fault.value, scope, receive, send)
        else:
            await _send(_answer(fault, service), send)

    async def _true_answer(self, scope: Scope, receive: Receive) -> Answer:
        """Let the platform handle the request, and capture its response."""
        status, headers, body = 200, (), b""

        async def keep(message: Message) -> None:
            nonlocal status, headers, body
            if message["type"] == "http.response.start":
                status, headers = message["status"], tuple(message["headers"])
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")

        await self._app(scope, receive, keep)
        return Answer(status, headers, body)


def _token(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("access_token", [""])[0]


def _answer(fault: Fault, service: Service | None) -> Answer:
    """Return the response of faults that replace it."""
    value: Any = fault.value
    makers: dict[str, Callable[[], Answer]] = {
        "errcode": lambda: _json(_refusal(fault.kind, int(value), service)),
        "errno": lambda: _json(_refusal(fault.kind, int(value), service)),
        "http_status": lambda: _status(value),
        "body": lambda: _json(value),
        "html": lambda: Answer(200, ((b"content-type", b"text/html"),), HTML.encode()),
        "redirect": lambda: Answer(302, ((b"location", str(value).encode()),), b""),
        "bomb": lambda: _bomb(int(value or BOMB_MEBIBYTES)),
        "huge": lambda: _huge(int(value or HUGE_MEBIBYTES)),
        "empty": lambda: Answer(200, ((b"content-type", b"application/json"),), b""),
    }
    return makers[fault.kind]()


def _huge(mebibytes: int) -> Answer:
    return _json({"errcode": 0, "errmsg": "ok", "padding": "x" * (mebibytes * MEBIBYTE)})


def _refusal(kind: str, code: int, service: Service | None) -> dict[str, Any]:
    """Return the refusal in the platform's envelope; a bare code if no platform serves the path."""
    return service.refusal(kind, code) if service else {kind: code}


def _status(value: Any) -> Answer:
    """Parse a status, or `{"status": 503, "headers": {...}, "body": "..."}`."""
    asked = value if isinstance(value, dict) else {"status": value}
    headers = tuple(
        (name.lower().encode(), str(text).encode())
        for name, text in asked.get("headers", {}).items()
    )
    return Answer(int(asked["status"]), headers, str(asked.get("body", "")).encode())


def _json(body: Any) -> Answer:
    return Answer(200, ((b"content-type", b"application/json"),), orjson.dumps(body))


def _bomb(mebibytes: int) -> Answer:
    """Return a response that is small on the wire and huge once decompressed."""
    packed = gzip.compress(b'{"errcode":0,"padding":"' + b"x" * (mebibytes * MEBIBYTE) + b'"}')
    headers = ((b"content-type", b"application/json"), (b"content-encoding", b"gzip"))
    return Answer(200, headers, packed)


async def _send(answer: Answer, send: Send) -> None:
    headers = [known for known in answer.headers if known[0] != b"content-length"]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _cut(
    answer: Answer, keep: int | None, scope: Scope, receive: Receive, send: Send
) -> None:
    """Send the beginning of a response: `keep` bytes, half of it if None.

    Content-Length matches what is sent, so the HTTP is complete and the JSON is not; with a
    negative `keep` it is the full length and the connection closes that many bytes early.
    """
    size = len(answer.body)
    if keep is not None and keep < 0:
        whole = str(size).encode()
        headers = [*_without_length(answer), (b"content-length", whole)]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        part = answer.body[:keep]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        _transport(scope).close()
        await _until_gone(receive)
        return
    part = answer.body[: size // 2 if keep is None else keep]
    await _send(Answer(answer.status, answer.headers, part), send)


def _without_length(answer: Answer) -> list[tuple[bytes, bytes]]:
    return [known for known in answer.headers if known[0] != b"content-length"]


async def _drip(answer: Answer, pause: float, receive: Receive, send: Send) -> None:
    """Send a response byte by byte, pausing the given seconds in between."""
    length = (b"content-length", str(len(answer.body)).encode())
    headers = [*_without_length(answer), length]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    gone = asyncio.ensure_future(_until_gone(receive))
    for index in range(len(answer.body)):
        part = answer.body[index : index + 1]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.wait({gone}, timeout=pause)
        if gone.done():
            return
    gone.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _reset(scope: Scope, receive: Receive) -> None:
    """Break the connection with a TCP reset."""
    transport = _transport(scope)
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    transport.abort()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _transport(scope: Scope) -> asyncio.Transport:
    """Return the connection that the sandbox's server puts into the scope's state."""
    transport = scope["state"]["transport"]
    if not isinstance(transport, asyncio.Transport):
        raise TypeError("faults of the connection need the sandbox's own server")
    return transport
