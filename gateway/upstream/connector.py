"""Aiohttp's connector and request, extended to report what was sent and to hide the token."""

import asyncio
import select
from collections.abc import Iterable, Sequence
from typing import Any, Final
from weakref import WeakSet

from aiohttp import (
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    RequestInfo,
    TCPConnector,
    TraceConfig,
)
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import NEEDS_CLEANUP_CLOSED, Connection
from aiohttp.tracing import Trace
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

#: Bytes of one line of an answer's headers; aiohttp's parser stops past it.
MOST_HEADER_BYTES: Final = 65_536
_MOST_HEADERS: Final = 512
#: Seconds; an idle connection is closed before the usual server would close it.
_KEEP_IDLE: Final = 30.0


class Request(ClientRequest):
    """One request over one connection; its `url` is what traces and errors may show."""

    #: Aiohttp would add a content type of its own.
    _skip_auto_headers = CIMultiDict([("Content-Type", None)])
    #: What is sent instead of `url`: the same address with the token.
    written_url: URL | None = None
    #: Whether a connection that was used before must not be reused.
    wants_new_connection: bool = False
    #: Whether its connection had been used before; None while it has none: nothing was sent.
    kept: bool | None = None
    #: Its connection's transport, once it has one.
    carrier: asyncio.Transport | None = None

    @property
    def traces(self) -> list[Trace]:
        """The traces that observe its phases."""
        return self._traces

    @traces.setter
    def traces(self, traces: list[Trace]) -> None:
        self._traces = traces

    def update_auto_headers(self, skip_auto_headers: Iterable[str] | None) -> None:
        """Add no header that the caller did not set."""

    async def send(self, conn: Connection) -> ClientResponse:
        """Write the request; the token is only in the bytes on the wire."""
        if self.written_url is not None:
            self.url = self.written_url
        try:
            return await super().send(conn)
        finally:
            self.url = self.original_url

    def give_up(self) -> None:
        """Close its connection at once; unread and unwritten bytes are dropped.

        Does nothing once the answer was read to its end: the connection may be in use again.
        """
        if self.response is not None and self.response.closed:
            return
        if self.carrier is not None:
            self.carrier.abort()
        if self.response is not None:
            self.response.close()

    @property
    def request_info(self) -> RequestInfo:
        """What the response and its errors know about the request."""
        shown = self.original_url
        return RequestInfo(shown, self.method, CIMultiDictProxy(self.headers), shown)

    # These two pass traces the URL while it is the one with the token.

    async def _on_headers_request_sent(
        self,
        method: str,
        url: URL,  # noqa: ARG002 - aiohttp's signature
        headers: "CIMultiDict[str]",
    ) -> None:
        await super()._on_headers_request_sent(method, self.original_url, headers)

    async def _on_chunk_request_sent(
        self,
        method: str,
        url: URL,  # noqa: ARG002 - aiohttp's signature
        chunk: bytes,
    ) -> None:
        await super()._on_chunk_request_sent(method, self.original_url, chunk)


class Connector(TCPConnector):
    """Makes exchanges over connections of its own; the caller reads the answers' bodies.

    Never reuses a connection that the platform has closed or written to. It has no connection
    limit: the caller counts connections.
    """

    def __init__(self, resolver: AbstractResolver | None, traces: Sequence[TraceConfig]) -> None:
        super().__init__(
            resolver=resolver,
            limit=0,
            keepalive_timeout=_KEEP_IDLE,
            enable_cleanup_closed=NEEDS_CLEANUP_CLOSED,
        )
        self._used: WeakSet[ResponseHandler] = WeakSet()
        self._traces = traces
        #: Only for traces, which expect a session.
        self._traced = (
            ClientSession(connector=self, connector_owner=False, trace_configs=list(traces))
            if traces
            else None
        )

    async def exchange(self, request: Request, limits: ClientTimeout) -> ClientResponse:
        """Send `request`; returns the answer once its headers have arrived, the body compressed.

        Of `limits` only `connect` and `sock_read` apply: the caller bounds the total time.

        Raises:
            aiohttp.ClientError, OSError: `request.kept`: whether anything may have been sent.
        """
        if self._traced is None:
            return await self._exchange(request, limits, [])
        traces = [Trace(self._traced, config, config.trace_config_ctx()) for config in self._traces]
        told = request.method, request.original_url, request.headers
        for trace in traces:
            await trace.send_request_start(*told)
        try:
            response = await self._exchange(request, limits, traces)
        except BaseException as error:
            for trace in traces:
                await trace.send_request_exception(*told, error)
            raise
        for trace in traces:
            await trace.send_request_end(*told, response)
        return response

    async def _exchange(
        self, request: Request, limits: ClientTimeout, traces: list[Trace]
    ) -> ClientResponse:
        request.traces = traces
        connection = await self.connect(request, traces, limits)
        try:
            assert connection.protocol is not None  # noqa: S101 - `connect` hands out no others
            connection.protocol.set_response_params(
                skip_payload=request.method == "HEAD",
                read_until_eof=True,
                auto_decompress=False,
                read_timeout=limits.sock_read,
                max_line_size=MOST_HEADER_BYTES,
                max_field_size=MOST_HEADER_BYTES,
                max_headers=_MOST_HEADERS,
            )
            response = await request.send(connection)
            return await response.start(connection)
        except BaseException:
            request.give_up()
            connection.close()
            raise

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        """A connection for `req`, new or reused; a reused one was checked."""
        assert isinstance(req, Request)  # noqa: S101 - `exchange` takes no others
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol, carrier = connection.protocol, connection.transport
            if protocol is None or carrier is None:
                # Lost as soon as it was established.
                connection.close()
                continue
            kept = protocol in self._used
            if kept and (req.wants_new_connection or protocol.should_close or not _quiet(carrier)):
                connection.close()
                continue
            self._used.add(protocol)
            req.kept, req.carrier = kept, carrier
            return connection

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Close every connection."""
        await super().close(abort_ssl=abort_ssl)
        if self._traced is not None:
            await self._traced.close()


def _quiet(carrier: asyncio.Transport) -> bool:
    """Whether the platform has neither closed nor written to it, according to the socket."""
    socket: Any = carrier.get_extra_info("socket")
    poll = select.poll()
    poll.register(socket.fileno(), select.POLLIN)
    return not poll.poll(0)
