"""GraphQL over HTTP: one ASGI application from request bytes to response bytes."""

from collections.abc import AsyncIterator, Callable
from time import perf_counter
from typing import Final, Protocol

import orjson
from graphql import OperationType
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.cache_control import watched
from gateway.errors import GatewayError, OperationTimeout, Overloaded
from gateway.http.charge import rate_limit_headers
from gateway.http.deadline import Deadline, DeadlineExceeded
from gateway.http.error_codes import STATUS
from gateway.http.errors import INTERNAL, format_failure
from gateway.http.event_stream import wants_events
from gateway.http.execution import Execution
from gateway.http.media_types import MediaType, negotiate, require_json
from gateway.http.multipart import is_multipart, require_preflight
from gateway.http.operation_log import UNKNOWN, OperationFacts, OperationLog, count_calls
from gateway.http.operation_spans import operation_span
from gateway.http.refusal import ClientGone, HttpRefusal, OperationRefused
from gateway.http.request import READING, RequestInfo
from gateway.http.request_pipeline import Prepared, Requested, RequestPipeline
from gateway.http.response import (
    OK,
    EncodedResult,
    Headers,
    HttpResponse,
    code_of,
    etag_of,
    matches_etag,
    refusal_headers,
    refusal_payload,
)
from schema.scalars import BulkUpload

_VARY: Final = (b"vary", b"Accept")
_NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
#: Without a key, and with one.
_OPEN_HEADERS: Final = (_VARY, _NOSNIFF, (b"cache-control", b"no-store"))
_PRIVATE_HEADERS: Final = (_VARY, _NOSNIFF, (b"cache-control", b"private"))
#: The most seconds that a client may cache an answer: its own changes do not invalidate it.
_MAX_AGE: Final = 60


class OperationObserver(Protocol):
    """Observes each operation when it is answered."""

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """`kind` is query, mutation, or "none" before that was known; `code` an error's or OK."""


class BulkUploads(Protocol):
    """Takes in the files of bulk imports."""

    async def receive(
        self, upload: BulkUpload, chunks: AsyncIterator[bytes], prepared: Prepared
    ) -> None:
        """Stores a file, unless the mutation will be refused for another reason."""


