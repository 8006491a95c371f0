"""Our transport against a server that answers well, slowly, wrongly, or not at all."""

import asyncio
import gzip
import ssl

import httpx
import pytest
import trustme

from gateway.upstream.exchange_errors import ConnectionEnded
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.proxy import Route
from gateway.upstream.transport import UpstreamTransport, Whole
from tests.upstream.exchanges import OK, QUICK, ask
from tests.upstream.server import (
    Raw,
    Received,
    answer,
    free_port,
    in_turn,
    packed,
    platform,
)


async def test_keeps_the_connection_between_calls() -> None:
    async with platform(lambda _: OK) as played:
        transport = UpstreamTransport()
        for _ in range(3):
            assert await ask(transport, played.url + "/a") == (200, b'{"errcode":0}')
        assert played.connections == 1
        assert played.open == 1
        await transport.aclose()
        await played.closed(0)


async def test_writes_the_request_as_the_platform_wants_it() -> None:
    async with platform(lambda _: OK) as played:
        transport = UpstreamTransport()
        await ask(transport, played.url + "/x?a=1", body='{"n":"茶"}'.encode())
        await transport.aclose()
    assert played.received == [
        Received(
            "POST",
            "/x?a=1",
            {"accept-encoding": "gzip", "host": "x", "content-length": "11"},
            '{"n":"茶"}'.encode(),
        )
    ]


async def test_a_get_without_body_names_no_length() -> None:
    async with platform(lambda _: OK) as played:
        transport = UpstreamTransport()
        await transport.handle_async_request(
            httpx.Request("GET", played.url + "/x", headers={"host": "x"}, stream=Whole(b""))
        )
        await transport.aclose()
    assert played.received == [Received("GET", "/x", {"accept-encoding": "gzip", "host": "x"}, b"")]


async def test_serves_as_the_transport_of_an_httpx_client() -> None:
    async with (
        platform(lambda _: packed(b'{"a":1}')) as played,
        httpx.AsyncClient(transport=UpstreamTransport()) as client,
    ):
        response = await client.post(played.url + "/x", json={"b": 2})
    assert response.json() == {"a": 1}
    assert "content-encoding" not in response.headers
    assert played.received[0].body == b'{"b":2}'


@pytest.mark.parametrize(
    ("target", "expected"),
    [("/x", "/x?access_token=a%2Fb"), ("/x?y=1", "/x?y=1&access_token=a%2Fb")],
)
async def test_adds_the_token_last(target: str, expected: str) -> None:
    async with platform(lambda _: OK) as played:
        transport = UpstreamTransport()
        await ask(transport, played.url + target, token=("access_token", "a/b"))
        await transport.aclose()
    assert [request.target for request in played.received] == [expected]


@pytest.mark.parametrize(
    "target",
    [b"/x HTTP/1.1\r\nhost: evil", b"/x y", b"/x#y", b"/x?y#z", "/茶".encode(), b"x", b"/x\x7f"],
)
async def test_refuses_what_is_no_path_and_query(target: bytes) -> None:
    transport = UpstreamTransport()
    with pytest.raises(httpx.LocalProtocolError):
        await ask(transport, "http://127.0.0.1:9", target=target)


@pytest.mark.parametrize("target", [b"/a//b/../c?x=%2f%7e&&y=a+b;c", b"//x", b"/%e8%8c%b6?=", b"/"])
async def test_the_target_goes_out_byte_for_byte(target: bytes) -> None:
    async with platform(lambda _: OK) as played:
        transport = UpstreamTransport()
        await ask(transport, played.url, target=target)
        await transport.aclose()
    assert played.received[0].target == target.decode()


@pytest.mark.parametrize("headers", [{"a": "b\r\nc: d"}, {"a\r\nc": "d"}, {"a": "\0"}])
async def test_refuses_a_line_break_in_a_header(headers: dict[str, str]) -> None:
    request = httpx.Request("GET", "http://127.0.0.1:9", headers=headers)
    with pytest.raises(httpx.LocalProtocolError):
        await UpstreamTransport().handle_async_request(request)


async def test_refuses_other_schemes() -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await ask(UpstreamTransport(), "ftp://127.0.0.1/x")


