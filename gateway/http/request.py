"""A request: its headers, and its body, never read beyond the limit."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from starlette.types import Receive, Scope

from gateway.http.refusal import ClientGone, HttpRefusal
from gateway.http.request_ids import request_id_from
from gateway.logs import REQUEST_ID

#: Methods that change nothing: HEAD is a GET whose answer has no body.
READING: Final = frozenset({"GET", "HEAD"})


class RequestInfo(msgspec.Struct, frozen=True):
    """One request, without its body.

    `headers` has lower-case names; repeated headers are joined by commas, so that two
    `Authorization` headers make one that no key matches. `client` is the peer's address, None if
    the server does not provide it.
    """

    method: str
    headers: Mapping[str, str]
    request_id: str
    client: str | None = None

    @classmethod
    def of(cls, scope: Scope) -> "RequestInfo":
        """Read the ASGI scope of an HTTP request or of a WebSocket."""
        raw = scope["headers"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        if len(headers) != len(raw):
            headers = _joined(raw)
        client = scope.get("client")
        return cls(
            method=scope.get("method", "GET"),
            headers=headers,
            request_id=REQUEST_ID.get() or request_id_from(headers.get("x-request-id")),
            client=client[0] if client else None,
        )

    def with_headers(self, headers: Mapping[str, str]) -> "RequestInfo":
        """The same request with these headers."""
        return msgspec.structs.replace(self, headers=headers)

    @property
    def authorization(self) -> str | None:
        """The raw `Authorization` header."""
        return self.headers.get("authorization")

    @property
    def fresh(self) -> bool:
        """Whether to bypass the cache of platform answers: `Cache-Control: no-cache`."""
        directives = self.headers.get("cache-control")
        if directives is None:
            return False
        return "no-cache" in {part.strip().lower() for part in directives.split(",")}


def _joined(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def read_body(receive: Receive, request: RequestInfo, max_bytes: int) -> bytes:
    """The whole body, of at most `max_bytes`.

    Raises:
        HttpRefusal: 413 too large, 415 compressed.
        ClientGone: the client disconnected.
    """
    encoding = request.headers.get("content-encoding")
    if encoding is not None and encoding.lower() != "identity":
        raise HttpRefusal(
            415, "Send the body uncompressed", headers=[(b"accept-encoding", b"identity")]
        )
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(max_bytes: int) -> HttpRefusal:
    return HttpRefusal(413, f"The body is larger than {max_bytes} bytes")
