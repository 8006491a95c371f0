"""Connections through a proxy's tunnel."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import trustme

from gateway.errors import ConfigurationError
from gateway.upstream.dialer import Proxy, proxy_from
from gateway.upstream.transport import UpstreamTransport, Whole
from tests.upstream.server import answer, platform

GRANTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Tunnels:
    """A proxy that leads every tunnel to one port on loopback."""

    def __init__(self, port: int, reply: bytes) -> None:
        self.port = port
        self.reply = reply
        self.asked: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.reply)
        if self.reply != GRANTED:
            writer.close()
            return
        onward, back = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(_pump(reader, back), _pump(onward, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def tunnelling(port: int, reply: bytes = GRANTED) -> AsyncIterator[tuple[Tunnels, int]]:
    tunnels = Tunnels(port, reply)
    server = await asyncio.start_server(tunnels.serve, "127.0.0.1", 0)
    yield tunnels, server.sockets[0].getsockname()[1]
    server.close()
    await asyncio.sleep(0.01)


def tls(authority: trustme.CA, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


async def ask(transport: UpstreamTransport, url: str) -> bytes:
    request = httpx.Request("POST", url, headers={"host": "x"}, stream=Whole(b"{}"))
    return await (await transport.handle_async_request(request)).aread()


async def test_reaches_the_platform_through_the_tunnel() -> None:
    serving, trusting = tls(trustme.CA(), "shop.example")
    async with platform(lambda _: answer("{}"), tls=serving) as played:
        port = int(played.url.rpartition(":")[2])
        async with tunnelling(port) as (tunnels, proxy_port):
            proxy = proxy_from({"HTTPS_PROXY": f"http://me:p%40ss@127.0.0.1:{proxy_port}"})
            transport = UpstreamTransport(tls=trusting, proxy=proxy)
            for _ in range(2):
                assert await ask(transport, "https://shop.example/x") == b"{}"
            await transport.aclose()
            await asyncio.sleep(0.01)
    (asked,) = tunnels.asked
    assert asked.decode().split("\r\n") == [
        "CONNECT shop.example:443 HTTP/1.1",
        "Host: shop.example:443",
        "Proxy-Authorization: Basic bWU6cEBzcw==",
        "",
        "",
    ]
    assert len(played.received) == 2


async def test_verifies_the_platform_at_the_tunnels_end() -> None:
    serving, trusting = tls(trustme.CA(), "other.example")
    async with (
        platform(lambda _: answer("{}"), tls=serving) as played,
        tunnelling(int(played.url.rpartition(":")[2])) as (_, port),
    ):
        transport = UpstreamTransport(tls=trusting, proxy=Proxy("127.0.0.1", port, None))
        with pytest.raises(httpx.ConnectError, match="TLS"):
            await ask(transport, "https://shop.example/x")
        await asyncio.sleep(0.01)
    assert played.received == []


@pytest.mark.parametrize("reply", [b"HTTP/1.1 407 No\r\n\r\n", b"", b"x" * 20_000])
async def test_a_tunnel_that_is_refused_is_a_connect_error(reply: bytes) -> None:
    async with tunnelling(9, reply) as (_, port):
        transport = UpstreamTransport(proxy=Proxy("127.0.0.1", port, None))
        with pytest.raises(httpx.ConnectError, match="refused the tunnel"):
            await ask(transport, "https://shop.example/x")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_this_machine_is_reached_directly(host: str) -> None:
    serving, trusting = tls(trustme.CA(), host)
    async with platform(lambda _: answer("{}"), tls=serving) as played:
        transport = UpstreamTransport(tls=trusting, proxy=Proxy("127.0.0.1", 9, None))
        url = played.url.replace("127.0.0.1", host)
        assert await ask(transport, url) == b"{}"
        await transport.aclose()


async def test_hosts_of_no_proxy_are_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "nowhere.invalid")
    transport = UpstreamTransport(proxy=Proxy("127.0.0.1", 9, None))
    with pytest.raises(httpx.ConnectError) as caught:
        await ask(transport, "https://nowhere.invalid/x")
    assert "refused" not in str(caught.value).lower()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128"}, Proxy("proxy.example", 3128, None)),
        ({"https_proxy": "proxy.example:3128"}, Proxy("proxy.example", 3128, None)),
        ({"HTTPS_PROXY": "http://u@proxy.example"}, Proxy("proxy.example", 80, "Basic dTo=")),
    ],
)
def test_reads_the_proxy_from_the_environment(
    environment: dict[str, str], expected: Proxy | None
) -> None:
    assert proxy_from(environment) == expected


@pytest.mark.parametrize("text", ["socks5://proxy.example:1", "http://"])
def test_refuses_other_proxies(text: str) -> None:
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY must be an address"):
        proxy_from({"HTTPS_PROXY": text})


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:9/", "no connection: Connection refused"),
        ("http://localhost:9/", "no connection: "),
        ("http://nobody.invalid/", "no connection: the host's name is not known"),
    ],
)
async def test_where_nobody_answers_the_address_is_not_told(url: str, reason: str) -> None:
    transport = UpstreamTransport()
    with pytest.raises(httpx.ConnectError) as refused:
        await ask(transport, url)
    await transport.aclose()

    assert str(refused.value).startswith(reason)
    assert "127.0.0.1" not in str(refused.value)
    assert "::1" not in str(refused.value)
