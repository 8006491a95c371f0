"""GraphQL over HTTP: one ASGI application from the request's bytes to the answer's."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Final, Protocol

import msgspec
import orjson
from graphql import ExecutionResult, GraphQLSchema, OperationType
from starlette.types import Receive, Scope, Send

from gateway.cache_control import watched
from gateway.errors import GatewayError, OperationTimeout, Overloaded
from gateway.http import parameters
from gateway.http.answer import HttpResponse
from gateway.http.background_mutations import BackgroundMutations
from gateway.http.deadline import Deadline, DeadlineExceeded
from gateway.http.documents import Documents, Operation
from gateway.http.errors import (
    INTERNAL,
    Shown,
    retry_after,
    show_failure,
    show_refusal,
)
from gateway.http.etag import etag_of, is_known
from gateway.http.event_stream import EventStream, wants_events
from gateway.http.executor import Executed, Executor
from gateway.http.idempotency import Repeats
from gateway.http.media_types import MediaType, negotiate, require_json
from gateway.http.multipart import from_form, is_multipart, require_preflight
from gateway.http.payload import OK, Payload, code_of, payload_of
from gateway.http.persisted import PersistedDocuments
from gateway.http.rate_limiter import RateLimiter
from gateway.http.refusal import STATUS, ClientGone, HttpRefusal, OperationRefused
from gateway.http.remembered import LruCache
from gateway.http.request import RequestInfo, read_body
from gateway.http.request_pipeline import CallerContext, Prepared, RequestPipeline
from gateway.http.sharing import Sharing, Writes
from gateway.http.streaming import Streaming, StreamParts

Headers = Sequence[tuple[bytes, bytes]]

_NONE: Final = "none"
_VARY: Final = (b"vary", b"Accept")
_NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
#: Whoever asks without a key, and whoever asks with one.
_HEADERS_FOR_ALL: Final = (_VARY, _NOSNIFF, (b"cache-control", b"no-store"))
_HEADERS_FOR_ONE: Final = (_VARY, _NOSNIFF, (b"cache-control", b"private"))
#: Of remembered bodies: each keeps its document, which takes about fifty times as much.
_BODIES_CHARACTERS: Final = 200_000
#: So long a client may keep an answer: it does not know what it changes itself meanwhile.
_MOST_SECONDS: Final = 60


class OperationObserver(Protocol):
    """Is told of each operation when it is answered."""

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """`kind` is query, mutation, or "none" before that was known; `code` an error's or OK."""


@dataclass(frozen=True, slots=True)
class EdgeLimits:
    """How much one request may ask for, and how many are served at a time."""

    body_bytes: int
    cost: int
    seconds: float
    in_flight: int = 512
    #: Of the one file of a multipart request.
    upload_bytes: int = 5_000_000


class _Outcome(msgspec.Struct):
    """What is known of a request on its way through, for the metrics."""

    kind: str = _NONE
    code: str = OK


class _Reply(msgspec.Struct, frozen=True):
    """The answer of an operation as JSON; `clean`: no field of it failed."""

    body: bytes
    clean: bool


