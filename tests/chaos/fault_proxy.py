"""A TCP proxy before the platforms: it can be down, silent, or cut what is open."""

import asyncio
from typing import Self

from tests.crash.killed_gateway import free_port


class FaultProxy:
    """Passes connections on to a port of this machine, as long as nothing else is asked for."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._target = target
        self._silent = False
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close everything."""
        await self.down()
        if self._serving:
            await asyncio.wait(self._serving)

    async def up(self) -> None:
        """Pass on again."""
        self._silent = False
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def down(self) -> None:
        """Refuse connections, and cut those that are open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        await asyncio.sleep(0)

    def silence(self) -> None:
        """Take connections and bytes, and answer nothing."""
        self._silent = True

    def cut(self) -> None:
        """End what is open, in the middle of it."""
        for writer in list(self._open):
            writer.transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, there}
        await asyncio.gather(self._pass(reader, there), self._pass(there_reader, writer))
        self._open -= {writer, there}

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while part := await source.read(65_536):
                if not self._silent:
                    sink.write(part)
                    await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()
