"""A proxy that is asked for tunnels, and the certificates of what lies at their ends."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trustme

GRANTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Tunnels:
    """A proxy that leads every tunnel to one port on loopback."""

    def __init__(self, port: int, reply: bytes) -> None:
        self.port = port
        self.reply = reply
        self.asked: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.reply)
        if self.reply != GRANTED:
            writer.close()
            return
        onward, back = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(_pump(reader, back), _pump(onward, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def tunnelling(port: int, reply: bytes = GRANTED) -> AsyncIterator[tuple[Tunnels, int]]:
    tunnels = Tunnels(port, reply)
    server = await asyncio.start_server(tunnels.serve, "127.0.0.1", 0)
    yield tunnels, server.sockets[0].getsockname()[1]
    server.close()
    await asyncio.sleep(0.01)


def tls(authority: trustme.CA, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client
