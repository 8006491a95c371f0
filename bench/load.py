"""Asks a server over many connections, as fast as it answers or at a given pace."""

import asyncio
import os
import statistics
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

_END = b"\r\n\r\n"
#: More than there are connections.
_APART = 64


@dataclass
class Measured:
    """What one run gave: seconds of each request, and how long the run was."""

    seconds: list[float] = field(default_factory=list)
    failures: int = 0
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.seconds) / self.elapsed

    def percentile(self, share: float) -> float:
        """Milliseconds that so large a share of the requests stayed within."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def by_second(self) -> list[float]:
        """Median seconds of what was done in each whole second, one thing after another."""
        found, within, passed = [], [], 0.0
        for one in self.seconds:
            within.append(one)
            passed += one
            if passed >= 1:
                found.append(statistics.median(within))
                within, passed = [], 0.0
        return found


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is asked: for so many seconds, or so many requests in all.

    `pace` is how many requests a second are due, whether or not the answers keep up; None: each
    connection asks again as soon as it has its answer.
    """

    connections: int = 32
    seconds: float = 3.0
    requests: int | None = None
    pace: float | None = None


class _Connection(asyncio.Protocol):
    """Asks one thing at a time, and hands every answer's seconds on."""

    def __init__(self, load: "_Load") -> None:
        self._load = load
        self._buffer = b""
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        # uvloop's transports are not registered as asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes, due: float) -> None:
        """Send a request; its time runs from when it was due, not from when it went."""
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Hand the answer on once it is whole."""
        self._buffer += data
        end = self._buffer.find(_END)
        if end < 0:
            return
        head = self._buffer[:end].lower()
        start = head.find(b"content-length:")
        if start < 0:
            raise ValueError("an answer without a length")
        size = end + len(_END) + int(head[start + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < size:
            return
        body = self._buffer[end + len(_END) : size]
        good = self._buffer.startswith(b"HTTP/1.1 200") and b'"errors"' not in body[:30]
        self._buffer = self._buffer[size:]
        self._load.answered(self, time.perf_counter() - self._due, good=good)

    def connection_lost(self, error: Exception | None) -> None:
        """A server that closes the connection ends the run."""
        self._load.lost(error)

    def close(self) -> None:
        """Ask no more."""
        self._transport.close()


class _Load:
    """One run: its connections, those of them that wait to ask, and what was measured."""

    def __init__(self, request: Callable[[], bytes], plan: Plan) -> None:
        self.measured = Measured()
        self._request = request
        self._plan = plan
        self._begun = 0
        self._until = 0.0
        self._free: deque[_Connection] = deque()
        self._over = asyncio.get_running_loop().create_future()

    async def run(self, port: int) -> None:
        """Connect, ask as planned, and wait for the last answer.

        Raises:
            ConnectionError: the server closed a connection.
        """
        loop = asyncio.get_running_loop()
        pairs = [
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port)
            for _ in range(self._plan.connections)
        ]
        self._free.extend(connection for _, connection in pairs)
        try:
            await self._asked()
        finally:
            for _, connection in pairs:
                connection.close()

    async def _asked(self) -> None:
        started = time.perf_counter()
        self._until = started + self._plan.seconds
        if self._plan.pace is None:
            while self._free:
                self._ask(time.perf_counter())
        else:
            await self._keep_pace(self._plan.pace)
            self._end()
        await self._over
        self.measured.elapsed = time.perf_counter() - started

    def answered(self, connection: _Connection, seconds: float, *, good: bool) -> None:
        """Note it; unpaced, ask again."""
        self.measured.seconds.append(seconds)
        self.measured.failures += not good
        self._free.append(connection)
        if self._plan.pace is None and not self._enough():
            self._ask(time.perf_counter())
        else:
            self._end()

    def lost(self, error: Exception | None) -> None:
        """No answer will come on one of the connections."""
        if not self._over.done():
            self._over.set_exception(error or ConnectionError("the server closed the connection"))

    async def _keep_pace(self, pace: float) -> None:
        """Begin each request when it is due, or once a connection is free.

        A timer of the event loop is a millisecond late or early, which is longer than an answer
        takes: this waits awake, and lets others have the core meanwhile.
        """
        started = time.perf_counter()
        while not self._enough() and not self._over.done():
            due = started + self._begun / pace
            if self._free and time.perf_counter() >= due:
                self._ask(due)
            else:
                os.sched_yield()
                await asyncio.sleep(0)

    def _ask(self, due: float) -> None:
        self._begun += 1
        self._free.popleft().ask(self._request(), due)

    def _end(self) -> None:
        if self._enough() and len(self._free) == self._plan.connections and not self._over.done():
            self._over.set_result(None)

    def _enough(self) -> bool:
        if self._plan.requests is not None:
            return self._begun >= self._plan.requests
        return time.perf_counter() >= self._until


def documents_of(
    query: str, variables: dict[str, Any] | None = None, *, apart: bool = False
) -> list[bytes]:
    """The bodies of requests for a query; `apart`: many, which differ in the operation's name."""
    names = [f"query V{number}" for number in range(_APART)] if apart else ["query "]
    documents = (query.replace("query ", name, 1) for name in names)
    return [orjson.dumps({"query": one, "variables": variables or {}}) for one in documents]


def graphql_request(port: int, body: bytes, *, fresh: bool = False) -> bytes:
    """A POST of a GraphQL request, as bytes; `fresh` wants nothing that anyone else asked for."""
    return (
        b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\n"
        b"accept: application/json\r\n%bcontent-length: %d\r\n\r\n%b"
        % (port, b"cache-control: no-cache\r\n" if fresh else b"", len(body), body)
    )


async def run_load(port: int, request: Callable[[], bytes], plan: Plan) -> Measured:
    """Ask as planned; returns when the last answer has come."""
    load = _Load(request, plan)
    await load.run(port)
    return load.measured
