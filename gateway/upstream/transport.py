"""Our transport beneath httpx: its own connections, bounded answers, the token added last."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx

from gateway.upstream.connection import Connection, ConnectionEnded, Reply
from gateway.upstream.dialer import Dialer, Origin, Proxy
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.pool import OriginPool

_PORTS = {"http": 80, "https": 443}
#: Headers that told how the body came; it is whole and unpacked by now.
_FRAMING = frozenset(
    {b"content-encoding", b"content-length", b"transfer-encoding", b"connection", b"keep-alive"}
)

#: Headers of a request that are written by this transport alone; gzip is what it unpacks.
_OWN = frozenset({b"content-length", b"transfer-encoding", b"accept-encoding"})
_BODILESS = frozenset({"GET", "HEAD"})


class Whole(httpx.AsyncByteStream):
    """A body that is all there, readable without httpx's machinery."""

    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content


class UpstreamTransport(httpx.AsyncBaseTransport):
    """Sends `httpx.Request`s over connections of its own; follows no redirect, keeps no cookie.

    What a request may bring in its `extensions`, all optional:

    * `target` (bytes): path and query to send in place of the URL's, as httpx defines it.
    * `token` (tuple of parameter and value): added to the query on its way out, so that no
      URL, log line, exception or span above this transport ever holds it.
    * `pool` (str): requests of different pools share neither connections nor places, so that
      one shop's slow platform leaves the others theirs.
    * `repeatable` (bool): a dead kept connection may be replaced after the request was written.
    * `timeout` (dict of seconds): `connect`, `read` (silence), `pool`, and `total`.
    """

    def __init__(
        self,
        limits: UpstreamLimits | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        self._limits = limits or UpstreamLimits()
        self._dialer = Dialer(tls=tls, proxy=proxy)
        self._pools: dict[tuple[str, str, str, int | None], OriginPool] = {}

    @property
    def open_connections(self) -> int:
        """Connections in use and idle, over all origins."""
        return sum(pool.open_connections for pool in self._pools.values())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange; the answer's body is whole, unpacked and within the limits.

        Raises:
            httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout: nothing was sent.
            httpx.ReadTimeout, httpx.RemoteProtocolError, AnswerTooLarge: it was, or may be.
        """
        stream = request.stream
        body = stream.content if isinstance(stream, Whole) else await request.aread()
        extensions = request.extensions
        limits = self._limits
        timeout: dict[str, float | None] = extensions.get("timeout") or {}
        total = timeout.get("total") or limits.total_timeout
        pool = self._pool(extensions.get("pool", ""), request.url)
        await pool.take_place(timeout.get("pool") or total)
        try:
            reply = await _Exchange(
                pool,
                _written(request, body),
                repeatable=bool(extensions.get("repeatable", False)),
                connect=timeout.get("connect") or limits.connect_timeout,
                silence=timeout.get("read") or limits.read_timeout,
                total=total,
                most=limits.max_response_bytes,
            ).run()
        finally:
            pool.give_place()
        return httpx.Response(
            reply.status,
            headers=[header for header in reply.headers if header[0] not in _FRAMING],
            stream=Whole(reply.body),
        )

    def _pool(self, name: str, url: httpx.URL) -> OriginPool:
        key = (name, url.scheme, url.host, url.port)
        try:
            return self._pools[key]
        except KeyError:
            pass
        if url.scheme not in _PORTS:
            raise httpx.UnsupportedProtocol("only http and https")
        origin = Origin(url.scheme, url.host, url.port or _PORTS[url.scheme])
        pool = self._pools[key] = OriginPool(self._dialer, origin, self._limits.max_connections)
        return pool

    async def aclose(self) -> None:
        """Close every connection; calls under way fail."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        # Let the loop run the closings, so that no socket outlives the transport.
        await asyncio.sleep(0)


class _Exchange:
    """One request over one connection, or over a second where the first was found dead."""

    __slots__ = ("connect", "most", "pool", "repeatable", "request", "silence", "until")

    def __init__(  # noqa: PLR0913 - what one exchange has to keep to
        self,
        pool: OriginPool,
        request: bytes,
        *,
        repeatable: bool,
        connect: float,
        silence: float,
        total: float,
        most: int,
    ) -> None:
        self.pool = pool
        self.request = request
        self.repeatable = repeatable
        self.connect = connect
        self.silence = silence
        self.until = asyncio.get_running_loop().time() + total
        self.most = most

    async def run(self) -> Reply:
        kept = self.pool.reuse(surely_open=not self.repeatable)
        if kept is not None:
            try:
                return await self._over(kept)
            except ConnectionEnded as ended:
                # The platform had closed an idle connection: not the call's fault.
                if ended.answered or not self.repeatable:
                    raise
        left = self.until - asyncio.get_running_loop().time()
        return await self._over(await self.pool.open(min(self.connect, max(left, 0.0))))

    async def _over(self, connection: Connection) -> Reply:
        left = self.until - asyncio.get_running_loop().time()
        try:
            return await connection.exchange(
                self.request, limit=self.most, silence=self.silence, total=left
            )
        finally:
            self.pool.release(connection)


def _written(request: httpx.Request, body: bytes) -> bytes:
    extensions: dict[str, Any] = request.extensions
    target: bytes = extensions.get("target") or request.url.raw_path
    token: tuple[str, str] | None = extensions.get("token")
    if token is not None:
        joint = b"&" if b"?" in target else b"?"
        target = b"%b%b%b" % (target, joint, _parameter(*token))
    start = b"%b %b HTTP/1.1\r\n" % (request.method.encode(), target)
    lines = [start, b"accept-encoding: gzip\r\n"]
    lines += [
        b"%b: %b\r\n" % (name, value)
        for name, value in request.headers.raw
        if name.lower() not in _OWN
    ]
    if body or request.method not in _BODILESS:
        lines.append(b"content-length: %d\r\n" % len(body))
    head = b"".join(lines)
    if head.count(b"\r") != len(lines) or head.count(b"\n") != len(lines) or b" " in target:
        raise httpx.LocalProtocolError("a line break or blank where none may be")
    return b"%b\r\n%b" % (head, body)


def _parameter(name: str, value: str) -> bytes:
    return f"{name}={quote(value, safe='')}".encode()
