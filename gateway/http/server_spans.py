"""Server spans: one for each HTTP request, in the trace that the client's headers name."""

from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.tracing import CURRENT, Attributes, Span, SpanKind, Tracer
from gateway.tracing.span import error_type

#: What probes and scrapers ask for, every few seconds.
_UNTRACED: Final = frozenset({"/livez", "/readyz", "/metrics"})
_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
)
_HEADERS: Final = frozenset({b"traceparent", b"tracestate"})
_EVENT_STREAM: Final = b"text/event-stream"
_FAILED: Final = 500


class ServerSpans:
    """ASGI middleware around the whole application, where tracing is on.

    The span of a stream or of a WebSocket ends once it is open. A span has the route of a request,
    and neither its path nor its query string: both can name what is a person's.

    Args:
        app: the application.
        tracer: the tracer of the process; None while it is not open.
        routes: full paths that `app` answers by itself, which are routes.
    """

    def __init__(
        self, app: ASGIApp, tracer: Callable[[], Tracer | None], routes: frozenset[str]
    ) -> None:
        self._app = app
        self._tracer = tracer
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within its span."""
        tracer = self._tracer() if scope["type"] in {"http", "websocket"} else None
        if tracer is None or scope["path"] in _UNTRACED:
            await self._app(scope, receive, send)
            return
        span = self._begun(tracer, scope)

        async def send_and_note(message: Message) -> None:
            kind = message["type"]
            if kind == "http.response.start":
                _answered(span, message["status"])
                if _opens_stream(message):
                    self._named(span, scope)
                    span.detach()
            elif kind == "websocket.accept":
                _answered(span, 101)
                span.detach()
            elif kind == "websocket.http.response.start":
                _answered(span, message["status"])
            await send(message)

        bound = CURRENT.set(span)
        try:
            await self._app(scope, receive, send_and_note)
        except BaseException as error:
            span.fail(error_type(error))
            raise
        finally:
            CURRENT.reset(bound)
            self._named(span, scope)
            span.end()

    def _begun(self, tracer: Tracer, scope: Scope) -> Span:
        method = scope.get("method", "GET")
        known = method if method in _METHODS else "_OTHER"
        attributes: Attributes = {
            "http.request.method": known,
            "url.scheme": scope.get("scheme", "http"),
        }
        name = "HTTP" if known == "_OTHER" else known
        path = scope["path"]
        if path in self._routes:
            name = f"{name} {path}"
            attributes["http.route"] = path
        headers = {
            key.decode("latin-1"): value.decode("latin-1")
            for key, value in scope["headers"]
            if key in _HEADERS
        }
        return tracer.root(name, SpanKind.SERVER, attributes, headers=headers)

    @staticmethod
    def _named(span: Span, scope: Scope) -> None:
        """Add the route that the framework found."""
        route = getattr(scope.get("route"), "path", None)
        if route is not None and "http.route" not in span.attributes:
            span.attributes["http.route"] = route
            span.name = f"{span.name} {route}"


def _answered(span: Span, status: int) -> None:
    span.attributes["http.response.status_code"] = status
    if status >= _FAILED:
        span.fail(str(status))


def _opens_stream(message: Message) -> bool:
    for name, value in message.get("headers", ()):
        if name == b"content-type":
            return bool(value.startswith(_EVENT_STREAM))
    return False
