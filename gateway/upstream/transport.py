"""The transport beneath httpx: aiohttp's connections, bounded answers, the token added last."""

import asyncio
import io
import re
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote

import httpx
from aiohttp import ClientError, ClientResponse, ClientTimeout, TraceConfig
from aiohttp.abc import AbstractResolver
from yarl import URL

from gateway.concurrency.bulkhead import Bulkhead
from gateway.upstream.connector import MOST_HEADER_BYTES, Connector, Request
from gateway.upstream.exchange_errors import (
    AnswerTooLarge,
    ConnectionEnded,
    HeadersTooLarge,
    after_sending,
    before_sending,
    proxy_refusal,
)
from gateway.upstream.inflate import Inflater, TooMuch
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.proxy import Proxy, Route

_SCHEMES: Final = frozenset({"http", "https"})
#: Headers about the body's transfer; it is complete and decompressed by now.
_FRAMING: Final = frozenset(
    {b"content-encoding", b"content-length", b"transfer-encoding", b"connection", b"keep-alive"}
)
#: Headers that only this transport sets; it decompresses gzip.
_OWN: Final = frozenset({b"content-length", b"transfer-encoding", b"accept-encoding"})
_FIT: Final = re.compile(r"[^\x00\r\n]*").fullmatch
_BODILESS: Final = frozenset({"GET", "HEAD"})
#: Bytes; aiohttp warns of larger bodies written in one piece.
_LARGE_BODY: Final = 1_048_576
#: Bytes that are decompressed in one turn of the event loop, give or take 64 KiB.
_INFLATED_AT_ONCE: Final = 524_288


class Whole(httpx.AsyncByteStream):
    """A complete body, readable without httpx's machinery."""

    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content


