"""Sends a webhook by HTTP POST, to a checked address, within bounds of time and size."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientResponse,
    ClientSession,
    DummyCookieJar,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.settings import WebhookSettings
from gateway.upstream.exchange_errors import after_sending, before_sending
from gateway.upstream.proxy import Proxy, proxy_at
from gateway.webhooks.addresses import (
    Address,
    AddressPolicy,
    AddressRefused,
    HostUnknown,
    Resolve,
    resolve_by_system,
)

#: Seconds for one call, from the name's resolution to the end of the answer.
TIMEOUT: Final = 15.0
#: Bytes that are read of an answer, of which only the status counts.
MAX_ANSWER_BYTES: Final = 65_536
_SUCCESS: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)
_OWN_HEADERS: Final = {
    "accept": "*/*",
    "accept-encoding": "identity",
    "content-type": "application/json",
    "user-agent": "commerce-gateway",
}


@dataclass(frozen=True, slots=True)
class SendResult:
    """How a call to an endpoint went.

    Attributes:
        status: of the answer, None without one.
        error: why it failed, None on success; names no URL, host or address.
        refused: whether the address was refused, so that nothing was sent.
    """

    status: int | None
    error: str | None
    refused: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the receiver has taken the webhook: a whole answer with a status of 2xx."""
        return self.error is None


class WebhookSender:
    """Calls endpoints: no redirects, no cookies, no proxy of the environment, TLS verified.

    Each call has a connection of its own, since a kept one would go to an address that was checked
    earlier. `proxy` is that of the configuration, None to connect directly; `tls` None trusts the
    system's authorities; `timeout` is in seconds.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        proxy: Proxy | None = None,
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        #: Which addresses it calls.
        self.policy = policy
        self._proxy = proxy
        self._tls = tls
        self._timeout = timeout

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> SendResult:
        """POST `body` once; any failure is in the result."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._send(url, headers, body)
        except TimeoutError:
            return SendResult(None, f"no whole answer within {self._timeout:g} s")

    async def _send(self, url: str, headers: Mapping[str, str], body: bytes) -> SendResult:
        try:
            destination = await self.policy.check(url)
        except AddressRefused as refusal:
            return SendResult(None, str(refusal), refused=True)
        except HostUnknown as failure:
            return SendResult(None, str(failure))
        sent = {**_OWN_HEADERS, **headers}
        proxy = self._proxy
        authorization = None if proxy is None else proxy.authorization
        tunnel = {"Proxy-Authorization": authorization} if authorization is not None else {}
        if destination.url.scheme == "http":
            sent |= tunnel
        try:
            async with (
                self._session(destination.addresses) as session,
                session.post(
                    destination.url,
                    data=body,
                    headers=sent,
                    allow_redirects=False,
                    proxy=None if proxy is None else proxy.url,
                    proxy_headers=tunnel,
                ) as response,
            ):
                return await _result(response)
        except (ClientError, OSError) as error:
            return SendResult(None, self._words(error))

    def _session(self, addresses: tuple[Address, ...]) -> ClientSession:
        connector = TCPConnector(
            # A proxy's own name is resolved by the system; the endpoint's is not resolved again.
            resolver=None if self._proxy is not None else _CheckedResolver(addresses),
            use_dns_cache=False,
            force_close=True,
            ssl=self._tls or True,
        )
        return ClientSession(
            connector=connector,
            cookie_jar=DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )

    def _words(self, error: ClientError | OSError) -> str:
        host = None if self._proxy is None else self._proxy.host
        if isinstance(error, ClientConnectorError | ClientHttpProxyError):
            return str(before_sending(error, proxy=host, seconds=self._timeout))
        return str(after_sending(error, answered=False))


def sender_of(settings: WebhookSettings, resolve: Resolve = resolve_by_system) -> WebhookSender:
    """The sender by the configuration; `resolve` is the system's resolver outside of tests."""
    proxy = settings.proxy
    if proxy is None:
        return WebhookSender(AddressPolicy(settings.allow, resolve))
    return WebhookSender(
        AddressPolicy(settings.allow, None), proxy=proxy_at(proxy.get_secret_value())
    )


async def _result(response: ClientResponse) -> SendResult:
    """Reads the answer up to its bound, so that a receiver can finish writing it."""
    left = MAX_ANSWER_BYTES
    while left > 0 and (piece := await response.content.read(left)):
        left -= len(piece)
    if response.status in _SUCCESS:
        return SendResult(response.status, None)
    error = f"HTTP {response.status}"
    if response.status in _REDIRECTS:
        error += ": redirects are not followed"
    return SendResult(response.status, error)


class _CheckedResolver(AbstractResolver):
    """Answers with the addresses that were checked, whatever DNS says by now."""

    def __init__(self, addresses: tuple[Address, ...]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses, of every family: the connector tries one after the other."""
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=family,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Holds nothing open."""
