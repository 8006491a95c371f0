"""How many small calls a second each HTTP client makes: ours, by aiohttp, against the others.

    python -m bench.transports [--seconds 2] [--rounds 3]

A raw server in a process of its own answers with ready bytes; clients that cannot be imported
are left out. Rounds are interleaved; the medians of calls a second and of this process'
processor time a call are printed.
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

import aiohttp
import httpx
import msgspec
import uvloop

from gateway.upstream.access_token import AccessTokenCache, TokenGrant
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.error_table import Complaint, ErrorTable
from gateway.upstream.shared_store import open_store
from gateway.upstream.transport import UpstreamTransport, Whole

BODY = b'{"order_id":"7197417460812533543"}'
ANSWER = b'{"errcode":0,"errmsg":"success","order":{"order_id":"7197417460812533543"}}'
RAW = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
)
Call = Callable[[], Awaitable[bytes]]


class Envelope(msgspec.Struct):
    """The error fields of an answer."""

    errcode: int = 0
    errmsg: str = ""


class Ask(msgspec.Struct):
    """A question."""

    order_id: str


class Got(msgspec.Struct):
    """An answer."""

    order: Ask


class Fixed:
    """A platform's token that never changes."""

    async def fetch(self, *, force: bool) -> TokenGrant:  # noqa: ARG002 - as TokenFetcher has it
        """One token."""
        return TokenGrant("t", 7200.0)


ERRORS = ErrorTable(
    envelope=Envelope,
    read=lambda envelope: Complaint("", "") if envelope.errcode else None,
    kinds={},
)


class Answering(asyncio.Protocol):
    """Ready bytes for each request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self.transport = cast("asyncio.Transport", transport)
        self.seen = b""

    def data_received(self, data: bytes) -> None:
        """Answer once the whole body is there."""
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
async def whole_path(url: str) -> AsyncIterator[Call]:
    """The gateway's whole call path, uncached: limits, breaker, token, error table, wire model."""
    transport = UpstreamTransport()
    tokens = AccessTokenCache("s", Fixed(), open_store("memory://"), credentials="bench")
    base, _, path = url.partition("/merchant")
    client = PlatformClient("s", base, transport=transport, errors=ERRORS, tokens=tokens)
    row = Endpoint(
        name="order.getbyid",
        method="POST",
        path=f"/merchant{path}",
        request=Ask,
        response=Got,
        section="6.2",
        summary="An order",
    )
    asked = Ask("7197417460812533543")

    async def call() -> bytes:
        return (await client.call(row, asked)).body

    yield call
    await client.aclose()
    await transport.aclose()


@asynccontextmanager
async def over_streams(url: str) -> AsyncIterator[Call]:
    """The least that asyncio's streams can do: no timeouts, no bounds, no other framing."""
    target = httpx.URL(url)
    request = (
        b"POST %b?access_token=t HTTP/1.1\r\nhost: %b\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n%b" % (target.raw_path, target.netloc, len(BODY), BODY)
    )
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def call() -> bytes:
        reader, writer = (
            idle.pop() if idle else await asyncio.open_connection(target.host, target.port)
        )
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        idle.append((reader, writer))
        return body

    yield call
    for _, writer in idle:
        writer.close()


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
    async with aiohttp.ClientSession() as session:

        async def call() -> bytes:
            async with session.post(url, data=BODY, params={"access_token": "t"}) as response:
                content: bytes = await response.read()
                return content

        yield call


async def measured(call: Call, tasks: int, seconds: float) -> tuple[float, float]:
    """Calls a second of `tasks` tasks that call without pause, and processor time a call in us."""
    done = 0
    until = time.perf_counter() + seconds

    async def work() -> None:
        nonlocal done
        while time.perf_counter() < until:
            if await call() != ANSWER:
                raise SystemExit("a wrong answer")
            done += 1

    await asyncio.gather(*(call() for _ in range(tasks)))
    start, busy = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(tasks)))
    spent = time.process_time() - busy
    return done / (time.perf_counter() - start), 1e6 * spent / done


async def one(
    client: Callable[[str], Any], url: str, tasks: int, seconds: float
) -> tuple[float, float]:
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
        "ours, whole call path": whole_path,
        "asyncio streams, bare": over_streams,
        "ours below httpx.AsyncClient": ours_below_httpx,
        **{name: of_family(name) for name in ("httpx", "httpx2")},
        "aiohttp": of_aiohttp,
    }
    if importlib.util.find_spec("httpx2") is None:
        del clients["httpx2"]
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/merchant/order/getbyid"
    gc.freeze()
    for tasks in (32, 100):
        figures: dict[str, list[tuple[float, float]]] = {name: [] for name in clients}
        for _ in range(options.rounds):
            for name, client in clients.items():
                figures[name].append(uvloop.run(one(client, url, tasks, options.seconds)))
        for name, rounds in figures.items():
            calls, spent = (statistics.median(column) for column in zip(*rounds, strict=True))
            sys.stdout.write(f"{tasks:4} tasks  {name:30} {calls:8.0f} calls/s {spent:7.1f} us\n")
    server.terminate()


if __name__ == "__main__":
    main()
