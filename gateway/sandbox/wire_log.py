"""Log of requests to the sandbox: counts per endpoint, and the last requests without secrets."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.sandbox.server_state import ServerState

SECRET_FIELDS = frozenset({"access_token", "secret", "client_secret"})
KEPT_REQUESTS = 500
KEPT_BODY = 100_000


@dataclass(slots=True)
class LoggedRequest:
    """One request; `endpoint` is its path and action, if any.

    `status` and `outcome` are None if no response was sent; otherwise `outcome` is its `errcode`,
    `errno` or `error_code`.
    """

    at: float
    method: str
    endpoint: str
    app_id: str | None
    query: dict[str, str]
    body: Any = None
    status: int | None = None
    outcome: int | None = None


@dataclass(slots=True)
class WireLog:
    """The log of one sandbox."""

    counts: Counter[str] = field(default_factory=Counter)
    peaks: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    requests: deque[LoggedRequest] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))

    def begin(self, request: LoggedRequest) -> None:
        """Record the start of a request."""
        endpoint = request.endpoint
        self.requests.append(request)
        self.counts[endpoint] += 1
        self.in_flight[endpoint] += 1
        self.peaks[endpoint] = max(self.peaks[endpoint], self.in_flight[endpoint])

    def end(self, request: LoggedRequest) -> None:
        """Record the end of a request."""
        self.in_flight[request.endpoint] -= 1

    def clear(self) -> None:
        """Clear the log; running requests are still counted."""
        self.counts.clear()
        self.peaks.clear()
        self.requests.clear()


class LogLayer:
    """Logs every request to a platform."""

    def __init__(self, app: ASGIApp, log: WireLog, server: ServerState) -> None:
        self._app = app
        self._log = log
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self._app(scope, receive, send)
            return
        request = self._request(scope)
        self._log.begin(request)
        sent, answered = bytearray(), bytearray()

        async def receive_and_keep() -> Message:
            message = await receive()
            sent.extend(message.get("body", b"")[: KEPT_BODY - len(sent)])
            return message

        async def send_and_keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
            answered.extend(message.get("body", b"")[: KEPT_BODY - len(answered)])
            await send(message)

        try:
            await self._app(scope, receive_and_keep, send_and_keep)
        finally:
            request.body = _shown(bytes(sent))
            request.outcome = _outcome(bytes(answered))
            self._log.end(request)

    def _request(self, scope: Scope) -> LoggedRequest:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        action = query.get("action")
        return LoggedRequest(
            at=self._server.clock.now(),
            method=scope["method"],
            endpoint=f"{scope['path']}?action={action}" if action else scope["path"],
            app_id=self._server.tokens.owner(query.get("access_token", "")),
            query={name: text for name, text in query.items() if name not in SECRET_FIELDS},
        )


def _shown(body: bytes) -> Any:
    """Return a JSON body without secrets, the length of any other."""
    if not body:
        return None
    loaded = _loaded(body)
    if isinstance(loaded, dict):
        return {name: value for name, value in loaded.items() if name not in SECRET_FIELDS}
    return f"{len(body)} bytes"


def _outcome(body: bytes) -> int | None:
    loaded = _loaded(body)
    if not isinstance(loaded, dict):
        return None
    found = (loaded.get(name) for name in ("errcode", "errno", "error_code"))
    return next((code for code in found if isinstance(code, int)), None)


def _loaded(body: bytes) -> object:
    try:
        loaded: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return loaded
