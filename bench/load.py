"""Asks a server the same over many connections, each as soon as it has its answer."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

_END = b"\r\n\r\n"


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


class _Asker(asyncio.Protocol):
    """One connection; `pause` seconds between its requests, none for as fast as can be."""

    def __init__(
        self, request: Callable[[], bytes], measured: Measured, until: float, pause: float
    ) -> None:
        self._request = request
        self._measured = measured
        self._until = until
        self._pause = pause
        self._buffer = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        # uvloop's transports are not registered as asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

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
        self._measured.seconds.append(now - self._asked)
        if now >= self._until:
            self._transport.close()
            self.done.set_result(None)
        elif self._pause:
            asyncio.get_running_loop().call_later(self._pause, self._ask)
        else:
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """A server that closes the connection ends the run."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        self._transport.write(self._request())


def graphql_request(port: int, body: bytes) -> bytes:
    """A POST of a GraphQL request, as bytes."""
    return (
        b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\n"
        b"accept: application/json\r\ncontent-length: %d\r\n\r\n%b" % (port, len(body), body)
    )


async def run_load(
    port: int,
    request: Callable[[], bytes],
    *,
    connections: int,
    seconds: float,
    pause: float = 0.0,
) -> Measured:
    """Ask over so many connections for so long; returns when the last answer has come."""
    measured = Measured()
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    askers = []
    for _ in range(connections):
        _, asker = await loop.create_connection(
            lambda: _Asker(request, measured, started + seconds, pause), "127.0.0.1", port
        )
        askers.append(asker)
    await asyncio.gather(*(asker.done for asker in askers))
    measured.elapsed = time.perf_counter() - started
    return measured
