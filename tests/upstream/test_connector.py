"""How connections come about and are kept: addresses, look-ups, what idles, what is traced."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.upstream.exchange_errors import ConnectionEnded
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.transport import UpstreamTransport, Whole
from tests.upstream.server import Raw, answer, in_turn, platform

OK = answer("{}")


class Names(AbstractResolver):
    """A name server that gives the same addresses for each name."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - aiohttp's signature
    ) -> list[ResolveResult]:
        self.asked.append(host)
        await asyncio.sleep(0.02)
        if not self.addresses:
            raise OSError(None, "no such name")
        return [
            ResolveResult(hostname=host, host=one, port=port, family=0, proto=0, flags=0)
            for one in self.addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def ask(
    transport: UpstreamTransport, url: str, *, body: bytes = b"{}", **extensions: object
) -> bytes:
    request = httpx.Request("POST", url, stream=Whole(body), extensions=extensions)
    return await (await transport.handle_async_request(request)).aread()


@asynccontextmanager
async def transport_with(**parts: Any) -> AsyncIterator[UpstreamTransport]:
    transport = UpstreamTransport(**parts)
    yield transport
    await transport.aclose()


def named(url: str) -> str:
    """The same address by name."""
    return url.replace("127.0.0.1", "shop.example")


@contextmanager
def deaf(port: int) -> Iterator[str]:
    """An address that takes no connection and refuses none: its queue is full."""
    host = "127.0.0.2"
    with socket.socket() as listener:
        listener.bind((host, port))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex((host, port))
        yield host
        for one in waiting:
            one.close()


async def test_a_dead_first_address_costs_a_quarter_of_a_second_and_no_call() -> None:
    async with platform(lambda _: OK) as played:
        with deaf(int(played.url.rpartition(":")[2])) as dead:
            names = Names(dead, "127.0.0.1")
            for _ in range(4):
                async with transport_with(
                    limits=UpstreamLimits(connect_timeout=60.0), resolver=names
                ) as transport:
                    assert await ask(transport, named(played.url)) == b"{}"
    assert len(played.received) == 4


async def test_an_address_that_refuses_is_passed_over() -> None:
    async with (
        platform(lambda _: OK) as played,
        transport_with(resolver=Names("127.0.0.3", "::1", "127.0.0.1")) as transport,
    ):
        assert await ask(transport, named(played.url)) == b"{}"


async def test_no_address_that_answers_is_a_connect_timeout() -> None:
    async with platform(lambda _: OK) as played:
        with deaf(int(played.url.rpartition(":")[2])) as dead:
            limits = UpstreamLimits(connect_timeout=0.2)
            async with transport_with(limits=limits, resolver=Names(dead)) as transport:
                with pytest.raises(httpx.ConnectTimeout, match=r"no connection within 0\.2 s"):
                    await ask(transport, named(played.url))
    assert played.received == []


async def test_cold_calls_of_all_shops_look_a_name_up_once() -> None:
    names = Names("127.0.0.1")
    async with (
        platform(lambda _: OK) as played,
        transport_with(resolver=names) as transport,
    ):
        url = named(played.url)
        calls = (ask(transport, url, pool=str(number)) for number in range(60))
        assert await asyncio.gather(*calls) == [b"{}"] * 60
        await ask(transport, url, pool="later")
    assert names.asked == ["shop.example"]


async def test_a_name_that_is_unknown_is_a_connect_error_and_asked_for_again() -> None:
    names = Names()
    async with (
        platform(lambda _: OK) as played,
        transport_with(resolver=names) as transport,
    ):
        calls = (ask(transport, named(played.url)) for _ in range(3))
        failures = await asyncio.gather(*calls, return_exceptions=True)
        assert [str(failure) for failure in failures] == [
            "no connection: the host's name is not known"
        ] * 3
        names.addresses = ("127.0.0.1",)
        assert await ask(transport, named(played.url)) == b"{}"
    assert len(names.asked) == 2


async def test_a_cancelled_call_leaves_the_look_up_to_the_others() -> None:
    names = Names("127.0.0.1")
    async with (
        platform(lambda _: OK) as played,
        transport_with(resolver=names) as transport,
    ):
        first, second = (asyncio.create_task(ask(transport, named(played.url))) for _ in range(2))
        await asyncio.sleep(0.005)
        first.cancel()
        assert await second == b"{}"
        with pytest.raises(asyncio.CancelledError):
            await first
    assert names.asked == ["shop.example"]


async def test_an_answer_that_nobody_asked_for_is_no_later_calls() -> None:
    """Bytes that come while a connection idles are not taken for the next answer."""
    unasked = answer('{"of": "nobody"}')
    async with platform(lambda _: OK) as played, transport_with() as transport:
        await ask(transport, played.url)
        played.write(unasked.data)
        await asyncio.sleep(0.05)
        assert await ask(transport, played.url, repeatable=True) == b"{}"
    assert played.connections == 2


async def test_an_answer_after_the_answer_is_no_later_calls() -> None:
    twice = Raw(OK.data + answer('{"of": "nobody"}').data)
    async with platform(in_turn(twice, OK)) as played, transport_with() as transport:
        await ask(transport, played.url)
        assert await ask(transport, played.url, repeatable=True) == b"{}"
    assert played.connections == 2


async def test_a_second_kept_connection_is_not_tried_after_a_dead_one() -> None:
    script = in_turn(answer("{}", wait=0.05), answer("{}", wait=0.05), Raw(b"", then="reset"), OK)
    async with platform(script) as played, transport_with() as transport:
        await asyncio.gather(*(ask(transport, played.url) for _ in range(2)))
        assert await ask(transport, played.url, repeatable=True) == b"{}"
        assert played.connections == 3


async def test_an_answer_that_was_refused_leaves_its_connection_to_others() -> None:
    """The connection was given back before the body was seen to be broken."""
    broken = Raw(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nab")
    async with platform(in_turn(broken, OK)) as played, transport_with() as transport:
        with pytest.raises(httpx.RemoteProtocolError, match="gzip is broken"):
            await ask(transport, played.url)
        assert await ask(transport, played.url) == b"{}"
    assert played.connections == 1


async def test_a_large_body_goes_out_whole() -> None:
    body = bytes(range(256)) * 16_000
    async with platform(lambda _: OK) as played, transport_with() as transport:
        for _ in range(2):
            assert await ask(transport, played.url, body=body) == b"{}"
    assert [request.body for request in played.received] == [body, body]
    assert played.received[0].headers["content-length"] == str(len(body))


@pytest.mark.parametrize("how", ["cancelled", "closed"])
async def test_an_upload_that_nobody_reads_is_dropped(how: str) -> None:
    """Neither a cancelled call nor a transport that is closed waits for a peer that is stuck."""
    taken, over = asyncio.Event(), asyncio.Event()

    async def stuck(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        taken.set()
        await over.wait()
        writer.close()

    server = await asyncio.start_server(stuck, "127.0.0.1", 0, limit=1024)
    port = server.sockets[0].getsockname()[1]
    transport = UpstreamTransport()
    call = asyncio.create_task(ask(transport, f"http://127.0.0.1:{port}", body=b"x" * 30_000_000))
    await taken.wait()
    if how == "cancelled":
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await transport.aclose()
    else:
        await transport.aclose()
        with pytest.raises(ConnectionEnded):
            await call
    over.set()
    server.close()


async def test_traces_hear_of_each_phase_and_see_no_token() -> None:
    heard: list[str] = []
    config = aiohttp.TraceConfig()

    def hear(name: str) -> Any:
        async def listen(_: object, __: object, params: Any) -> None:
            shown = [str(getattr(params, part, "")) for part in ("url", "exception", "headers")]
            response = getattr(params, "response", None)
            if response is not None:
                shown += [str(response.url), repr(response), repr(response.request_info)]
            assert "sesame" not in " ".join(shown)
            heard.append(name)

        return listen

    names = (
        "request_start",
        "dns_cache_miss",
        "connection_create_start",
        "connection_create_end",
        "connection_reuseconn",
        "request_headers_sent",
        "request_chunk_sent",
        "request_end",
        "request_exception",
    )
    for name in names:
        getattr(config, f"on_{name}").append(hear(name))
    async with (
        platform(in_turn(OK, Raw(b"", then="close"))) as played,
        transport_with(resolver=Names("127.0.0.1"), traces=[config]) as transport,
    ):
        url = named(played.url)
        await ask(transport, url, token=("access_token", "sesame"))
        with pytest.raises(ConnectionEnded):
            await ask(transport, url, token=("access_token", "sesame"))
    assert heard == [
        "request_start",
        "connection_create_start",
        "dns_cache_miss",
        "connection_create_end",
        "request_headers_sent",
        "request_chunk_sent",
        "request_end",
        "request_start",
        "connection_reuseconn",
        "request_headers_sent",
        "request_chunk_sent",
        "request_exception",
    ]


@pytest.mark.parametrize("script", [Raw(b"", then="close"), Raw(b"SSH-2.0\r\n")])
async def test_what_fails_brings_no_error_that_knows_the_url(script: Raw) -> None:
    async with platform(lambda _: script) as played, transport_with() as transport:
        with pytest.raises(httpx.RemoteProtocolError) as caught:
            await ask(transport, played.url, token=("access_token", "sesame"))
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert "sesame" not in repr(caught.value)
