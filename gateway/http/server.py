"""Uvicorn's HTTP protocol, which sends a response in one piece."""

import asyncio
from typing import Any

from gateway.http.request_heads import BoundedHeadsProtocol


class _Joined:
    """A transport that joins two writes of one turn of the event loop.

    Uvicorn writes the head and the body of a response separately: two system calls and two packets
    for what fits into one. A single write is sent at the end of the turn.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.plain = transport
        # Uvicorn calls this for every response.
        self.is_closing = transport.is_closing
        self._loop = loop
        self._held: bytes | None = None

    def write(self, data: bytes) -> None:
        """Buffer it for the next write of this turn, or send it with what is buffered."""
        held = self._held
        if held is None:
            self._held = data
            self._loop.call_soon(self._flush)
        else:
            self._held = None
            self.plain.writelines((held, data))

    def write_eof(self) -> None:
        """End this direction after what was written."""
        self._flush()
        self.plain.write_eof()

    def close(self) -> None:
        """Close the connection after what was written."""
        self._flush()
        self.plain.close()

    def _flush(self) -> None:
        held = self._held
        if held is not None:
            self._held = None
            self.plain.write(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


class GatewayProtocol(BoundedHeadsProtocol):
    """The protocol over such a transport; WebSockets get the plain one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Join what is written from here on."""
        super().connection_made(transport)
        self._joined = _Joined(transport, self.loop)
        # It is one as far as uvicorn uses it.
        self.transport = self._joined  # type: ignore[assignment]

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection on as it came."""
        self.transport = self._joined.plain
        super().handle_websocket_upgrade()
