"""Reads the body of a request, never further than its limit."""

from starlette.types import Receive

from gateway.http.refusal import ClientGone, HttpRefusal
from gateway.http.request import RequestInfo


async def read_body(receive: Receive, request: RequestInfo, max_bytes: int) -> bytes:
    """The whole body, of at most `max_bytes`.

    Raises:
        HttpRefusal: 413 too large, 415 compressed.
        ClientGone: the client left half-way.
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
