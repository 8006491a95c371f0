"""Serving the sandbox over HTTP with uvicorn."""

import asyncio
import socket

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE_SECONDS = 1


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


def make_server(app: Starlette, host: str, port: int) -> uvicorn.Server:
    """Make a server that can be started in a thread or a process; port 0 takes a free one."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="asyncio",
        http=Protocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)
