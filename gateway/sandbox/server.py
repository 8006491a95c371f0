"""How uvicorn speaks HTTP for the sandbox."""

import asyncio
import socket

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocol(HttpToolsProtocol):
    """Uvicorn's protocol, which lets the faults reach the connection (`scope["state"]`)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the transport beside what the application's lifespan left."""
        super().connection_made(transport)
        # asyncio does this only for sockets made with an explicit protocol, which listening
        # sockets handed in are often not; without it every answer waits 40 ms.
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "transport": transport}
