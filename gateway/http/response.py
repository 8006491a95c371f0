"""The last stages of a request: the result as JSON, and its HTTP response."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
import orjson
from graphql import ExecutionResult
from starlette.types import Send

from gateway.errors import GatewayError, OperationTimeout
from gateway.http.charge import rate_limit_headers
from gateway.http.error_codes import STATUS
from gateway.http.errors import format_errors, format_refusal, retry_after
from gateway.http.refusal import HttpRefusal
from gateway.http.request_pipeline import CallerContext

#: The code of an operation without errors, for the metrics.
OK: Final = "OK"
_ETAG_BYTES: Final = 16
_UNAVAILABLE: Final = frozenset({"OVERLOADED", "STORE_UNAVAILABLE"})
#: Seconds of their `Retry-After` where nothing tells when another try makes sense.
_LATER: Final = 60

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
    """A GraphQL response as JSON; `code` is that of its first error, or OK.

    `cost` is in the body as well; without it the body is `plain`, equal for equal results.
    """

    body: bytes
    code: str
    plain: bytes
    cost: Mapping[str, Any]


def with_cost(payload: Payload, cost: Mapping[str, Any]) -> Payload:
    """The response, with `extensions.cost`."""
    return {**payload, "extensions": {**payload.get("extensions", {}), "cost": cost}}


def encode(payload: Payload, cost: Mapping[str, Any]) -> EncodedResult:
    """The response as JSON, with `extensions.cost`."""
    if "extensions" not in payload:
        return encode_with_cost(orjson.dumps(payload), cost, code_of(payload))
    plain, body = orjson.dumps(payload), orjson.dumps(with_cost(payload, cost))
    return EncodedResult(body, code_of(payload), plain, cost)


def encode_with_cost(plain: bytes, cost: Mapping[str, Any], code: str = OK) -> EncodedResult:
    """A response that was encoded without extensions, with `extensions.cost`."""
    body = b"".join((plain[:-1], b',"extensions":{"cost":', orjson.dumps(cost), b"}}"))
    return EncodedResult(body, code, plain, cost)


def refusal_payload(refused: GatewayError, request_id: str) -> Payload:
    """The response to a request that was refused; with `extensions.cost` if it has a price."""
    payload: dict[str, Any] = {"errors": format_refusal(refused, request_id)}
    if isinstance(refused, OperationTimeout):
        payload["data"] = None
    if refused.cost is not None:
        payload["extensions"] = {"cost": refused.cost}
    return payload


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


def refusal_status(refused: GatewayError) -> int:
    """The HTTP status of a request that is refused, to a client of any media type."""
    return refused.status if isinstance(refused, HttpRefusal) else STATUS.get(refused.code, 400)


def refusal_headers(refused: GatewayError) -> list[tuple[bytes, bytes]]:
    """The headers about when and how to retry; `Retry-After` is in all of 503."""
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(refused, HttpRefusal):
        headers.extend(refused.headers)
    if refused.code == "UNAUTHENTICATED":
        headers.append((b"www-authenticate", b"Bearer"))
    seconds = retry_after(refused)
    if seconds is None and refused.code in _UNAVAILABLE:
        seconds = _LATER
    if seconds is not None:
        headers.append((b"retry-after", str(seconds).encode("ascii")))
    headers.extend(rate_limit_headers(refused.cost))
    return headers


def etag_of(body: bytes) -> bytes:
    """The entity tag of a result: weak, as the cost beside the result differs."""
    return b'W/"%b"' % blake2b(body, digest_size=_ETAG_BYTES).hexdigest().encode("ascii")


def matches_etag(if_none_match: str | None, etag: bytes) -> bool:
    """Whether `If-None-Match` has this entity tag: then the response is a 304."""
    if if_none_match is None:
        return False
    named = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in named or etag.decode("ascii").removeprefix("W/") in named
