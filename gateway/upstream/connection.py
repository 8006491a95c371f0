"""One HTTP/1.1 connection: a request out, an answer in, nothing kept beyond its bounds."""

import asyncio
import select
import zlib
from typing import NamedTuple, Self, cast

import httptools
import httpx

from gateway.upstream.inflate import Inflater, TooMuch

_MOST_HEADER_BYTES = 65_536
_INFORMATIONAL = 200
_BODILESS = frozenset({204, 304})


class AnswerTooLarge(httpx.TransportError):
    """The answer passed the size that was allowed; reading stopped there."""


class ConnectionEnded(httpx.RemoteProtocolError):
    """The platform closed the connection before a whole answer had come.

    `answered` tells whether at least one byte of it had.
    """

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


class Reply(NamedTuple):
    """A whole answer, unpacked."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Connection(asyncio.Protocol):
    """Used by one call at a time; whoever gives up waiting leaves it closed."""

    __slots__ = (
        "_answered",
        "_framed",
        "_future",
        "_headed",
        "_header_bytes",
        "_headers",
        "_heard_at",
        "_inflater",
        "_left",
        "_limit",
        "_loop",
        "_parser",
        "_pieces",
        "_reusable",
        "_silence",
        "_timer",
        "_transport",
        "_until",
        "idle_since",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._future: asyncio.Future[Reply] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._reusable = True
        self.idle_since = 0.0
        self._begin_answer()

    def _begin_answer(self) -> None:
        self._answered = False
        self._headed = False
        self._framed = False
        self._header_bytes = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._pieces: list[bytes] = []
        self._inflater: Inflater | None = None

    # --- the caller's side

    @property
    def usable(self) -> bool:
        """Whether another request may be written."""
        transport = self._transport
        return self._reusable and transport is not None and not transport.is_closing()

    def quiet(self) -> bool:
        """Whether the platform has neither closed nor written; asks the socket itself."""
        if self._transport is None:
            return False
        socket = self._transport.get_extra_info("socket")
        poll = select.poll()
        poll.register(socket.fileno(), select.POLLIN)
        return not poll.poll(0)

    async def exchange(self, request: bytes, *, limit: int, silence: float, total: float) -> Reply:
        """Write `request`, read one answer of at most `limit` bytes.

        Raises:
            httpx.ReadTimeout: `silence` seconds without a byte, or `total` seconds in all.
            ConnectionEnded: see there.
            AnswerTooLarge: more than `limit` bytes, once unpacked.
            httpx.RemoteProtocolError: what came is not HTTP.
        """
        assert self._transport is not None  # noqa: S101 - the pool hands out connected ones only
        now = self._loop.time()
        self._begin_answer()
        self._left = self._limit = limit
        self._silence, self._heard_at, self._until = silence, now, now + total
        future = self._future = self._loop.create_future()
        self._watch(min(now + silence, self._until))
        self._transport.write(request)
        try:
            reply: Reply = await future
        except BaseException:
            self.abort()
            raise
        finally:
            self._future = None
        return reply

    def abort(self) -> None:
        """Close at once; what is not yet read or written is dropped."""
        self._reusable = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()

    # --- time: one timer for the connection, moved on only when it fires

    def _watch(self, due: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._check_time)

    def _check_time(self) -> None:
        self._timer = None
        if self._future is None:
            return
        due = min(self._heard_at + self._silence, self._until)
        if self._loop.time() >= due:
            self._fail(httpx.ReadTimeout("no whole answer in time"))
        else:
            self._watch(due)

    # --- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came; anything while no call waits ends the connection."""
        if self._future is None:
            self.abort()
            return
        self._answered = True
        self._heard_at = self._loop.time()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail(httpx.RemoteProtocolError("what came is not HTTP"))

    def eof_received(self) -> bool:
        """The platform is done writing: that ends an answer without a length."""
        self._reusable = False
        if self._headed and not self._framed:
            self._finish()
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell the waiting call, if any."""
        self._reusable = False
        self._fail(
            ConnectionEnded("the connection ended before the answer did", answered=self._answered)
        )
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- the parser's side

    def on_message_begin(self) -> None:
        """A second answer to one request is no answer."""
        if self._future is None or self._future.done():
            self._reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, within bounds."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > _MOST_HEADER_BYTES:
            self._fail(AnswerTooLarge("the answer's headers are too large"))
            return
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """See how the body comes."""
        status = self._parser.get_status_code()
        if status < _INFORMATIONAL:
            return
        self._headed = True
        self._framed = status in _BODILESS
        for name, value in self._headers:
            if name == b"content-length" or (
                name == b"transfer-encoding" and value.lower().endswith(b"chunked")
            ):
                self._framed = True
            elif name == b"content-encoding":
                self._expect(value.strip().lower())

    def _expect(self, encoding: bytes) -> None:
        if encoding == b"gzip":
            self._inflater = Inflater(self._limit)
        elif encoding not in {b"", b"identity"}:
            self._fail(httpx.RemoteProtocolError("the answer is packed in a way nobody asked for"))

    def on_body(self, data: bytes) -> None:
        """Keep a piece, unpacked, within bounds."""
        if self._future is None or self._future.done():
            return
        if self._inflater is not None:
            try:
                data = self._inflater.feed(data)
            except TooMuch:
                self._fail(AnswerTooLarge(f"the answer passed {self._limit} bytes"))
                return
            except zlib.error:
                self._fail(httpx.RemoteProtocolError("the answer's gzip is broken"))
                return
        self._left -= len(data)
        if self._left < 0:
            self._fail(AnswerTooLarge(f"the answer passed {self._limit} bytes"))
            return
        self._pieces.append(data)

    def on_message_complete(self) -> None:
        """The answer is whole, unless it only announced another."""
        if self._parser.get_status_code() < _INFORMATIONAL:
            self._headers = []
            return
        if not self._parser.should_keep_alive():
            self._reusable = False
        self._finish()

    def _finish(self) -> None:
        future = self._future
        if future is None or future.done():
            return
        if self._inflater is not None and not self._inflater.complete and self._pieces:
            self._fail(httpx.RemoteProtocolError("the answer's gzip ends too early"))
            return
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        future.set_result(Reply(self._parser.get_status_code(), self._headers, body))

    def _fail(self, error: httpx.TransportError) -> None:
        if self._future is not None and not self._future.done():
            self._reusable = False
            self._future.set_exception(error)

    @classmethod
    def made(cls) -> Self:
        """A connection for the running loop, not yet connected."""
        return cls(asyncio.get_running_loop())
