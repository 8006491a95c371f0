"""Asks a server over many connections, as fast as it answers or at a given pace."""

import asyncio
import time
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


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is asked: for so many seconds, or so many requests in all.

    `pace` is how many requests a second are begun, whether or not the answers keep up; None: each
    connection asks again as soon as it has its answer.
    """

    connections: int = 32
    seconds: float = 3.0
    requests: int | None = None
    pace: float | None = None


class _Asker(asyncio.Protocol):
    """One connection. Paced, a request's time runs from when it was due, not from when it went."""

    def __init__(
        self, request: Callable[[], bytes], measured: Measured, plan: Plan, number: int
    ) -> None:
        self._request = request
        self._measured = measured
        self._plan = plan
        self._buffer = b""
        self._interval = plan.connections / plan.pace if plan.pace else 0.0
        self._until = time.perf_counter() + plan.seconds
        self._due = time.perf_counter() + self._interval * number / plan.connections
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        # uvloop's transports are not registered as asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        if not self._interval:
            self._due = time.perf_counter()
        self._next()

    def data_received(self, data: bytes) -> None:
        """Ask again once the answer is whole."""
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
        now = time.perf_counter()
        body = self._buffer[end + len(_END) : size]
        if not self._buffer.startswith(b"HTTP/1.1 200") or b'"errors"' in body[:30]:
            self._measured.failures += 1
        self._buffer = self._buffer[size:]
        self._measured.seconds.append(now - self._due)
        if self._over(now):
            self._transport.close()
            self.done.set_result(None)
        else:
            self._due = self._due + self._interval if self._interval else now
            self._next()

    def _over(self, now: float) -> bool:
        if self._plan.requests is not None:
            return len(self._measured.seconds) > self._plan.requests - self._plan.connections
        return now >= self._until

    def connection_lost(self, error: Exception | None) -> None:
        """A server that closes the connection ends the run."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        wait = self._due - time.perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._ask)
        else:
            self._ask()

    def _ask(self) -> None:
        self._transport.write(self._request())


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
    measured = Measured()
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    askers = []
    for number in range(plan.connections):
        _, asker = await loop.create_connection(
            lambda number=number: _Asker(request, measured, plan, number),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        askers.append(asker)
    await asyncio.gather(*(asker.done for asker in askers))
    measured.elapsed = time.perf_counter() - started
    return measured
