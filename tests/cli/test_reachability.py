"""What `gateway doctor` tells of the way to an address."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import trustme

from gateway.cli.doctor import clock_finding, network_finding
from gateway.cli.reachability import Reached, reach
from gateway.upstream.proxy import Proxy, Route

NOW = datetime(2026, 11, 30, 8, 0, 0, tzinfo=UTC)
GOOD = f"HTTP/1.1 404 Not Found\r\nDate: {format_datetime(NOW, usegmt=True)}\r\n\r\n"
DIRECT = Route()


def now() -> float:
    """Forty seconds before the servers' clocks."""
    return NOW.timestamp() - 40


@asynccontextmanager
async def answering(
    answers: Sequence[str] | None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[str]]]:
    """A server that gives each request of a connection the next answer; None: it closes at once.

    Yields its port, and the first lines of what it was asked.
    """
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers or ():
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            asked.append(head.decode().splitlines()[0])
            writer.write(answer.encode())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


async def at_loopback(_host: str, _port: int) -> list[str]:
    """A resolver that knows every name, so that no name server is asked."""
    return ["127.0.0.1"]


async def seen(url: str, route: Route = DIRECT) -> Reached:
    """What is told of an address, with the clock and the names of these tests."""
    return await reach(url, route, resolve=at_loopback, clock=now, seconds=60)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certified(authority: trustme.CA) -> ssl.SSLContext:
    """The context of a server with a certificate for platform.example."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("platform.example").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> Route:
    """A route that trusts that certificate."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return Route(tls=context)


async def test_every_step_is_told_and_the_clock_compared() -> None:
    async with answering([GOOD]) as (port, asked):
        found = await seen(f"http://platform.example:{port}/cgi-bin")

    assert str(found) == f"platform.example:{port}: DNS 127.0.0.1, TCP, HTTP 404"
    assert (found.failed, found.ahead) == (None, 40.0)
    assert asked == ["GET / HTTP/1.1"]
    assert str(network_finding(found)).startswith("ok ")


async def test_tls_is_a_step(certified: ssl.SSLContext, trusting: Route) -> None:
    async with answering([GOOD], certified) as (port, _):
        found = await seen(f"https://platform.example:{port}", trusting)

    assert str(found) == f"platform.example:{port}: DNS 127.0.0.1, TCP, TLS, HTTP 404"


async def test_a_name_without_an_address_is_told() -> None:
    async def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    found = await reach("https://platform.example", DIRECT, resolve=unknown)

    assert str(network_finding(found)) == (
        "FAIL  network          platform.example:443: DNS failed: platform.example has no address"
        " (Name or service not known); check the name in the configuration, and the name servers of"
        " this machine"
    )


