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
    body = BodyStream(receive, request)
    body.check_length(max_bytes)
    chunks: list[bytes] = []
    while (chunk := await body.next(max_bytes)) is not None:
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


class BodyStream:
    """A request's body as it arrives."""

    def __init__(self, receive: Receive, request: RequestInfo) -> None:
        """Raises HttpRefusal: 415 compressed."""
        encoding = request.headers.get("content-encoding")
        if encoding is not None and encoding.lower() != "identity":
            raise HttpRefusal(
                415, "Send the body uncompressed", headers=[(b"accept-encoding", b"identity")]
            )
        self._receive = receive
        self._declared = request.headers.get("content-length", "")
        self._size = 0
        self._ended = False

    def check_length(self, max_bytes: int) -> None:
        """Refuse a body that says that it is larger; raises HttpRefusal: 413."""
        if self._declared.isdecimal() and int(self._declared) > max_bytes:
            raise _too_large(max_bytes)

    async def next(self, max_bytes: int | None) -> bytes | None:
        """The next bytes; None: all have been read.

        Raises:
            HttpRefusal: 413, more than `max_bytes` have been read.
            ClientGone: the client disconnected.
        """
        if self._ended:
            return None
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        self._ended = not message.get("more_body", False)
        self._size += len(chunk)
        if max_bytes is not None and self._size > max_bytes:
            raise _too_large(max_bytes)
        return chunk


def _too_large(max_bytes: int) -> HttpRefusal:
    return HttpRefusal(413, f"The body is larger than {max_bytes} bytes")
