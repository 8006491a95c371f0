"""A raw HTTP/1.1 server on loopback that answers as it is told, also wrongly."""

import asyncio
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Raw:
    """Bytes for the wire; `then` says what follows: "keep", "close", "reset" or "hang"."""

    data: bytes
    then: str = "keep"
    #: Seconds before the first byte, and between any two where `drip` is set.
    wait: float = 0.0
    drip: float | None = None


def answer(
    body: bytes | str,
    status: int = 200,
    *,
    headers: dict[str, str] | None = None,
    then: str = "keep",
    wait: float = 0.0,
) -> Raw:
    """A well-formed answer."""
    data = body.encode() if isinstance(body, str) else body
    lines = {"content-type": "application/json", "content-length": str(len(data))}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **(headers or {})}.items())
    return Raw(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + data, then, wait)


def packed(body: bytes) -> Raw:
    """A well-formed gzip answer."""
    return answer(gzip.compress(body), headers={"content-encoding": "gzip"})


Script = Callable[[Received], Raw]


@dataclass
class Platform:
    """What the server was asked, and how it answers; `script` may be changed at any time."""

    script: Script
    url: str = ""
    received: list[Received] = field(default_factory=list)
    #: Connections accepted so far, and those open now.
    connections: int = 0
    open: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: "set[asyncio.Task[None] | None]" = field(default_factory=set)

    def drop_connections(self) -> None:
        """Close every connection, as a server does with idle ones."""
        for writer in self._writers:
            writer.close()

    def write(self, data: bytes) -> None:
        """Write to every connection, asked or not."""
        for writer in self._writers:
            writer.write(data)

    async def closed(self, left: int) -> None:
        """Wait until no more than `left` connections are open."""
        while self.open > left:  # noqa: ASYNC110 - a socket's end is told to nobody else
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """End every connection, the waiting ones too."""
        tasks = [task for task in self._tasks if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.open += 1
        self._writers.add(writer)
        self._tasks.add(asyncio.current_task())
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            self.open -= 1
            self._writers.discard(writer)
            self._tasks.discard(asyncio.current_task())
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head[:-4].split("\r\n")
        method, target, _ = first.split(" ")
        headers = {}
        for line in lines:
            name, value = line.split(": ", 1)
            assert name.lower() not in headers
            headers[name.lower()] = value
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Received(method, target, headers, body)
        self.received.append(request)
        raw = self.script(request)
        await asyncio.sleep(raw.wait)
        await self._write(writer, raw)
        if raw.then == "hang":
            await reader.read()
        if raw.then == "reset":
            handle = writer.get_extra_info("socket")
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return raw.then == "keep"

    @staticmethod
    async def _write(writer: asyncio.StreamWriter, raw: Raw) -> None:
        if raw.drip is None:
            writer.write(raw.data)
            await writer.drain()
            return
        for byte in raw.data:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(raw.drip)


@asynccontextmanager
async def platform(script: Script, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Platform]:
    """A running server."""
    played = Platform(script)
    server = await asyncio.start_server(played.serve, "127.0.0.1", 0, ssl=tls, limit=1 << 20)
    port = server.sockets[0].getsockname()[1]
    played.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield played
    finally:
        server.close()
        await played.stop()


def in_turn(*answers: Raw) -> Script:
    """These answers one after the other, the last for ever."""
    left = list(answers)

    def script(_: Received) -> Raw:
        return left.pop(0) if len(left) > 1 else left[0]

    return script


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