class GraphQLEndpoint:
    """Answers POST and GET on one path.

    Args:
        pipeline: the stages up to the execution.
        execution: what runs the operations.
        events: answers requests that accept server-sent events; None: they are answered once.
        page: responds to a browser that asks for HTML; None: there is no page.
        observer: observes each operation.
        log: writes a line for each operation; without it there are none.
        uploads: takes in the files of bulk imports; without it they are files like others.
    """

    def __init__(  # noqa: PLR0913 - each is a part of its own of the edge
        self,
        pipeline: RequestPipeline,
        execution: Execution,
        *,
        events: ASGIApp | None = None,
        page: Callable[[RequestInfo], HttpResponse] | None = None,
        observer: OperationObserver | None = None,
        log: OperationLog | None = None,
        uploads: BulkUploads | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._execution = execution
        self._events = events
        self._page = page
        self._observer = observer
        self._log = log
        self._uploads = uploads
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = perf_counter()
        request = RequestInfo.of(scope)
        if self._events is not None and wants_events(request.headers.get("accept", "")):
            await self._events(scope, receive, send)
            return
        facts, calls = OperationFacts(), count_calls()
        try:
            response = await self._response(scope, receive, request, facts)
        except ClientGone:
            facts.code = "CLIENT_GONE"
        else:
            await response.send(send, with_body=scope["method"] != "HEAD")
        finally:
            seconds = perf_counter() - started
            if self._observer is not None:
                self._observer.operation(facts.kind, facts.code, seconds)
            if self._log is not None:
                self._log.write(facts, request, seconds, calls)

    async def _response(
        self, scope: Scope, receive: Receive, request: RequestInfo, facts: OperationFacts
    ) -> HttpResponse:
        """The response, whatever happens to the request; raises ClientGone."""
        media_type = MediaType.JSON
        reads = request.method in READING
        try:
            media_type = negotiate(
                request.headers.get("accept"), page=reads and self._page is not None
            )
            if media_type is MediaType.HTML and self._page is not None:
                return self._page(request)
            if not reads:
                result = await self._result(scope, receive, request, facts)
                headers = [*_headers(request), *rate_limit_headers(result.cost)]
                return HttpResponse(200, media_type.header, result.body, headers)
            # A client may cache the answer of a GET as long as all that was read for it is fresh.
            with watched() as freshness:
                result = await self._result(scope, receive, request, facts)
            return _cacheable(request, media_type, result, int(freshness.seconds or 0))
        except GatewayError as refused:
            return _refusal(refused, request, media_type, facts)
        except ClientGone:
            raise
        except Exception as failure:  # noqa: BLE001 - nothing internal may reach the outside
            facts.code = INTERNAL
            body = orjson.dumps({"errors": format_failure(failure, request.request_id)})
            return HttpResponse(500, media_type.header, body, _headers(request))

    async def _result(
        self, scope: Scope, receive: Receive, request: RequestInfo, facts: OperationFacts
    ) -> EncodedResult:
        with operation_span(facts):
            return await self._staged(scope, receive, request, facts)

    async def _staged(
        self, scope: Scope, receive: Receive, request: RequestInfo, facts: OperationFacts
    ) -> EncodedResult:
        """All stages of one operation, in order, within its deadline."""
        limits = self._pipeline.limits
        if self._in_flight >= limits.in_flight:
            raise Overloaded("Too many requests are in progress", retry_after=1)
        self._in_flight += 1
        try:
            with Deadline(limits.seconds, receive) as deadline:
                _check_request(request)
                # Authenticate before reading the body.
                context = await self._pipeline.authenticate(request)
                facts.key = context.caller
                requested = await self._pipeline.read(
                    request,
                    scope["query_string"],
                    receive,
                    context,
                    bulk=self._uploads is not None,
                )
                facts.kind, facts.name = requested.operation.kind_name, requested.operation.name
                _check_kind(requested.operation.kind, request.method)
                prepared = self._pipeline.prepare(requested, context)
                facts.points = prepared.charge.points
                if prepared.operation.kind is not OperationType.MUTATION:
                    deadline.cancel_when_client_leaves()
                await self._receive(requested, prepared, deadline)
                result = await self._execution.encoded(prepared, request)
        except DeadlineExceeded:
            raise _timeout(facts.kind, limits.seconds) from None
        finally:
            self._in_flight -= 1
        facts.code, facts.points = result.code, prepared.charge.points
        return result

    async def _receive(self, requested: Requested, prepared: Prepared, deadline: Deadline) -> None:
        """Passes the file of a bulk import on while it arrives; the deadline is of each part."""
        if requested.upload is None or self._uploads is None:
            return
        upload, form = requested.upload

        async def chunks() -> AsyncIterator[bytes]:
            async for chunk in form.chunks(self._pipeline.limits.bulk_bytes):
                deadline.restart()
                yield chunk

        try:
            await self._uploads.receive(upload, chunks(), prepared)
        except GatewayError as refused:
            prepared.charge.refuse(refused)
            raise
        deadline.restart()


def _check_request(request: RequestInfo) -> None:
    """Refuse a request by its headers; raises HttpRefusal."""
    if request.method == "POST":
        content_type = request.headers.get("content-type")
        if is_multipart(content_type):
            require_preflight(request)
        else:
            require_json(content_type)
    elif request.method not in READING:
        raise HttpRefusal(
            405, "Use POST, or GET for queries", headers=[(b"allow", b"GET, HEAD, POST")]
        )


def _check_kind(kind: OperationType, method: str) -> None:
    if kind is OperationType.SUBSCRIPTION:
        raise HttpRefusal(400, "A subscription is answered by an event stream or a WebSocket")
    if kind is OperationType.MUTATION and method != "POST":
        raise HttpRefusal(405, "Send mutations by POST", headers=[(b"allow", b"POST")])


def _timeout(kind: str, seconds: float) -> GatewayError:
    """The error at the deadline; kind "none": the body had not arrived."""
    if kind == UNKNOWN:
        return HttpRefusal(408, f"The request did not arrive within {seconds:g} seconds")
    if kind == OperationType.MUTATION.value:
        return OperationTimeout(
            f"The mutation was not done after {seconds:g} seconds and goes on: "
            "ask for its outcome, or repeat it with the same Idempotency-Key"
        )
    return OperationTimeout(f"The query was not done after {seconds:g} seconds")


def _cacheable(
    request: RequestInfo, media_type: MediaType, result: EncodedResult, seconds: int
) -> HttpResponse:
    """The response to a GET; if no field failed with an entity tag, and 304 for a known one."""
    limit_headers = rate_limit_headers(result.cost)
    if result.code != OK:
        headers = [*_headers(request), *limit_headers]
        return HttpResponse(200, media_type.header, result.body, headers)
    etag = etag_of(result.plain)
    headers = [*_headers(request, min(seconds, _MAX_AGE)), (b"etag", etag), *limit_headers]
    if matches_etag(request.headers.get("if-none-match"), etag):
        return HttpResponse(304, media_type.header, b"", headers)
    return HttpResponse(200, media_type.header, result.body, headers)


def _refusal(
    refused: GatewayError, request: RequestInfo, media_type: MediaType, facts: OperationFacts
) -> HttpResponse:
    payload = refusal_payload(refused, request.request_id)
    facts.code, body = code_of(payload), orjson.dumps(payload)
    headers = [*_headers(request), *refusal_headers(refused)]
    if isinstance(refused, OperationTimeout):
        return HttpResponse(200, media_type.header, body, headers)
    # A client that accepts only application/json reads the errors of a 200.
    default = 400 if media_type is MediaType.RESPONSE else 200
    status = STATUS.get(facts.code, default)
    if isinstance(refused, HttpRefusal | OperationRefused) and refused.status is not None:
        status = refused.status
    return HttpResponse(status, media_type.header, body, headers)


def _headers(request: RequestInfo, max_age: int = 0) -> Headers:
    if request.authorization is None:
        return _OPEN_HEADERS
    if max_age == 0:
        return _PRIVATE_HEADERS
    return (
        # Another key may not see the same.
        (b"vary", b"Accept, Authorization"),
        _NOSNIFF,
        (b"cache-control", b"private, max-age=%d" % max_age),
    )
