"""uvicorn's HTTP protocol for the sandbox."""

import asyncio
import socket

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class SandboxProtocol(HttpToolsProtocol):
    """uvicorn's protocol that passes the connection to fault injection (`scope["state"]`)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Add the transport to the state of the application's lifespan."""
        super().connection_made(transport)
        # asyncio does this only for sockets created with an explicit protocol, which inherited
        # listening sockets often are not; without it every response takes 40 ms longer.
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "transport": transport}
