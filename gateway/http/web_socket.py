"""Operations over a WebSocket: the graphql-transport-ws protocol, and no older one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from starlette.types import Receive, Scope, Send

from gateway.errors import GatewayError
from gateway.http.parameters import parameters_of, read_json
from gateway.http.refusal import ClientGone, HttpRefusal
from gateway.http.request import RequestInfo
from gateway.http.streaming import Streaming, errors_of

PROTOCOL: Final = "graphql-transport-ws"
#: Where an operation's `Idempotency-Key` is, since it has no headers.
KEY_EXTENSION: Final = "idempotencyKey"
_KEY_HEADER: Final = "idempotency-key"
#: Headers that apply to one operation, not to a connection.
_OF_ONE_OPERATION: Final = frozenset({_KEY_HEADER, "cache-control"})
#: Seconds within which the client must authenticate.
_INIT_TIMEOUT: Final = 10.0
#: Operations of one connection in progress.
_MAX_OPERATIONS: Final = 100
#: Characters of a reason for closing; a frame holds 123 bytes of it.
_MAX_REASON: Final = 120


class _Closed(Exception):
    """The connection is to be closed, with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class WebSockets:
    """Serves WebSockets; refuses pages of other origins than these and the gateway's own.

    A client has `send_timeout` seconds to take what is sent, else its connection is closed.
    """

    def __init__(
        self, streaming: Streaming, origins: Sequence[str] = (), *, send_timeout: float = 30.0
    ) -> None:
        self._streaming = streaming
        self._origins = frozenset(origins)
        self._send_timeout = send_timeout

    def allow(self, origins: Sequence[str]) -> None:
        """Admit pages of these origins, and no others, from now on."""
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        request = RequestInfo.of(scope)
        if (await receive())["type"] != "websocket.connect":
            return
        if not self._is_ours(request):
            # Before it is accepted this is a 403 response.
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign origin"})
            return
        known = PROTOCOL in scope.get("subprotocols", ())
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if known else None})
        if not known:
            await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not known"})
            return
        await _Connection(self._streaming, request, (receive, send), self._send_timeout).serve()

    def _is_ours(self, request: RequestInfo) -> bool:
        origin = request.headers.get("origin")
        if origin is None or origin in self._origins:
            return True
        try:
            place = urlsplit(origin).netloc
        except ValueError:
            return False
        return place != "" and place == request.headers.get("host")