async def test_a_name_server_that_hangs_is_told() -> None:
    async def hanging(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    found = await reach("https://platform.example", DIRECT, resolve=hanging, seconds=0.05)

    assert str(found) == "platform.example:443: DNS failed: nothing within 0.05 seconds"


async def test_a_refused_connection_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    found = await seen(f"http://platform.example:{port}")

    assert found.passed == ["DNS 127.0.0.1"]
    assert found.failed is not None
    step, reason, remedy = found.failed
    assert (step, remedy) == ("TCP", "check the port, and that no firewall stands between")
    assert reason.startswith(f"127.0.0.1 port {port}: ")


async def test_another_authority_s_certificate_is_told(certified: ssl.SSLContext) -> None:
    async with answering([GOOD], certified) as (port, _):
        found = await seen(f"https://platform.example:{port}")

    assert found.passed == ["DNS 127.0.0.1", "TCP"]
    assert found.failed is not None
    assert found.failed[0] == "TLS"
    assert found.failed[1].startswith("certificate: ")


async def test_another_name_s_certificate_is_told(
    certified: ssl.SSLContext, trusting: Route
) -> None:
    async with answering([GOOD], certified) as (port, _):
        found = await seen(f"https://other.example:{port}", trusting)

    assert found.failed is not None
    assert found.failed[0] == "TLS"
    assert "other.example" in found.failed[1]


async def test_a_port_without_tls_is_told() -> None:
    async with answering(None) as (port, _):
        found = await seen(f"https://platform.example:{port}")

    assert found.failed is not None
    assert (found.failed[0], found.failed[2]) == ("TLS", "check that the port speaks TLS")


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (None, "the connection was closed without an answer"),
        (["SSH-2.0-Example\r\n\r\n"], "the answer is not HTTP"),
        (["HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 20_000], "a head of more than 65536 bytes"),
    ],
)
async def test_what_is_no_web_address_is_told(answers: Sequence[str] | None, reason: str) -> None:
    async with answering(answers) as (port, _):
        found = await seen(f"http://platform.example:{port}")

    assert found.failed is not None
    step, told, remedy = found.failed
    assert (step, remedy) == ("HTTP", "check that it is a web address")
    assert told in {reason, "Connection reset by peer"}


@pytest.mark.parametrize("date", ["", "Date: tomorrow\r\n"])
async def test_a_clock_that_is_not_told_is_not_compared(date: str) -> None:
    async with answering([f"HTTP/1.1 200 OK\r\n{date}\r\n"]) as (port, _):
        found = await seen(f"http://platform.example:{port}")

    assert (found.failed, found.ahead) == (None, None)


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (-10.0, "ok    clock            agrees with that of x"),
        (10.0, "ok    clock            agrees with that of x"),
        (93.4, "warn  clock            is 93 seconds behind that of x"),
        (-3600.0, "warn  clock            is 3600 seconds ahead of that of x"),
    ],
)
def test_clocks_that_differ_are_told(ahead: float, told: str) -> None:
    text, _, remedy = str(clock_finding("x", ahead)).partition("; ")

    assert text == told
    assert remedy.startswith("have this machine's clock set by NTP") == (abs(ahead) > 10)


def proxied(port: int) -> Route:
    """A route through a proxy with credentials."""
    return Route(Proxy("proxy.example", port, "Basic canary-4f1c9a"))


async def test_the_way_through_a_proxy_is_told() -> None:
    async with answering([GOOD]) as (port, asked):
        found = await seen("http://platform.example/", proxied(port))

    assert str(found) == (
        f"platform.example:80: through the proxy proxy.example:{port}, DNS 127.0.0.1, TCP, HTTP 404"
    )
    assert asked == ["GET http://platform.example:80/ HTTP/1.1"]


async def test_a_proxy_s_refusal_is_told() -> None:
    async with answering(["HTTP/1.1 407 Authentication Required\r\n\r\n"]) as (port, asked):
        found = await seen("https://platform.example", proxied(port))

    assert found.failed == (
        "CONNECT",
        "the proxy answers 407",
        "check its credentials, and that it lets this address through",
    )
    assert asked == ["CONNECT platform.example:443 HTTP/1.1"]
    assert "canary" not in str(found)


async def test_a_tunnel_leads_to_the_platform_s_certificate() -> None:
    async with answering(["HTTP/1.1 200 OK\r\n\r\n"]) as (port, _):
        found = await seen("https://platform.example", proxied(port))

    assert found.passed[-1] == "CONNECT"
    assert found.failed is not None
    assert found.failed[0] == "TLS"


@pytest.mark.parametrize("url", ["postgresql://u:canary@db.example:{}/x", "redis://:canary@c:{}/0"])
async def test_a_database_is_connected_to_and_asked_nothing(url: str) -> None:
    asked: list[bytes] = []
    done = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.read(1))
        except ConnectionError:
            asked.append(b"")
        writer.close()
        done.set()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        found = await seen(url.format(server.sockets[0].getsockname()[1]))
        await done.wait()

    assert (found.failed, found.passed[-1], asked) == (None, "TCP", [b""])
    assert "canary" not in str(found)
