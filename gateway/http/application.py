"""The ASGI application: GraphQL by its own endpoint, everything else by FastAPI."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.request_ids import RequestIds
from gateway.http.server_spans import ServerSpans
from gateway.tracing import Tracer

_REQUEST_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "X-Request-Id",
    "Cache-Control",
)
_EXPOSED_HEADERS: Final = (
    "X-Request-Id",
    "Retry-After",
    "ETag",
    "RateLimit",
    "RateLimit-Policy",
)
#: Seconds for which a browser need not repeat a preflight.
_MAX_AGE: Final = 3_600


class Application:
    """An ASGI application; `stop` ends responses that would otherwise never end.

    `reload` reads the configuration again.

    Args:
        graphql: HTTP endpoints by full path; they bypass the framework, for speed.
        sockets: WebSocket endpoints by full path.
        api: handles all other paths, and lifespans.
        origins: exact origins that may call the gateway from a browser. No cookie is ever accepted.
        stop: called when the process is about to end.
        tracer: the open tracer, if there is one; without it no request has a span.
    """

    def __init__(
        self,
        graphql: Mapping[str, ASGIApp],
        sockets: Mapping[str, ASGIApp],
        api: ASGIApp,
        *,
        origins: Sequence[str] = (),
        stop: Callable[[], None] = lambda: None,
        tracer: Callable[[], Tracer | None] | None = None,
    ) -> None:
        self._graphql = graphql
        self._sockets = sockets
        self._api = api
        self.stop = stop
        self.reload: Callable[[], None] = lambda: None
        self._tracer = tracer
        self._spanned = frozenset({*graphql, *sockets})
        self.allow(origins)

    def allow(self, origins: Sequence[str]) -> None:
        """Admit pages of these origins, and no others, from now on."""
        app: ASGIApp = RequestIds(_with_cors(self._dispatch, origins))
        if self._tracer is not None:
            app = ServerSpans(app, self._tracer, self._spanned)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or run a lifespan."""
        await self._app(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                target = self._graphql.get(scope["path"], self._api)
            case "websocket":
                target = self._sockets.get(scope["path"], self._api)
            case _:
                target = self._api
        await target(scope, receive, send)


def _with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "HEAD", "POST"),
        allow_headers=_REQUEST_HEADERS,
        expose_headers=_EXPOSED_HEADERS,
        max_age=_MAX_AGE,
    )
