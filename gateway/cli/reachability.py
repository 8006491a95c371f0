"""What an address looks like from this machine: DNS, TCP, TLS and HTTP, each tried."""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from gateway.upstream.proxy import Proxy, Route

#: Seconds that each step may take.
STEP_SECONDS: Final = 5.0
#: Bytes of an answer's head that are read.
_HEAD_BYTES: Final = 65_536
_PORTS: Final = {"http": 80, "https": 443, "postgresql": 5432, "redis": 6379, "rediss": 6379}

#: Resolves a host name and a port to addresses; raises OSError.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def system_addresses(host: str, port: int) -> list[str]:
    """The addresses that this machine's resolver gives, in the order in which they are tried."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Reached:
    """What was seen on the way to an address.

    `passed` are the steps that went well, with what they showed; `failed` is the step that did not,
    with the reason and the remedy. None: all of them went well.
    """

    address: str
    passed: Sequence[str]
    failed: tuple[str, str, str] | None = None
    #: Seconds by which the other side's clock is ahead of ours; None: it did not say.
    ahead: float | None = None

    def __str__(self) -> str:
        steps = ", ".join(self.passed)
        if self.failed is None:
            return f"{self.address}: {steps}"
        step, reason, _ = self.failed
        return f"{self.address}: {f'{steps}, but ' if steps else ''}{step} failed: {reason}"


class _Failed(Exception):
    def __init__(self, step: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.told = (step, reason, remedy)


async def reach(
    url: str,
    route: Route,
    *,
    resolve: Resolve = system_addresses,
    clock: Callable[[], float] = time.time,
    seconds: float = STEP_SECONDS,
) -> Reached:
    """Try the way to `url` step by step: DNS, TCP, TLS and HTTP, through the route's proxy if any.

    `seconds` is how long a step may take. Nothing but `GET /` is sent, and no shop's credentials;
    to a database or a cache nothing at all.
    """
    parts = urlsplit(url)
    host, scheme = parts.hostname or "", parts.scheme
    port = parts.port or _PORTS[scheme]
    proxy = route.proxy if route.proxy is not None and route.proxy.serves(host) else None
    way = _Way(host, port, scheme, route.tls, proxy, seconds)
    passed: list[str] = []
    try:
        ahead = await way.go(passed, resolve, clock)
    except _Failed as failure:
        return Reached(f"{host}:{port}", passed, failure.told)
    return Reached(f"{host}:{port}", passed, ahead=ahead)


@dataclass(frozen=True, slots=True)
class _Way:
    host: str
    port: int
    scheme: str
    #: None: the system's authorities are trusted.
    trusted: ssl.SSLContext | None
    proxy: Proxy | None
    seconds: float

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    async def go(
        self, passed: list[str], resolve: Resolve, clock: Callable[[], float]
    ) -> float | None:
        """Takes the steps and appends those that pass; returns how far the other clock is ahead."""
        host, port = self.host, self.port
        if self.proxy is not None:
            host, port = self.proxy.host, self.proxy.port
            passed.append(f"through the proxy {host}:{port}")
        addresses = await self._resolved(host, port, resolve)
        passed.append(f"DNS {', '.join(addresses)}")
        reader, writer = await self._connected(addresses, port)
        try:
            passed.append("TCP")
            if not self.scheme.startswith("http"):
                return None
            if self.proxy is not None and self.tls:
                await self._tunnelled(reader, writer, self.proxy)
                passed.append("CONNECT")
            if self.tls:
                await self._encrypted(writer)
                passed.append("TLS")
            status, date = await self._answered(reader, writer)
            passed.append(f"HTTP {status}")
        finally:
            writer.transport.abort()
        return None if date is None else date.timestamp() - clock()

    async def _resolved(self, host: str, port: int, resolve: Resolve) -> Sequence[str]:
        try:
            async with asyncio.timeout(self.seconds):
                return await resolve(host, port)
        except TimeoutError:
            raise self._late("DNS", "check the name servers of this machine") from None
        except OSError as error:
            remedy = "check the name in the configuration, and the name servers of this machine"
            raise _Failed("DNS", f"{host} has no address ({_said(error)})", remedy) from None

    async def _connected(
        self, addresses: Sequence[str], port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        remedy = "check the port, and that no firewall stands between"
        reason = "there is no address"
        for address in addresses:
            try:
                async with asyncio.timeout(self.seconds):
                    return await asyncio.open_connection(address, port, limit=_HEAD_BYTES)
            except TimeoutError:
                reason = f"{address} port {port} does not answer within {self.seconds:g} seconds"
            except OSError as error:
                reason = f"{address} port {port}: {_said(error)}"
        raise _Failed("TCP", reason, remedy)

    async def _tunnelled(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, proxy: Proxy
    ) -> None:
        target = f"{self.host}:{self.port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if proxy.authorization is not None:
            lines.append(f"Proxy-Authorization: {proxy.authorization}")
        head = await self._exchanged(reader, writer, lines, "CONNECT")
        status = _status(head)
        if status != HTTPStatus.OK:
            remedy = "check its credentials, and that it lets this address through"
            raise _Failed("CONNECT", f"the proxy answers {status}", remedy)

    async def _encrypted(self, writer: asyncio.StreamWriter) -> None:
        context = self.trusted or ssl.create_default_context()
        try:
            async with asyncio.timeout(self.seconds):
                await writer.start_tls(context, server_hostname=self.host)
        except TimeoutError:
            raise self._late("TLS", "check that the port speaks TLS") from None
        except ssl.SSLCertVerificationError as error:
            remedy = "trust its authority with `ca_file`, or correct the host name"
            raise _Failed("TLS", f"certificate: {error.verify_message}", remedy) from None
        except OSError as error:
            raise _Failed("TLS", _said(error), "check that the port speaks TLS") from None

    async def _answered(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[int, datetime | None]:
        path = "/" if self.proxy is None or self.tls else f"http://{self.host}:{self.port}/"
        lines = [f"GET {path} HTTP/1.1", f"Host: {self.host}:{self.port}", "Connection: close"]
        if self.proxy is not None and not self.tls and self.proxy.authorization is not None:
            lines.append(f"Proxy-Authorization: {self.proxy.authorization}")
        head = await self._exchanged(reader, writer, lines, "HTTP")
        return _status(head), _date(head)

    async def _exchanged(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        lines: Sequence[str],
        step: str,
    ) -> Sequence[str]:
        """Send a request without a body, and read the head of the answer, by lines."""
        remedy = "check that it is a web address"
        try:
            async with asyncio.timeout(self.seconds):
                writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii"))
                head = await reader.readuntil(b"\r\n\r\n")
        except TimeoutError:
            raise self._late(step, remedy) from None
        except asyncio.IncompleteReadError:
            raise _Failed(step, "the connection was closed without an answer", remedy) from None
        except asyncio.LimitOverrunError:
            raise _Failed(step, f"a head of more than {_HEAD_BYTES} bytes", remedy) from None
        except OSError as error:
            raise _Failed(step, _said(error), remedy) from None
        found = head.decode("latin-1").split("\r\n")
        if not found[0].startswith("HTTP/1."):
            raise _Failed(step, "the answer is not HTTP", remedy)
        return found

    def _late(self, step: str, remedy: str) -> _Failed:
        return _Failed(step, f"nothing within {self.seconds:g} seconds", remedy)


def _status(head: Sequence[str]) -> int:
    _, _, rest = head[0].partition(" ")
    code = rest[:3]
    return int(code) if code.isdecimal() else 0


def _date(head: Sequence[str]) -> datetime | None:
    for line in head[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "date":
            try:
                return parsedate_to_datetime(value.strip())
            except ValueError:
                return None
    return None


def _said(error: OSError) -> str:
    return error.strerror or type(error).__name__
