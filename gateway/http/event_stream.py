"""Operations over server-sent events: the graphql-sse protocol, distinct connections."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import orjson
from graphql import OperationType
from starlette.types import Receive, Scope, Send

from gateway.errors import GatewayError
from gateway.http import parameters
from gateway.http.media_types import require_json
from gateway.http.refusal import ClientGone, HttpRefusal
from gateway.http.request import READING, RequestInfo, read_body
from gateway.http.request_pipeline import Prepared
from gateway.http.response import (
    HttpResponse,
    Payload,
    refusal_headers,
    refusal_payload,
    refusal_status,
)
from gateway.http.streaming import Streaming

MEDIA_TYPE: Final = "text/event-stream"
#: Seconds without a result after which a comment keeps the connection open.
_KEEP_ALIVE: Final = 12.0
_COMMENT: Final = b":\n\n"
_COMPLETE: Final = b"event: complete\ndata: \n\n"
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    # A proxy that buffers responses would delay events.
    (b"x-accel-buffering", b"no"),
)
#: Refusals that have a status of their own, before any stream begins.
_BY_STATUS: Final = frozenset(
    {"UNAUTHENTICATED", "RATE_LIMITED", "OVERLOADED", "STORE_UNAVAILABLE"}
)


def wants_events(accept: str) -> bool:
    """Whether an `Accept` header asks for server-sent events by name."""
    return MEDIA_TYPE in accept.lower()


class EventStream:
    """Answers GET and POST with a stream: `next` for each answer, and `complete`.

    A refused operation is a stream of one result with its errors, because a browser's EventSource
    reads nothing else; an unknown or rate-limited caller gets a
    status, as does everyone while the gateway cannot answer. A client
    has `send_timeout` seconds to take what is sent, else the stream ends without `complete`.
    """

    def __init__(
        self, streaming: Streaming, body_bytes: int, *, send_timeout: float = 30.0
    ) -> None:
        self._streaming = streaming
        self._body_bytes = body_bytes
        self._send_timeout = send_timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = RequestInfo.of(scope)
        with_body = request.method != "HEAD"
        begun = asyncio.Event()
        try:
            # Authenticate before reading the body.
            await self._streaming.authenticate(request)
            prepared = await self._prepared(scope, receive, request)
        except ClientGone:
            return
        except GatewayError as refused:
            if isinstance(refused, HttpRefusal) or refused.code in _BY_STATUS:
                await _refusal(refused, request).send(send, with_body=with_body)
                return
            answers = _alone(refusal_payload(refused, request.request_id))
        else:
            answers = self._streaming.payloads(prepared, request, begun)
        if not with_body:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": b""})
            return
        stream = _Stream(receive, send, self._send_timeout, begun)
        await stream.write(answers, self._streaming.stopping)

    async def _prepared(self, scope: Scope, receive: Receive, request: RequestInfo) -> Prepared:
        reads = request.method in READING
        if reads:
            sent = parameters.from_query_string(scope["query_string"])
        elif request.method == "POST":
            require_json(request.headers.get("content-type"))
            sent = parameters.from_body(await self._body(receive, request))
        else:
            raise _not_allowed("Use GET or POST", b"GET, HEAD, POST")
        prepared = await self._streaming.prepare(sent, request)
        if prepared.operation.kind is OperationType.MUTATION and reads:
            raise _not_allowed("Send mutations by POST", b"POST")
        return prepared

    async def _body(self, receive: Receive, request: RequestInfo) -> bytes:
        try:
            async with asyncio.timeout(self._send_timeout):
                return await read_body(receive, request, self._body_bytes)
        except TimeoutError:
            raise HttpRefusal(
                408, f"The request did not arrive within {self._send_timeout:g} seconds"
            ) from None


class _Stream:
    """One response, as long as the client reads it."""

    def __init__(
        self, receive: Receive, send: Send, send_timeout: float, begun: asyncio.Event
    ) -> None:
        self._begun = begun
        self._receive = receive
        self._send = send
        self._send_timeout = send_timeout

    async def write(self, answers: AsyncGenerator[Payload, None], stopping: asyncio.Event) -> None:
        """Send the results until they end, the client disconnects, or the process stops."""
        await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        writing = asyncio.create_task(self._write(answers))
        others = {asyncio.create_task(self._gone()), asyncio.create_task(stopping.wait())}
        try:
            await asyncio.wait({writing, *others}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, *others):
                task.cancel()
            await asyncio.wait({writing, *others})
        if writing.cancelled() or writing.exception() is None:
            await self._send({"type": "http.response.body", "body": b""})

    async def _write(self, answers: AsyncGenerator[Payload, None]) -> None:
        async with aclosing(answers):
            coming = asyncio.ensure_future(anext(answers, None))
            begun = asyncio.ensure_future(self._begun.wait())
            try:
                # Send something once no event is missed: the client knows that the stream is open.
                await asyncio.wait({coming, begun}, return_when=asyncio.FIRST_COMPLETED)
                await self._part(_COMMENT)
                while True:
                    if not (await asyncio.wait({coming}, timeout=_KEEP_ALIVE))[0]:
                        await self._part(_COMMENT)
                        continue
                    answer = coming.result()
                    if answer is None:
                        break
                    await self._part(b"event: next\ndata: " + orjson.dumps(answer) + b"\n\n")
                    coming = asyncio.ensure_future(anext(answers, None))
            finally:
                coming.cancel()
                begun.cancel()
                await asyncio.wait({coming, begun})
        await self._part(_COMPLETE)

    async def _part(self, body: bytes) -> None:
        """Send a part; raises TimeoutError if the client does not read it."""
        async with asyncio.timeout(self._send_timeout):
            await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def _alone(payload: Payload) -> AsyncGenerator[Payload, None]:
    yield payload


def _not_allowed(message: str, allow: bytes) -> HttpRefusal:
    return HttpRefusal(405, message, headers=[(b"allow", allow)])


def _refusal(refused: GatewayError, request: RequestInfo) -> HttpResponse:
    status = refusal_status(refused)
    headers = [(b"cache-control", b"no-store"), *refusal_headers(refused)]
    body = orjson.dumps(refusal_payload(refused, request.request_id))
    return HttpResponse(status, b"application/json", body, headers)
