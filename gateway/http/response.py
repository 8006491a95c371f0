"""The last stages of a request: the result as JSON, and its HTTP response."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
import orjson
from graphql import ExecutionResult
from starlette.types import Send

from gateway.errors import GatewayError
from gateway.http.errors import format_errors, retry_after
from gateway.http.refusal import HttpRefusal
from gateway.http.request_pipeline import CallerContext

#: The code of an operation without errors, for the metrics.
OK: Final = "OK"
_ETAG_BYTES: Final = 16

#: A GraphQL response: errors, data, extensions.
Payload = Mapping[str, Any]
Headers = Sequence[tuple[bytes, bytes]]


def payload_of(result: ExecutionResult, request_id: str) -> Payload:
    """The response to an execution; its errors carry the id of the request."""
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload = {"errors": format_errors(result.errors, request_id), "data": result.data}
    if result.extensions:
        payload["extensions"] = result.extensions
    return payload


def with_stale_reads(result: ExecutionResult, context: CallerContext) -> ExecutionResult:
    """The result, with `extensions.stale` where something was made from stale copies."""
    stale = context.stale_reads
    if stale:
        result.extensions = {**(result.extensions or {}), "stale": stale}
    return result


def code_of(payload: Payload) -> str:
    """The code of the first error, or OK."""
    errors = payload.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else OK


class EncodedResult(msgspec.Struct, frozen=True):
    """A GraphQL response as JSON; `code` is that of its first error, or OK."""

    body: bytes
    code: str


def encode(payload: Payload) -> EncodedResult:
    """The response as JSON."""
    return EncodedResult(orjson.dumps(payload), code_of(payload))


class HttpResponse(msgspec.Struct, frozen=True):
    """An HTTP response; `headers` are those besides its type and length."""

    status: int
    content_type: bytes
    body: bytes
    headers: Headers = ()

    async def send(self, send: Send, *, with_body: bool = True) -> None:
        """Write it as ASGI messages; without the body for a HEAD request."""
        headers = [
            (b"content-type", self.content_type),
            (b"content-length", str(len(self.body)).encode("ascii")),
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})


def refusal_headers(refused: GatewayError) -> list[tuple[bytes, bytes]]:
    """The headers about when and how to retry."""
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(refused, HttpRefusal):
        headers.extend(refused.headers)
    if refused.code == "UNAUTHENTICATED":
        headers.append((b"www-authenticate", b"Bearer"))
    seconds = retry_after(refused)
    if seconds is not None:
        headers.append((b"retry-after", str(seconds).encode("ascii")))
    return headers


def etag_of(body: bytes) -> bytes:
    """The entity tag of a body: equal for the same bytes."""
    return b'"%b"' % blake2b(body, digest_size=_ETAG_BYTES).hexdigest().encode("ascii")


def matches_etag(if_none_match: str | None, etag: bytes) -> bool:
    """Whether `If-None-Match` has this entity tag: then the response is a 304."""
    if if_none_match is None:
        return False
    named = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in named or etag.decode("ascii") in named