class UpstreamTransport(httpx.AsyncBaseTransport):
    """Sends `httpx.Request`s through aiohttp; follows no redirect, keeps no cookie.

    Optional `extensions` of a request:

    * `target` (bytes): path and query to send in place of the URL's, as httpx defines it.
    * `token` (tuple of parameter and value): added to the query when it is sent, so that no
      URL, log line, exception or span above this transport ever has it.
    * `traceparent` (str): the header of that name, which is another in each attempt.
    * `pool` (str): requests of different pools share no connections, so that one shop's slow
      platform does not exhaust those of others. It also selects the route.
    * `repeatable` (bool): a dead reused connection may be replaced after the request was sent.
    * `timeout` (dict of seconds): `connect`, `read` (silence), `pool`, and `total`.

    `route` is the default for pools that are not in `routes`. `resolver` replaces the system's;
    its answers are cached for ten seconds for all pools. `traces` observe each phase of an
    exchange, with URLs without the token.
    """

    def __init__(
        self,
        limits: UpstreamLimits | None = None,
        *,
        route: Route | None = None,
        routes: Mapping[str, Route] | None = None,
        resolver: AbstractResolver | None = None,
        traces: Sequence[TraceConfig] = (),
    ) -> None:
        self._limits = limits or UpstreamLimits()
        self._route = route or Route()
        self._routes = routes or {}
        self._resolver = resolver
        self._traces = list(traces)
        self._connector: Connector | None = None
        self._pools: dict[tuple[str, str, str, int | None], _Pool] = {}
        self._under_way: set[_Exchange] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange; the answer's body is complete, decompressed and within the limits.

        Raises:
            httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout: nothing was sent.
            httpx.ReadTimeout, httpx.RemoteProtocolError, AnswerTooLarge: it may have been sent.
            httpx.LocalProtocolError, httpx.UnsupportedProtocol: the request cannot be sent.
        """
        stream = request.stream
        body = stream.content if isinstance(stream, Whole) else await request.aread()
        extensions = request.extensions
        limits = self._limits
        timeout: dict[str, float | None] = extensions.get("timeout") or {}
        total = timeout.get("total") or limits.total_timeout
        pool = self._pool(extensions.get("pool", ""), request.url)
        exchange = _Exchange(
            self._open_connector(),
            pool,
            _Outgoing.of(request, pool, body),
            connect=timeout.get("connect") or limits.connect_timeout,
            silence=timeout.get("read") or limits.read_timeout,
            most=limits.max_response_bytes,
        )
        await _take_place(pool.places, timeout.get("pool") or total)
        self._under_way.add(exchange)
        try:
            reply = await exchange.run(total, repeatable=bool(extensions.get("repeatable")))
        finally:
            self._under_way.discard(exchange)
            pool.places.give()
        return reply

    def _open_connector(self) -> Connector:
        # Not before the first request, when an event loop is certainly running.
        if self._connector is None:
            self._connector = Connector(self._resolver, self._traces)
        return self._connector

    def _pool(self, name: str, url: httpx.URL) -> "_Pool":
        key = (name, url.scheme, url.host, url.port)
        try:
            return self._pools[key]
        except KeyError:
            pass
        if url.scheme not in _SCHEMES:
            raise httpx.UnsupportedProtocol("only http and https")
        route = self._routes.get(name, self._route)
        proxy = route.proxy
        pool = self._pools[key] = _Pool(
            base=f"{url.scheme}://{url.netloc.decode('ascii')}",
            places=Bulkhead(self._limits.max_connections),
            route=route,
            proxy=proxy if proxy is not None and proxy.serves(url.host) else None,
        )
        return pool

    async def aclose(self) -> None:
        """Close every connection; calls under way fail."""
        for exchange in self._under_way:
            exchange.abort()
        connector, self._connector = self._connector, None
        if connector is not None:
            await connector.close()
        self._pools.clear()


@dataclass(frozen=True, slots=True)
class _Pool:
    """The calls of one shop to one origin."""

    #: Scheme, host and port, as at the beginning of a URL.
    base: str
    places: Bulkhead
    route: Route
    #: None if the origin is reached directly.
    proxy: Proxy | None


async def _take_place(places: Bulkhead, seconds: float) -> None:
    if places.take():
        return
    try:
        await places.wait(seconds)
    except TimeoutError:
        raise httpx.PoolTimeout("all connections were busy too long") from None


class _Outgoing(NamedTuple):
    """A request as aiohttp takes it."""

    method: str
    url: URL
    #: The same with the token, None if there is none.
    written_url: URL | None
    headers: list[tuple[str, str]]
    #: None if no length is sent.
    body: bytes | None

    @classmethod
    def of(cls, request: httpx.Request, pool: _Pool, body: bytes) -> "_Outgoing":
        target: bytes = request.extensions.get("target") or request.url.raw_path
        token: tuple[str, str] | None = request.extensions.get("token")
        try:
            path = target.decode("ascii")
            headers = [("accept-encoding", "gzip")]
            for name, value in request.headers.raw:
                if name.lower() not in _OWN:
                    headers.append((name.decode("ascii"), value.decode()))
        except UnicodeDecodeError:
            raise httpx.LocalProtocolError("a target or header that is no text") from None
        if any(not name.isprintable() or not _FIT(value) for name, value in headers):
            raise httpx.LocalProtocolError("a line break in a header")
        if (traceparent := request.extensions.get("traceparent")) is not None:
            headers.append(("traceparent", traceparent))
        url = URL(pool.base + path, encoded=True)
        # What does not survive URL parsing unchanged is not a path and query.
        if url.raw_path_qs != path or " " in path or not path.isprintable():
            raise httpx.LocalProtocolError("the target is no path and query")
        if pool.proxy is not None and pool.proxy.authorization and url.scheme == "http":
            headers.append(("proxy-authorization", pool.proxy.authorization))
        written = None
        if token is not None:
            joint = "&" if "?" in path else "?"
            parameter, secret = token
            added = f"{joint}{parameter}={quote(secret, safe='')}"
            written = URL(f"{pool.base}{path}{added}", encoded=True)
        named = bool(body) or request.method not in _BODILESS
        return cls(request.method, url, written, headers, body if named else None)


class _Exchange:
    """One request over one connection, or over a second if the first was dead."""

    __slots__ = ("_request", "connect", "connector", "most", "outgoing", "pool", "silence")

    def __init__(
        self,
        connector: Connector,
        pool: _Pool,
        outgoing: _Outgoing,
        *,
        connect: float,
        silence: float,
        most: int,
    ) -> None:
        self.connector = connector
        self.pool = pool
        self.outgoing = outgoing
        self.connect = connect
        self.silence = silence
        self.most = most
        self._request: Request | None = None

    async def run(self, total: float, *, repeatable: bool) -> httpx.Response:
        """The answer, within `total` seconds; raises as `handle_async_request`."""
        until = asyncio.get_running_loop().time() + total
        request = self._prepared()
        try:
            return await self._once(request, until)
        except ConnectionEnded as ended:
            # The platform had closed an idle connection: no failure of the call.
            if ended.answered or not request.kept or not repeatable:
                raise
        request = self._prepared()
        request.wants_new_connection = True
        return await self._once(request, until)

    def _prepared(self) -> Request:
        outgoing, proxy = self.outgoing, self.pool.proxy
        request = self._request = Request(
            outgoing.method,
            outgoing.url,
            headers=outgoing.headers,
            data=_as_data(outgoing.body),
            loop=asyncio.get_running_loop(),
            proxy=None if proxy is None else proxy.url,
            proxy_headers=_proxy_headers(proxy),
            ssl=self.pool.route.tls or True,
        )
        request.written_url = outgoing.written_url
        return request

    async def _once(self, request: Request, until: float) -> httpx.Response:
        connect = max(0.0, min(self.connect, until - asyncio.get_running_loop().time()))
        limits = ClientTimeout(connect=connect, sock_read=self.silence, ceil_threshold=float("inf"))
        answered = False
        try:
            async with asyncio.timeout_at(until):
                response = await self.connector.exchange(request, limits)
                answered = True
                # Once read to its end, it has released its connection.
                return await self._read(response)
        except (ClientError, OSError) as error:
            request.give_up()
            if request.kept is None:
                proxy = self.pool.proxy
                host = None if proxy is None else proxy.host
                failure = before_sending(error, proxy=host, seconds=connect)
            else:
                failure = after_sending(error, answered=answered)
        except BaseException:
            request.give_up()
            raise
        # Outside the handler, so that no error with the request is attached as its context.
        raise failure

    def abort(self) -> None:
        """Close the connection at once; the call under way fails."""
        if self._request is not None:
            self._request.give_up()

    async def _read(self, response: ClientResponse) -> httpx.Response:
        headers = [(name.lower(), value) for name, value in response.raw_headers]
        if sum([len(name) + len(value) for name, value in headers]) > MOST_HEADER_BYTES:
            raise HeadersTooLarge
        status = response.status
        if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED and self.pool.proxy is not None:
            raise proxy_refusal(status)
        body = await self._body(response, headers)
        return httpx.Response(
            status,
            headers=[header for header in headers if header[0] not in _FRAMING],
            stream=Whole(body),
        )

    async def _body(self, response: ClientResponse, headers: list[tuple[bytes, bytes]]) -> bytes:
        inflater = self._inflater(headers)
        left, content = self.most, response.content
        pieces: list[bytes] = []
        while piece := await content.readany():
            if inflater is not None:
                try:
                    await self._inflate(inflater, piece, pieces)
                except TooMuch:
                    left = -1
                except zlib.error:
                    raise httpx.RemoteProtocolError("the answer's gzip is broken") from None
            else:
                left -= len(piece)
                pieces.append(piece)
            if left < 0:
                raise AnswerTooLarge(f"the answer passed {self.most} bytes")
        if inflater is not None and pieces and not inflater.complete:
            raise httpx.RemoteProtocolError("the answer's gzip ends too early")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _inflate(self, inflater: Inflater, packed: bytes, pieces: list[bytes]) -> None:
        size = 0
        for piece in inflater.feed(packed):
            if size > _INFLATED_AT_ONCE:
                # A small piece may hold megabytes.
                await asyncio.sleep(0)
                size = 0
            size += len(piece)
            pieces.append(piece)

    def _inflater(self, headers: list[tuple[bytes, bytes]]) -> Inflater | None:
        found = None
        for name, value in headers:
            if name == b"content-encoding":
                encoding = value.strip().lower()
                if encoding == b"gzip":
                    found = Inflater(self.most)
                elif encoding not in {b"", b"identity"}:
                    raise httpx.RemoteProtocolError(
                        "the answer is packed in a way nobody asked for"
                    )
        return found


def _as_data(body: bytes | None) -> bytes | io.BytesIO | None:
    """`body` in a form that aiohttp writes without blocking the event loop."""
    return io.BytesIO(body) if body is not None and len(body) > _LARGE_BODY else body


def _proxy_headers(proxy: Proxy | None) -> dict[str, str] | None:
    if proxy is None or proxy.authorization is None:
        return None
    return {"Proxy-Authorization": proxy.authorization}
