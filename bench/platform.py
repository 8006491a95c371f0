"""A platform that answers at once with ready bytes and counts what it is asked."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import cast

import uvloop

from bench.place import Place
from bench.shop import Stock, answers

_END = b"\r\n\r\n"


class Platform(asyncio.Protocol):
    """HTTP/1.1 as far as a benchmark needs it: keep-alive, bodies with a length."""

    def __init__(self, ready: Mapping[bytes, bytes], counts: Counter[bytes]) -> None:
        self._ready = ready
        self._counts = counts
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        # uvloop's transports are not registered as asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._buffer += data
        while (end := self._buffer.find(_END)) >= 0:
            head = self._buffer[:end]
            size = end + len(_END) + _length(head)
            if len(self._buffer) < size:
                return
            self._buffer = self._buffer[size:]
            self._answer(head.split(b" ", 2)[1].partition(b"?")[0])

    def _answer(self, path: bytes) -> None:
        if path == b"/counts":
            text = b"\n".join(b"%b %d" % item for item in self._counts.items())
            self._counts.clear()
            self._transport.write(_response(text))
            return
        self._counts[path] += 1
        self._transport.write(self._ready[path])


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.find(b"content-length:")
    return 0 if start < 0 else int(lowered[start + 15 :].split(b"\r\n", 1)[0])


def _response(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


async def _serve(port: int, stock: Stock) -> None:
    ready = {path.encode(): _response(body) for path, body in answers(stock).items()}
    counts: Counter[bytes] = Counter()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Platform(ready, counts), "127.0.0.1", port)
    await server.serve_forever()


def run(place: Place, *stock: str) -> None:
    """Serve until the process is ended; `stock` has the fields of `Stock` in their order."""
    uvloop.run(_serve(place.port, Stock(*map(int, stock))))