class GraphQLEndpoint:
    """Answers POST and GET on one path.

    `contexts` makes the context of a request, and raises `Unauthenticated` where nobody it
    knows asks. `page` answers a browser that asks for HTML; None: there is no page. `writes` lets
    identical queries share an execution; without it none does.
    """

    def __init__(  # noqa: PLR0913 - each a part of its own, put together by the app
        self,
        schema: GraphQLSchema,
        documents: Documents,
        executor: Executor,
        contexts: Callable[[RequestInfo], Awaitable[CallerContext]],
        limits: EdgeLimits,
        *,
        points: RateLimiter | None = None,
        page: Callable[[RequestInfo], HttpResponse] | None = None,
        persisted: PersistedDocuments | None = None,
        repeats: Repeats | None = None,
        observer: OperationObserver | None = None,
        writes: Writes = lambda: None,
    ) -> None:
        self._executor = executor
        self._sharing = Sharing(writes)
        self._limits = limits
        self._page = page
        self._repeats = repeats
        self._observer = observer
        self._in_flight = 0
        self._bodies: LruCache[bytes, Operation] = LruCache(characters=_BODIES_CHARACTERS)
        self._preparation = RequestPipeline(
            schema, documents, contexts, limits.cost, points=points, persisted=persisted
        )
        self.mutations = BackgroundMutations()
        #: Of the same operations, for transports that answer more than once.
        self.streaming = Streaming(
            StreamParts(
                schema, self._preparation, executor, self.mutations, limits.seconds, repeats
            )
        )
        self.events = EventStream(self.streaming, limits.body_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = perf_counter()
        request = RequestInfo.of(scope)
        if wants_events(request.headers.get("accept", "")):
            await self.events(scope, receive, send)
            return
        outcome = _Outcome()
        try:
            answer = await self._answer(scope, receive, request, outcome)
        except ClientGone:
            outcome.code = "CLIENT_GONE"
        else:
            await answer.send(send, with_body=scope["method"] != "HEAD")
        finally:
            if self._observer is not None:
                self._observer.operation(outcome.kind, outcome.code, perf_counter() - started)

    async def _answer(
        self, scope: Scope, receive: Receive, request: RequestInfo, outcome: _Outcome
    ) -> HttpResponse:
        media_type = MediaType.JSON
        try:
            reads = request.method in {"GET", "HEAD"}
            media_type = negotiate(
                request.headers.get("accept"), page=reads and self._page is not None
            )
            if media_type is MediaType.HTML and self._page is not None:
                return self._page(request)
            if reads:
                return await self._read(scope, receive, request, media_type, outcome)
            reply = await self._admitted(scope, receive, request, outcome)
            return HttpResponse(200, media_type.header, reply.body, _headers(request))
        except GatewayError as refused:
            return self._refusal(refused, request, media_type, outcome)
        except ClientGone:
            raise
        except Exception as failure:  # noqa: BLE001 - nothing internal may reach the outside
            outcome.code = INTERNAL
            shown = show_failure(failure, request.request_id)
            return HttpResponse(500, media_type.header, _errors_alone(shown), _headers(request))

    async def _read(
        self,
        scope: Scope,
        receive: Receive,
        request: RequestInfo,
        media_type: MediaType,
        outcome: _Outcome,
    ) -> HttpResponse:
        """The answer of a GET; a client may keep it as long as all that was read for it holds."""
        with watched() as freshness:
            reply = await self._admitted(scope, receive, request, outcome)
        if not reply.clean:
            return HttpResponse(200, media_type.header, reply.body, _headers(request))
        return _conditional(request, media_type, reply.body, int(freshness.seconds or 0))

    async def _admitted(
        self, scope: Scope, receive: Receive, request: RequestInfo, outcome: _Outcome
    ) -> _Reply:
        if self._in_flight >= self._limits.in_flight:
            raise Overloaded("The gateway has too much to do just now", retry_after=1)
        self._in_flight += 1
        try:
            with Deadline(self._limits.seconds, receive) as patience:
                prepared = await self._prepared(scope, receive, request, outcome)
                if prepared.operation.kind is OperationType.MUTATION:
                    return await self._mutated(prepared, request, outcome)
                patience.watch()
                return await self._queried(prepared, request, outcome)
        except DeadlineExceeded:
            raise _late(outcome.kind, self._limits.seconds) from None
        finally:
            self._in_flight -= 1

    async def _prepared(
        self, scope: Scope, receive: Receive, request: RequestInfo, outcome: _Outcome
    ) -> Prepared:
        _require_method(request.method)
        if request.method == "POST":
            _require_readable(request)
        # Who asks is known before anything is read from them.
        context = await self._preparation.context(request)
        operation, variables = await self._asked(scope, receive, request)
        outcome.kind = operation.kind_name
        _require_kind(operation.kind, request.method)
        return self._preparation.prepared(operation, variables, context)

    async def _mutated(self, prepared: Prepared, request: RequestInfo, outcome: _Outcome) -> _Reply:
        async def work() -> Payload:
            payload = payload_of(await self._result(prepared), request.request_id)
            outcome.code = code_of(payload)
            return payload

        running = work() if self._repeats is None else self._repeats.run(prepared, request, work)
        payload = await self.mutations.run(running)
        return _Reply(orjson.dumps(payload), clean="errors" not in payload)

    async def _queried(self, prepared: Prepared, request: RequestInfo, outcome: _Outcome) -> _Reply:
        execute = partial(self._executed, prepared)
        # How long the answer of a GET holds is told to the request that reads for it.
        alone = request.method != "POST"
        executed = await (execute() if alone else self._sharing.run(prepared, execute))
        if executed.body is not None:
            return _Reply(executed.body, clean=True)
        payload = payload_of(executed.result, request.request_id)
        outcome.code = code_of(payload)
        return _Reply(orjson.dumps(payload), clean="errors" not in payload)

    async def _asked(
        self, scope: Scope, receive: Receive, request: RequestInfo
    ) -> tuple[Operation, dict[str, Any]]:
        """What a request asks, and its variables."""
        limits, content_type = self._limits, request.headers.get("content-type", "")
        if request.method != "POST":
            asked = parameters.from_query_string(scope["query_string"])
        elif is_multipart(content_type):
            body = await read_body(receive, request, limits.body_bytes + limits.upload_bytes)
            asked = from_form(body, content_type, limits.upload_bytes)
        else:
            return self._of_body(await read_body(receive, request, limits.body_bytes))
        return self._preparation.operation(asked), asked.variables

    def _of_body(self, body: bytes) -> tuple[Operation, dict[str, Any]]:
        """What a body of JSON asks; a front end asks the same over and over, letter by letter."""
        known = self._bodies.get(body)
        if known is not None:
            return known, {}
        asked = parameters.from_body(body)
        operation = self._preparation.operation(asked)
        if not asked.variables and not asked.extensions:
            self._bodies.keep(body, operation, len(body))
        return operation, asked.variables

    async def _executed(self, prepared: Prepared) -> Executed:
        result = await self._result(prepared)
        plain = not result.errors and not result.extensions
        return Executed(result, orjson.dumps({"data": result.data}) if plain else None)

    async def _result(self, prepared: Prepared) -> ExecutionResult:
        return await self._executor.execute(
            prepared.operation, prepared.variables, prepared.context
        )

    def _refusal(
        self,
        refused: GatewayError,
        request: RequestInfo,
        media_type: MediaType,
        outcome: _Outcome,
    ) -> HttpResponse:
        shown = show_refusal(refused, request.request_id)
        outcome.code = shown[0]["extensions"]["code"]
        headers = [*_headers(request), *_refusal_headers(refused)]
        if isinstance(refused, OperationTimeout):
            body = orjson.dumps({"errors": shown, "data": None})
            return HttpResponse(200, media_type.header, body, headers)
        # A client that knows application/json only reads the errors of a 200.
        default = 400 if media_type is MediaType.RESPONSE else 200
        status = STATUS.get(outcome.code, default)
        if isinstance(refused, HttpRefusal | OperationRefused) and refused.status is not None:
            status = refused.status
        return HttpResponse(status, media_type.header, _errors_alone(shown), headers)


def _require_method(method: str) -> None:
    if method not in {"GET", "POST"}:
        raise HttpRefusal(405, "Use POST, or GET for queries", headers=[(b"allow", b"GET, POST")])


def _require_readable(request: RequestInfo) -> None:
    content_type = request.headers.get("content-type")
    if is_multipart(content_type):
        require_preflight(request)
    else:
        require_json(content_type)


def _require_kind(kind: OperationType, method: str) -> None:
    if kind is OperationType.SUBSCRIPTION:
        raise HttpRefusal(400, "A subscription is answered by an event stream or a WebSocket")
    if kind is OperationType.MUTATION and method != "POST":
        raise HttpRefusal(405, "Send mutations by POST", headers=[(b"allow", b"POST")])


def _late(kind: str, seconds: float) -> GatewayError:
    """What is said where the time is over; kind "none": not even the body had come."""
    if kind == _NONE:
        return HttpRefusal(408, f"The request did not arrive within {seconds:g} seconds")
    if kind == OperationType.MUTATION.value:
        return OperationTimeout(
            f"The mutation was not done after {seconds:g} seconds and goes on: "
            "ask for its outcome, or repeat it with the same Idempotency-Key"
        )
    return OperationTimeout(f"The query was not done after {seconds:g} seconds")


def _conditional(
    request: RequestInfo, media_type: MediaType, body: bytes, max_age: int
) -> HttpResponse:
    """The answer of a GET with its mark; 304 alone to whom it is known."""
    etag = etag_of(body)
    headers = [*_headers(request, min(max_age, _MOST_SECONDS)), (b"etag", etag)]
    if is_known(request.headers.get("if-none-match"), etag):
        return HttpResponse(304, media_type.header, b"", headers)
    return HttpResponse(200, media_type.header, body, headers)


def _errors_alone(shown: list[Shown]) -> bytes:
    return orjson.dumps({"errors": shown})


def _headers(request: RequestInfo, max_age: int = 0) -> Headers:
    if request.authorization is None:
        return _HEADERS_FOR_ALL
    if max_age == 0:
        return _HEADERS_FOR_ONE
    return (
        # What one key may see, another may not.
        (b"vary", b"Accept, Authorization"),
        _NOSNIFF,
        (b"cache-control", b"private, max-age=%d" % max_age),
    )


def _refusal_headers(refused: GatewayError) -> list[tuple[bytes, bytes]]:
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(refused, HttpRefusal):
        headers.extend(refused.headers)
    if refused.code == "UNAUTHENTICATED":
        headers.append((b"www-authenticate", b"Bearer"))
    seconds = retry_after(refused)
    if seconds is not None:
        headers.append((b"retry-after", str(seconds).encode("ascii")))
    return headers