class _Connection:
    """One connection: reads messages, and runs operations beside."""

    def __init__(
        self,
        streaming: Streaming,
        request: RequestInfo,
        channel: tuple[Receive, Send],
        send_timeout: float,
    ) -> None:
        self._streaming = streaming
        self._request = request
        self._receive, self._send = channel
        self._send_timeout = send_timeout
        self._turn = asyncio.Lock()
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._initialised = False
        self._authenticated = False
        self._too_slow = asyncio.Event()

    async def serve(self) -> None:
        """Serve it until it is closed by either side."""
        reading = asyncio.create_task(self._read())
        others = {
            asyncio.create_task(self._streaming.stopping.wait()),
            asyncio.create_task(self._too_slow.wait()),
        }
        try:
            await asyncio.wait({reading, *others}, return_when=asyncio.FIRST_COMPLETED)
            closed = self._closing(reading)
        finally:
            tasks = {reading, *others, *self._operations.values()}
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if closed is not None:
            await self._close(closed)

    def _closing(self, reading: asyncio.Task[None]) -> _Closed | None:
        if self._too_slow.is_set():
            return _Closed(1013, "Too slow: connect again, and resume with `since`")
        if not reading.done():
            return _Closed(1001, "The gateway stops: connect again, and resume with `since`")
        failure = reading.exception()
        if failure is None or isinstance(failure, ClientGone):
            return None
        if isinstance(failure, _Closed):
            return failure
        raise failure

    async def _read(self) -> None:
        deadline = asyncio.get_running_loop().time() + _INIT_TIMEOUT
        while True:
            try:
                async with asyncio.timeout_at(None if self._authenticated else deadline):
                    message = await self._receive()
            except TimeoutError:
                raise _Closed(4408, "Connection initialisation timeout") from None
            if message["type"] == "websocket.disconnect":
                return
            await self._take(_read_message(message))

    async def _take(self, message: Mapping[str, Any]) -> None:
        handlers: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "connection_init": self._init,
            "ping": self._ping,
            "pong": _nothing,
            "subscribe": self._subscribe,
            "complete": self._complete,
        }
        handler = handlers.get(message["type"])
        if handler is None:
            raise _Closed(4400, "Invalid message: unknown type")
        await handler(message)

    async def _init(self, message: Mapping[str, Any]) -> None:
        if self._initialised:
            raise _Closed(4429, "Too many initialisation requests")
        self._initialised = True
        payload = message.get("payload")
        if payload is not None and not isinstance(payload, dict):
            raise _Closed(4400, "Invalid message: the payload is not an object")
        self._request = _with_headers(self._request, payload or {})
        try:
            await self._streaming.authenticate(self._request)
        except GatewayError as refused:
            raise _Closed(4403, "Forbidden") from refused
        self._authenticated = True
        await self._write({"type": "connection_ack"})

    async def _ping(self, _message: Mapping[str, Any]) -> None:
        await self._write({"type": "pong"})

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        if not self._authenticated:
            raise _Closed(4401, "Unauthorized")
        name, payload = message.get("id"), message.get("payload")
        if not isinstance(name, str) or not name or not isinstance(payload, dict):
            raise _Closed(4400, "Invalid message: subscribe has an id and a payload")
        if name in self._operations:
            # The id is the client's own, and no longer than one of its messages.
            raise _Closed(4409, f"Subscriber for {name[:64]} already exists"[:_MAX_REASON])
        if len(self._operations) >= _MAX_OPERATIONS:
            raise _Closed(4429, f"More than {_MAX_OPERATIONS} operations on one connection")
        task = asyncio.create_task(self._run(name, payload))
        self._operations[name] = task

    async def _complete(self, message: Mapping[str, Any]) -> None:
        task = self._operations.pop(str(message.get("id")), None)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def _run(self, name: str, payload: Mapping[str, Any]) -> None:
        # Nothing is left to do for a client that has disconnected: reading ends the connection.
        with suppress(ClientGone):
            try:
                errors = await self._answer(name, payload)
            except ClientGone:
                raise
            except Exception as failure:  # noqa: BLE001 - nothing internal may reach the outside
                errors = errors_of(failure, self._request)
            if errors is None:
                await self._end(name, "complete")
            else:
                await self._end(name, "error", errors)

    async def _answer(self, name: str, payload: Mapping[str, Any]) -> Sequence[Any] | None:
        """Send the results; the errors that ended the operation, None if it is complete."""
        parameters = parameters_of(payload)
        request = _of_one_operation(self._request, parameters.extensions)
        prepared = await self._streaming.prepare(parameters, request)
        async with aclosing(self._streaming.payloads(prepared, request)) as answers:
            async for answer in answers:
                if "data" not in answer:
                    errors: Sequence[Any] = answer["errors"]
                    return errors
                await self._write({"id": name, "type": "next", "payload": answer})
        return None

    async def _end(self, name: str, kind: str, payload: Any = None) -> None:
        # From here on the client may use the id again.
        self._operations.pop(name, None)
        message = {"id": name, "type": kind}
        await self._write(message if payload is None else {**message, "payload": payload})

    async def _write(self, message: Mapping[str, Any]) -> None:
        """Send a message once the client has read the previous ones; raises ClientGone."""
        text = orjson.dumps(message).decode()
        async with self._turn:
            await self._send_in_time({"type": "websocket.send", "text": text})

    async def _close(self, closed: _Closed) -> None:
        with suppress(ClientGone):
            await self._send_in_time(
                {"type": "websocket.close", "code": closed.code, "reason": closed.reason}
            )

    async def _send_in_time(self, message: Mapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(self._send_timeout):
                await _sent(self._send, message)
        except TimeoutError:
            self._too_slow.set()
            raise ClientGone from None


async def _sent(send: Send, message: Mapping[str, Any]) -> None:
    """Send a message; raises ClientGone if the connection is closed.

    ASGI has OSError for that; uvicorn raises RuntimeError once it has sent a close frame itself.
    """
    try:
        await send(dict(message))
    except (OSError, RuntimeError) as closed:
        raise ClientGone from closed


def _read_message(event: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        message = read_json((event.get("text") or "").encode(), "it")
    except HttpRefusal as refused:
        raise _Closed(4400, f"Invalid message: {refused.message}"[:_MAX_REASON]) from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise _Closed(4400, "Invalid message: not an object with a type")
    return message


def _with_headers(request: RequestInfo, payload: Mapping[str, Any]) -> RequestInfo:
    """The request with the key as a header, which a browser's WebSocket cannot send."""
    given = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
    if "authorization" not in given:
        return request
    return request.with_headers({**request.headers, "authorization": given["authorization"]})


def _of_one_operation(request: RequestInfo, extensions: Mapping[str, Any]) -> RequestInfo:
    """The request with the operation's own `Idempotency-Key` as a header.

    One that came with the connection would be that of all its operations. So would its
    `Cache-Control`: browsers open every WebSocket with `no-cache`. Raises HttpRefusal.
    """
    headers = {
        name: value for name, value in request.headers.items() if name not in _OF_ONE_OPERATION
    }
    key = extensions.get(KEY_EXTENSION)
    if key is not None:
        if not isinstance(key, str):
            raise HttpRefusal(400, f"`extensions.{KEY_EXTENSION}` must be a string")
        headers[_KEY_HEADER] = key
    return request.with_headers(headers)


async def _nothing(_message: Mapping[str, Any]) -> None:
    """A pong needs no answer."""
