"""How a connection comes about: directly or through a proxy's tunnel, TLS always verified."""

import asyncio
import base64
import os
import socket
import ssl
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import proxy_bypass

import httpx

from gateway.errors import ConfigurationError
from gateway.loopback import is_loopback
from gateway.upstream.connection import Connection

_MOST_TUNNEL_BYTES = 16_384


class Origin(NamedTuple):
    """Whom a connection leads to."""

    scheme: str
    host: str
    port: int


class Proxy(NamedTuple):
    """Where tunnels are asked for, and the word that opens the door; never shown."""

    host: str
    port: int
    authorization: str | None


def proxy_from(environment: Mapping[str, str] = os.environ) -> Proxy | None:
    """The proxy of HTTPS_PROXY or https_proxy, or None.

    Raises:
        ConfigurationError: it is not a plain `http://host:port`.
    """
    text = environment.get("https_proxy") or environment.get("HTTPS_PROXY")
    if not text:
        return None
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme != "http" or not parts.hostname:
        raise ConfigurationError("HTTPS_PROXY must be an address like http://proxy.example:3128")
    authorization = None
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(user.encode()).decode()
    return Proxy(parts.hostname, parts.port or 80, authorization)


class _Tunnel(asyncio.Protocol):
    """Reads a proxy's answer to CONNECT."""

    def __init__(self, done: "asyncio.Future[bytes]") -> None:
        self._done = done
        self._seen = b""

    def data_received(self, data: bytes) -> None:
        self._seen += data
        if b"\r\n\r\n" in self._seen or len(self._seen) > _MOST_TUNNEL_BYTES:
            self._tell()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._tell()

    def _tell(self) -> None:
        if not self._done.done():
            self._done.set_result(self._seen)


class Dialer:
    """Opens connections; `proxy` is used for https origins beyond this machine and NO_PROXY."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, proxy: Proxy | None = None) -> None:
        self._tls = tls or _verifying()
        self._proxy = proxy

    async def open(self, origin: Origin, seconds: float) -> Connection:
        """A connected Connection.

        Raises:
            httpx.ConnectError: refused, unknown, or not who it should be.
            httpx.ConnectTimeout: not within `seconds`, TLS included.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._open(origin)
        except TimeoutError:
            raise httpx.ConnectTimeout(f"no connection within {seconds:g} s") from None
        except ssl.SSLError as error:
            raise httpx.ConnectError(f"TLS failed: {error.reason or 'refused'}") from None
        except OSError as error:
            raise httpx.ConnectError(f"no connection: {_reason(error)}") from None

    async def _open(self, origin: Origin) -> Connection:
        loop = asyncio.get_running_loop()
        secure = origin.scheme == "https"
        if secure and self._proxy is not None and not self._direct(origin.host):
            return await self._open_tunnel(loop, origin, self._proxy)
        _, connection = await loop.create_connection(
            Connection.made,
            origin.host,
            origin.port,
            ssl=self._tls if secure else None,
            server_hostname=origin.host if secure else None,
        )
        return connection

    @staticmethod
    def _direct(host: str) -> bool:
        return is_loopback(host) or bool(proxy_bypass(host))

    async def _open_tunnel(
        self, loop: asyncio.AbstractEventLoop, origin: Origin, proxy: Proxy
    ) -> Connection:
        answered: asyncio.Future[bytes] = loop.create_future()
        raw, _ = await loop.create_connection(lambda: _Tunnel(answered), proxy.host, proxy.port)
        try:
            raw.write(_connect_request(origin, proxy))
            _check_granted(await answered)
            connection = Connection.made()
            secured = await loop.start_tls(raw, connection, self._tls, server_hostname=origin.host)
        except BaseException:
            raw.abort()
            raise
        if secured is None:
            raise httpx.ConnectError("the proxy closed the tunnel")
        connection.connection_made(secured)
        return connection


def _reason(error: OSError) -> str:
    """Why, without the address that asyncio puts into its own words."""
    if isinstance(error, socket.gaierror):
        return "the host's name is not known"
    return os.strerror(error.errno) if error.errno else "failed"


def _connect_request(origin: Origin, proxy: Proxy) -> bytes:
    lines = [f"CONNECT {origin.host}:{origin.port} HTTP/1.1", f"Host: {origin.host}:{origin.port}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _check_granted(answer: bytes) -> None:
    status = answer.split(b"\r\n", 1)[0].split(b" ")[1:2]
    if status != [b"200"]:
        raise httpx.ConnectError("the proxy refused the tunnel")


def _verifying() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
