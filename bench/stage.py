"""The stage of a measurement: the platform, the servers on it, and what is counted of them."""

import asyncio
import contextlib
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil

from bench.load import Measured, Plan, documents_of, graphql_request, run_load
from bench.processes import (
    OTHER_CORE,
    SERVER_CORE,
    free_port,
    process,
    processor_seconds,
    wait_for,
)
from bench.shop import ORDERS, PRODUCTS

#: A server that takes less of a core than this is idle.
_IDLE = 0.05


@dataclass
class Row:
    """What was measured of one server and one question, a value a round."""

    runs: list[Measured] = field(default_factory=list)
    #: Platform calls a request.
    calls: list[float] = field(default_factory=list)
    #: Processor seconds a request.
    effort: list[float] = field(default_factory=list)

    @property
    def busy(self) -> list[float]:
        """How much of a core the server took, 1 for all of it."""
        pairs = zip(self.runs, self.effort, strict=True)
        return [run.rate * effort for run, effort in pairs]


@dataclass(frozen=True)
class Platform:
    """The platform that answers with ready bytes."""

    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def calls(self) -> int:
        """How many calls it got since it was last asked, tokens left out."""
        text = await fetch(self.port, b"GET /counts HTTP/1.1\r\n\r\n")
        lines = (line.split() for line in text.splitlines())
        return sum(int(count) for path, count in lines if path.startswith(b"/merchant/"))


@dataclass(frozen=True)
class Server:
    """A server under test."""

    port: int
    process: psutil.Process
    platform: Platform

    def asking(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        fresh: bool = False,
        apart: bool = False,
    ) -> Callable[[], bytes]:
        """The same request each time.

        Args:
            query: the document.
            variables: its variables.
            fresh: nothing that anyone else asked for is wanted.
            apart: documents that differ in the operation's name, in turn: no two requests that
                are under way together are the same.
        """
        bodies = documents_of(query, variables, apart=apart)
        turn = itertools.cycle(graphql_request(self.port, body, fresh=fresh) for body in bodies)
        return lambda: next(turn)

    async def run(self, request: Callable[[], bytes], plan: Plan, row: Row) -> None:
        """One run, once the server is idle; adds a value to each column of the row.

        Raises:
            ValueError: an answer was no success.
        """
        await self.idle()
        await self.platform.calls()
        before = processor_seconds(self.process)
        measured = await run_load(self.port, request, plan)
        effort = processor_seconds(self.process) - before
        calls = await self.platform.calls()
        if measured.failures:
            raise ValueError(f"{measured.failures} requests failed")
        row.runs.append(measured)
        row.calls.append(calls / len(measured.seconds))
        row.effort.append(effort / len(measured.seconds))

    async def idle(self) -> None:
        """Until the server is done with what was asked before; ten seconds at most."""
        for _ in range(50):
            before = processor_seconds(self.process)
            await asyncio.sleep(0.2)
            if processor_seconds(self.process) - before <= 0.2 * _IDLE:
                return


async def fetch(port: int, raw: bytes) -> bytes:
    """The body of one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=10_000_000)
    writer.write(raw)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = int(head[head.find(b"content-length:") + 15 :].split(b"\r\n", 1)[0])
    body = await reader.readexactly(size)
    writer.close()
    return body


@contextlib.contextmanager
def platform(
    *, orders: int = ORDERS, lines: int = 1, products: int = PRODUCTS
) -> Iterator[Platform]:
    """A platform of its own process; its newest order was made an hour ago."""
    port = free_port()
    newest = int(time.time()) - 3600
    stock = (newest, orders, lines, products)
    with process("bench.platform:run", port, "-", ".", OTHER_CORE, *stock):
        wait_for(port)
        yield Platform(port)


@contextlib.contextmanager
def server(
    target: str, platform: Platform, *words: object, core: int = SERVER_CORE
) -> Iterator[Server]:
    """A server of its own process, on its own core unless it has several processes."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        process(target, port, platform.url, folder, core, *words) as started,
    ):
        wait_for(port)
        yield Server(port, started, platform)