@pytest.mark.parametrize(
    "raw",
    [
        Raw(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        ),
        Raw(b"HTTP/1.1 200 OK\r\n\r\nabcde", then="close"),
        Raw(b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nabcde", then="close"),
        Raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcde"),
        Raw(b"HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 5\r\n\r\nabcde", drip=0.001),
    ],
    ids=["chunked", "until the end", "1.0", "continue first", "byte by byte"],
)
async def test_reads_every_framing(raw: Raw) -> None:
    async with platform(lambda _: raw) as played:
        transport = UpstreamTransport()
        assert await ask(transport, played.url) == (200, b"abcde")
        assert await ask(transport, played.url) == (200, b"abcde")
        await transport.aclose()


async def test_an_answer_without_body_ends_with_its_head() -> None:
    async with platform(lambda _: Raw(b"HTTP/1.1 204 X\r\n\r\n")) as played:
        transport = UpstreamTransport()
        assert await ask(transport, played.url) == (204, b"")
        await transport.aclose()


async def test_follows_no_redirect() -> None:
    async with platform(lambda _: answer("", 302, headers={"location": "/else"})) as played:
        transport = UpstreamTransport()
        assert await ask(transport, played.url) == (302, b"")
        await transport.aclose()
    assert len(played.received) == 1


@pytest.mark.parametrize(
    ("raw", "answered"),
    [
        (Raw(b"", then="reset"), False),
        (Raw(b"", then="close"), False),
        (Raw(b"HTTP/1.1 200 OK\r\nconte", then="reset"), False),
        (Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", then="close"), True),
        (Raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc", then="close"), True),
    ],
    ids=["reset", "closed", "reset in the head", "short", "chunk cut off"],
)
async def test_a_connection_that_ends_early_says_how_far_it_came(
    raw: Raw, *, answered: bool
) -> None:
    async with platform(lambda _: raw) as played:
        transport = UpstreamTransport()
        with pytest.raises(ConnectionEnded) as caught:
            await ask(transport, played.url)
        assert caught.value.answered is answered
        await played.closed(0)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 15\r\n\r\n"
        + gzip.compress(b"some words, some more")[:15],
    ],
    ids=["no HTTP", "length", "unasked packing", "no gzip", "gzip cut off"],
)
async def test_what_is_no_http_is_refused(data: bytes) -> None:
    async with platform(lambda _: Raw(data)) as played:
        transport = UpstreamTransport()
        with pytest.raises(httpx.RemoteProtocolError):
            await ask(transport, played.url)
        await transport.aclose()
        await played.closed(0)


async def test_more_than_one_answer_ends_the_connection() -> None:
    double = Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na" * 2)
    async with platform(lambda _: double) as played:
        transport = UpstreamTransport()
        assert await ask(transport, played.url) == (200, b"a")
        await played.closed(0)


async def test_unpacks_gzip() -> None:
    body = bytes(range(256)) * 30
    async with platform(lambda _: packed(body)) as played:
        transport = UpstreamTransport(QUICK)
        assert await ask(transport, played.url) == (200, body)
        await transport.aclose()


async def test_a_refused_port_is_a_connect_error() -> None:
    with pytest.raises(httpx.ConnectError):
        await ask(UpstreamTransport(), f"http://127.0.0.1:{free_port()}")


async def test_an_unknown_host_is_a_connect_error() -> None:
    with pytest.raises(httpx.ConnectError):
        await ask(UpstreamTransport(QUICK), "http://nowhere.invalid")


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_kept_connection_that_the_platform_closed_is_replaced(*, repeatable: bool) -> None:
    """A9: the first call after an idle time succeeds; nothing is sent twice."""
    async with platform(lambda _: OK) as played:
        transport = UpstreamTransport()
        await ask(transport, played.url, repeatable=repeatable)
        played.drop_connections()
        await asyncio.sleep(0.05)
        await ask(transport, played.url, repeatable=repeatable)
        await transport.aclose()
    assert len(played.received) == 2
    assert played.connections == 2


async def test_a_kept_connection_that_dies_under_a_repeatable_call_is_replaced_once() -> None:
    dies = Raw(b"", then="close")
    async with platform(in_turn(OK, dies, OK)) as played:
        transport = UpstreamTransport()
        await ask(transport, played.url, repeatable=True)
        assert await ask(transport, played.url, repeatable=True) == (200, b'{"errcode":0}')
        await transport.aclose()
    assert len(played.received) == 3


async def test_a_call_that_may_not_be_repeated_is_written_once() -> None:
    async with platform(in_turn(OK, Raw(b"", then="close"), OK)) as played:
        transport = UpstreamTransport()
        await ask(transport, played.url, repeatable=False)
        with pytest.raises(ConnectionEnded):
            await ask(transport, played.url, repeatable=False)
    assert len(played.received) == 2


async def test_more_calls_than_connections_wait_their_turn() -> None:
    async with platform(lambda _: answer("{}", wait=0.02)) as played:
        transport = UpstreamTransport(UpstreamLimits(max_connections=4))
        await asyncio.gather(*(ask(transport, played.url) for _ in range(20)))
        await transport.aclose()
    assert played.connections == 4


async def test_pools_of_different_names_share_no_place() -> None:
    async with platform(lambda request: answer("{}", wait=0.2 * (request.body == b"a"))) as played:
        transport = UpstreamTransport(UpstreamLimits(max_connections=1))
        slow = asyncio.create_task(ask(transport, played.url, body=b"a", pool="a"))
        await asyncio.sleep(0.02)
        await ask(transport, played.url, body=b"b", pool="b")
        assert not slow.done()
        await slow
        await transport.aclose()


async def test_waiting_for_a_place_ends_by_the_pool_timeout() -> None:
    async with platform(lambda _: Raw(b"", then="hang")) as played:
        transport = UpstreamTransport(UpstreamLimits(max_connections=1))
        slow = asyncio.create_task(ask(transport, played.url))
        await asyncio.sleep(0.02)
        with pytest.raises(httpx.PoolTimeout):
            await ask(transport, played.url, timeout={"pool": 0.05})
        slow.cancel()


async def test_a_burst_of_cancelled_calls_leaves_it_healthy() -> None:
    """Reliability, finding 1: 500 calls cancelled in flight, then 200 succeed, no socket stays."""
    async with platform(
        lambda request: answer("{}", wait=9.0 * (request.body == b"slow"))
    ) as played:
        transport = UpstreamTransport(UpstreamLimits(max_connections=100))
        burst = [asyncio.create_task(ask(transport, played.url, body=b"slow")) for _ in range(500)]
        while len(played.received) < 100:  # noqa: ASYNC110 - the server tells no one
            await asyncio.sleep(0.01)
        for task in burst:
            task.cancel()
        await asyncio.gather(*burst, return_exceptions=True)
        await played.closed(0)
        async with asyncio.timeout(60):
            answers = await asyncio.gather(*(ask(transport, played.url) for _ in range(200)))
        assert answers == [(200, b"{}")] * 200
        assert played.open == 100
        await transport.aclose()
        await played.closed(0)


async def test_idle_connections_are_closed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.upstream.connector._KEEP_IDLE", 0.1)
    async with platform(lambda _: OK) as played:
        transport = UpstreamTransport()
        await ask(transport, played.url)
        await asyncio.sleep(0.25)
        await played.closed(0)


def tls_of(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_speaks_tls_to_whom_it_trusts() -> None:
    authority = trustme.CA()
    async with platform(lambda _: OK, tls=tls_of(authority, "127.0.0.1")) as played:
        transport = UpstreamTransport(route=Route(tls=trusting(authority)))
        assert await ask(transport, played.url) == (200, b'{"errcode":0}')
        await transport.aclose()


@pytest.mark.parametrize("name", ["other.example", "127.0.0.1"])
async def test_refuses_a_certificate_that_is_not_the_platforms(name: str) -> None:
    """A10: wrong host; or the right one, signed by somebody unknown."""
    authority = trustme.CA()
    trusted = trusting(authority) if name != "127.0.0.1" else None
    async with platform(lambda _: OK, tls=tls_of(authority, name)) as played:
        transport = UpstreamTransport(route=Route(tls=trusted))
        with pytest.raises(httpx.ConnectError, match="TLS"):
            await ask(transport, played.url)
    assert played.received == []
