"""Bounds on the heads of requests and on connections, kept before a request reaches ASGI."""

import asyncio
import re
from secrets import token_hex
from typing import Any, ClassVar, Final

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from gateway.errors import GatewayError, Overloaded
from gateway.http.refusal import HttpRefusal
from gateway.http.response import refusal_headers, refusal_payload

#: Bytes of a request line with its headers, of a body's trailers, and of a chunk's extension.
MAX_HEAD_BYTES: Final = 32 * 1024
MAX_HEADERS: Final = 100
#: Seconds for a head, from the connection's opening or the head's first bytes.
HEAD_SECONDS: Final = 15.0
#: A client that is still sending can read the refusal only while its connection is open.
_LINGER_SECONDS: Final = 1.0
_LINGER_BYTES: Final = 1024 * 1024
#: RFC 9110, 7.2: a name or an address, with or without a port.
_HOST: Final = re.compile(
    rb"(?:[A-Za-z0-9._~%!$&'()*+;=-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?", re.ASCII
)


class BoundedHeadsProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, for clients that send endless, slow, ambiguous or too many heads.

    Refuses with 431 a head over `MAX_HEAD_BYTES` or `MAX_HEADERS`, with 408 one that takes longer
    than `HEAD_SECONDS`, with 400 one of HTTP/1.1 that has not exactly one `Host`, and with 503
    a connection above uvicorn's `limit_concurrency`, which here counts connections alone. Each
    refusal closes the connection.
    """

    head_seconds: ClassVar[float] = HEAD_SECONDS

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._max_connections, self.limit_concurrency = self.limit_concurrency, None
        self._head_timer: asyncio.TimerHandle | None = None
        self._refused = False
        self._upgraded = False
        #: Bytes since the last callback that completed something.
        self._pending = 0
        self._progress = False
        #: Whether a head has begun and is not complete.
        self._begun = False
        self._lingered = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Admit the connection, and start the time of its first head."""
        super().connection_made(transport)
        if self._max_connections is not None and len(self.connections) > self._max_connections:
            words = "Too many connections are open; try again in a second"
            self._refuse(503, Overloaded(words, retry_after=1))
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer of the head."""
        self._head_done()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser no more than the bound at once."""
        self._unset_keepalive_if_required()
        while data and not self._refused:
            part = data[: MAX_HEAD_BYTES - self._pending]
            data = data[len(part) :]
            self._feed(part)
            if self._upgraded:
                return
            self._pending = 0 if self._progress else self._pending + len(part)
            if self._pending >= MAX_HEAD_BYTES and not self._refused:
                words = f"A request's head has at most {MAX_HEAD_BYTES} bytes"
                self._refuse(431, HttpRefusal(431, words))
        if self._refused:
            self._lingered += len(data)
            if self._lingered > _LINGER_BYTES:
                self.transport.close()
        elif self._begun and self._head_timer is None:
            self._await_head()

    def _feed(self, part: bytes) -> None:
        self._progress = False
        try:
            self.parser.feed_data(part)
        except httptools.HttpParserUpgrade:
            if self._refused:
                return
            if self._should_upgrade():
                self._upgraded = True
                self._head_done()
                self.handle_websocket_upgrade()
            else:
                self._unsupported_upgrade_warning()
        except httptools.HttpParserError:
            if not self._refused:
                self._refuse(400, HttpRefusal(400, "The request is not valid HTTP"))

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._begun = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a body's trailer, of which nothing is kept."""
        if self._refused or not self._begun:
            return
        if len(self.headers) >= MAX_HEADERS:
            self._refuse(431, HttpRefusal(431, f"A request has at most {MAX_HEADERS} headers"))
            return
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request, unless its head is refused."""
        self._progress, self._begun = True, False
        self._head_done()
        if self._refused:
            return
        hosts = [value for name, value in self.headers if name == b"host"]
        least = 0 if self.parser.get_http_version() == "1.0" else 1
        if not least <= len(hosts) <= 1 or not all(map(_HOST.fullmatch, hosts)):
            self._refuse(400, HttpRefusal(400, "A request has exactly one valid Host header"))
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._progress = True
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the body."""
        self._progress = True
        if not self._refused:
            super().on_message_complete()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self._head_late)

    def _head_done(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        self._head_timer = None
        if self.transport.is_closing():
            return
        if self._begun:
            words = f"The request's head did not arrive within {self.head_seconds:g} seconds"
            self._refuse(408, HttpRefusal(408, words))
        else:
            # Browsers open connections ahead.
            self.transport.close()

    def _refuse(self, status: int, refused: GatewayError) -> None:
        """Answer without ASGI, and close the connection once the client could read it."""
        self._refused = True
        self._head_done()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            # An earlier request's response is being written: nothing may come between.
            self.transport.close()
            return
        request_id = token_hex(16)
        body = msgspec.json.encode(refusal_payload(refused, request_id))
        headers = [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"x-request-id", request_id.encode("ascii")),
            (b"content-length", b"%d" % len(body)),
            *refusal_headers(refused),
            (b"connection", b"close"),
        ]
        lines = (b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"".join((STATUS_LINE[status], *lines, b"\r\n", body)))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.close)
