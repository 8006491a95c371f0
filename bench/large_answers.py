"""How long large answers of a platform hold the event loop.

    python -m bench.large_answers [--rounds 10]

First the gateway's client of a platform, in this process: lists of products of several sizes, each
read in one pass on the event loop, and in steps in a worker thread. Rounds are interleaved. The
medians of the time that a list takes and of the longest time that the event loop was held
meanwhile are printed. Then the whole gateway, in a process of its own: how long `GET /livez` takes
while a list of 5,000 products is read again and again.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

import uvloop

from bench.load import documents_of, graphql_request
from bench.stage import Platform, fetch, platform, server
from gateway.cli.worker_process import tune_interpreter
from gateway.platforms.wechat_store import PLATFORM
from gateway.platforms.wechat_store.adapter.products import Products
from gateway.platforms.wechat_store.errors import ERRORS
from gateway.ports import ProductQuery, ReadOptions
from gateway.upstream.client import PlatformClient
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.transport import UpstreamTransport
from schema.key import Key
from schema.shop import Shop

_SIZES: Final = (50, 100, 200, 400, 800, 1_600, 5_000)
#: Seconds between two looks whether the event loop is free.
_BEAT: Final = 0.001
_QUERY: Final = "{ products(first: 20) { nodes { id title } } }"
_LIMITS: Final = UpstreamLimits(max_response_bytes=100_000_000)
#: In one pass on the loop, and in steps.
_WAYS: Final = (replace(_LIMITS, large_answer=100_000_000), replace(_LIMITS, large_answer=0))


class Beats:
    """Notices how long the event loop is held."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        """Look until cancelled."""
        last = time.perf_counter()
        while True:
            await asyncio.sleep(_BEAT)
            now = time.perf_counter()
            self.longest = max(self.longest, now - last - _BEAT)
            last = now


@asynccontextmanager
async def products(url: str, limits: UpstreamLimits) -> AsyncIterator[Products]:
    """The products of a shop whose platform is there; its answers are kept, as by default."""
    transport = UpstreamTransport(limits)
    client = PlatformClient(
        "flagship",
        url,
        transport=transport,
        errors=ERRORS,
        limits=limits,
        lifetimes={"products": 60},
    )
    shop = Shop(
        key=Key("Shop", "flagship", "flagship"),
        key_name="flagship",
        platform=PLATFORM.platform,
        name="flagship",
        capabilities=[],
    )
    yield Products(client, shop, timedelta())
    await client.aclose()
    await transport.aclose()


async def read(shop: Products) -> tuple[float, float]:
    """Read the list once: seconds that it takes, and that the event loop is held at the longest."""
    beats = Beats()
    beating = asyncio.create_task(beats.run())
    await asyncio.sleep(20 * _BEAT)
    beats.longest = 0.0
    began = time.perf_counter()
    await shop.page(ProductQuery(), None, 20, ReadOptions(fresh=True))
    seconds = time.perf_counter() - began
    await asyncio.sleep(2 * _BEAT)
    beating.cancel()
    return seconds, beats.longest


async def compare(count: int, there: Platform, rounds: int) -> str:
    """A line of the table."""
    size = len(await fetch(there.port, b"POST /merchant/getbystatus HTTP/1.1\r\n\r\n"))
    found: tuple[list[tuple[float, float]], ...] = ([], [])
    async with products(there.url, _WAYS[0]) as whole, products(there.url, _WAYS[1]) as steps:
        for _ in range(rounds):
            for shop, row in zip((whole, steps), found, strict=True):
                row.append(await read(shop))
    cells = [
        f"{statistics.median(column) * 1000:.1f}"
        for row in found
        for column in zip(*row, strict=True)
    ]
    return f"| {count:,} | {size / 1000:,.0f} | {' | '.join(cells)} |"


async def livez(port: int, seconds: float) -> str:
    """A line: how long `GET /livez` takes while a list is read again and again."""
    body, *_ = documents_of(_QUERY, None, apart=False)
    request = graphql_request(port, body, fresh=True)
    until = time.perf_counter() + seconds
    lists: list[float] = []
    lives: list[float] = []

    async def ask(raw: bytes, taken: list[float], pause: float) -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            await fetch(port, raw)
            taken.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(pause)

    await asyncio.gather(
        ask(request, lists, 0.0), ask(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n", lives, 0.002)
    )
    lives.sort()
    return (
        f"{len(lists)} lists of {statistics.median(lists):.0f} ms; /livez: {len(lives)} requests, "
        f"p50 {lives[len(lives) // 2]:.1f} ms, p99 {lives[int(len(lives) * 0.99)]:.1f} ms, "
        f"longest {lives[-1]:.1f} ms"
    )


def main() -> None:
    """Measure, and print the table and the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    sys.stdout.write(
        "| products | KB | one pass: ms | held ms | in steps: ms | held ms |\n"
        "|---:|---:|---:|---:|---:|---:|\n"
    )
    tune_interpreter()
    for count in _SIZES:
        with platform(products=count) as there:
            sys.stdout.write(uvloop.run(compare(count, there, options.rounds)) + "\n")
            sys.stdout.flush()
    with platform(products=_SIZES[-1]) as there, server("bench.gateway:live", there) as gateway:
        sys.stdout.write(uvloop.run(livez(gateway.port, options.rounds)) + "\n")


if __name__ == "__main__":
    main()
