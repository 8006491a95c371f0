"""How much of an answer is read, and for how long."""

import asyncio
import gzip
import tracemalloc

import httpx
import pytest

from gateway.upstream.exchange_errors import AnswerTooLarge, HeadersTooLarge
from gateway.upstream.inflate import Inflater
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.transport import UpstreamTransport
from tests.upstream.exchanges import OK, QUICK, ask
from tests.upstream.server import Raw, answer, in_turn, packed, platform


@pytest.mark.parametrize("size", [10_000, 10_001])
@pytest.mark.parametrize("pack", [answer, packed])
async def test_the_limit_counts_unpacked_bytes(size: int, pack: "type[Raw]") -> None:
    async with platform(lambda _: pack(b"a" * size)) as played:
        transport = UpstreamTransport(QUICK)
        if size == 10_000:
            assert await ask(transport, played.url) == (200, b"a" * size)
        else:
            with pytest.raises(AnswerTooLarge, match="10000 bytes"):
                await ask(transport, played.url)
        await transport.aclose()


@pytest.mark.parametrize(
    "headers",
    [
        b"x: " + b"y" * 2_000_000 + b"\r\n",
        b"x: y\r\n" * 300_000,
        b"x" * 2_000_000 + b": y\r\n",
        b"x: " + b"y" * 40_000 + b"\r\nz: " + b"y" * 40_000 + b"\r\n",
    ],
    ids=["one long", "many", "a long name", "long together"],
)
async def test_endless_headers_are_cut_off(headers: bytes) -> None:
    endless = Raw(b"HTTP/1.1 200 OK\r\n" + headers + b"content-length: 0\r\n\r\n")
    async with platform(lambda _: endless) as played:
        transport = UpstreamTransport()
        with pytest.raises(HeadersTooLarge, match="headers are too large"):
            await ask(transport, played.url)
        await transport.aclose()
        await played.closed(0)
    assert len(played.received) == 1


async def test_a_bomb_takes_no_more_memory_than_the_limit() -> None:
    """A11: 200 MB in 0.2 MB of gzip, stopped within one step of 64 KiB past 1 MB."""
    bomb = packed(b"\0" * 200_000_000)
    async with platform(lambda _: bomb) as played:
        transport = UpstreamTransport(UpstreamLimits(max_response_bytes=1_000_000))
        tracemalloc.start()
        with pytest.raises(AnswerTooLarge):
            await ask(transport, played.url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # The whole of the small answer may have arrived: then its connection is kept.
        await transport.aclose()
    assert peak < 8_000_000


def test_a_small_piece_of_gzip_is_decompressed_in_steps() -> None:
    """Between them the event loop can do other work."""
    inflater = Inflater(20_000_000)
    pieces = list(inflater.feed(gzip.compress(b"a" * 10_000_000)))
    assert [len(piece) for piece in pieces] == [65_536] * 152 + [38_528]
    assert b"".join(pieces) == b"a" * 10_000_000
    assert inflater.complete


async def test_silence_ends_by_the_read_timeout() -> None:
    """A9: accepted, then nothing."""
    async with platform(lambda _: Raw(b"", then="hang")) as played:
        transport = UpstreamTransport(QUICK)
        with pytest.raises(httpx.ReadTimeout):
            await ask(transport, played.url)
        await played.closed(0)


async def test_a_slow_loris_ends_by_the_total_timeout() -> None:
    """A7: never silent, never done."""
    async with platform(lambda _: Raw(OK.data, drip=0.05)) as played:
        transport = UpstreamTransport()
        with pytest.raises(httpx.ReadTimeout):
            await ask(transport, played.url, timeout={"total": 0.4})


async def test_a_shorter_timeout_after_a_longer_one_holds() -> None:
    async with platform(in_turn(OK, Raw(b"", then="hang"))) as played:
        transport = UpstreamTransport()
        await ask(transport, played.url, timeout={"read": 60.0, "total": 60.0})
        async with asyncio.timeout(60):
            with pytest.raises(httpx.ReadTimeout):
                await ask(transport, played.url, timeout={"read": 0.1, "total": 60.0})
