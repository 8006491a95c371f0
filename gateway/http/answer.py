"""An HTTP answer, written out as ASGI messages."""

from collections.abc import Sequence

import msgspec
from starlette.types import Send


class HttpResponse(msgspec.Struct, frozen=True):
    """A whole answer; `headers` stand besides its type and length."""

    status: int
    content_type: bytes
    body: bytes
    headers: Sequence[tuple[bytes, bytes]] = ()

    async def send(self, send: Send, *, with_body: bool = True) -> None:
        """Write it; without the body for a HEAD request."""
        headers = [
            (b"content-type", self.content_type),
            (b"content-length", str(len(self.body)).encode("ascii")),
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})
