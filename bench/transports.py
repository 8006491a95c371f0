"""How many small calls a second each HTTP client makes: ours against the others.

    python bench/transports.py [--seconds 2] [--rounds 3]

A raw server in a process of its own answers with ready bytes; clients that cannot be imported
are left out. Rounds are interleaved; the median of each client is printed.
"""

import argparse
import asyncio
import gc
import importlib.util
import multiprocessing
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection as Pipe
from typing import Any, cast

import httpx
import uvloop

from gateway.upstream.transport import UpstreamTransport, Whole

BODY = b'{"order_id":"7197417460812533543"}'
ANSWER = b'{"errcode":0,"errmsg":"success","order":{"order_id":"7197417460812533543"}}'
RAW = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
)
Call = Callable[[], Awaitable[bytes]]


class Answering(asyncio.Protocol):
    """Ready bytes for each request; small bodies come in one piece here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.seen = b""

    def data_received(self, data: bytes) -> None:
        self.seen += data
        if self.seen.endswith(BODY):
            self.seen = b""
            self.transport.write(RAW)


def serve(port: Pipe) -> None:
    """Listen until the parent ends this process."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(run())


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[Call]:
    """Our transport, called with httpx's objects."""
    transport = UpstreamTransport()
    target = httpx.URL(url)
    headers = httpx.Headers({"host": target.netloc.decode(), "content-type": "application/json"})

    async def call() -> bytes:
        request = httpx.Request(
            "POST",
            target,
            headers=headers,
            stream=Whole(BODY),
            extensions={"token": ("access_token", "t"), "repeatable": True},
        )
        response = await transport.handle_async_request(request)
        stream = response.stream
        return stream.content if isinstance(stream, Whole) else await response.aread()

    yield call
    await transport.aclose()


@asynccontextmanager
async def ours_below_httpx(url: str) -> AsyncIterator[Call]:
    """The same transport below `httpx.AsyncClient`."""
    async with httpx.AsyncClient(transport=UpstreamTransport(), trust_env=False) as client:

        async def call() -> bytes:
            return (await client.post(f"{url}?access_token=t", content=BODY)).content

        yield call


def of_family(name: str) -> Callable[[str], Any]:
    """Httpx or httpx2, each with its own transport."""

    @asynccontextmanager
    async def client(url: str) -> AsyncIterator[Call]:
        module = importlib.import_module(name)
        async with module.AsyncClient(trust_env=False) as session:

            async def call() -> bytes:
                content: bytes = (await session.post(f"{url}?access_token=t", content=BODY)).content
                return content

            yield call

    return client


@asynccontextmanager
async def of_aiohttp(url: str) -> AsyncIterator[Call]:
    """Aiohttp's session."""
    module = importlib.import_module("aiohttp")
    async with module.ClientSession() as session:

        async def call() -> bytes:
            async with session.post(url, data=BODY, params={"access_token": "t"}) as response:
                content: bytes = await response.read()
                return content

        yield call


async def measured(call: Call, tasks: int, seconds: float) -> float:
    """Calls a second of `tasks` tasks that call without pause."""
    done = 0
    until = time.perf_counter() + seconds

    async def work() -> None:
        nonlocal done
        while time.perf_counter() < until:
            if await call() != ANSWER:
                raise SystemExit("a wrong answer")
            done += 1

    await asyncio.gather(*(call() for _ in range(tasks)))
    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(tasks)))
    return done / (time.perf_counter() - start)


async def one(client: Callable[[str], Any], url: str, tasks: int, seconds: float) -> float:
    """One client's round."""
    async with client(url) as call:
        return await measured(call, tasks, seconds)


def main() -> None:
    """Measure every client that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    clients: dict[str, Callable[[str], Any]] = {
        "ours": ours,
        "ours below httpx.AsyncClient": ours_below_httpx,
        **{name: of_family(name) for name in ("httpx", "httpx2")},
        "aiohttp": of_aiohttp,
    }
    for name in ("httpx2", "aiohttp"):
        if importlib.util.find_spec(name) is None:
            del clients[name]
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/merchant/order/getbyid"
    gc.freeze()
    for tasks in (32, 100):
        figures: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(options.rounds):
            for name, client in clients.items():
                figures[name].append(uvloop.run(one(client, url, tasks, options.seconds)))
        for name, calls in figures.items():
            sys.stdout.write(
                f"{tasks:4} tasks  {name:30} {statistics.median(calls):8.0f} calls/s\n"
            )
    server.terminate()


if __name__ == "__main__":
    main()
