"""uvicorn's server, ended as soon as a test asks: by itself it looks ten times a second."""

import asyncio
import contextlib
import socket

import uvicorn

#: Seconds between two looks at what is still open.
LOOK = 0.002


class PromptServer(uvicorn.Server):
    """Serves until `stop`, which any thread may call, and waits for what is under way."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """End it; once it has started."""
        assert self._loop is not None
        assert self._stop is not None
        self.should_exit = True
        # The loop has ended where the server failed by itself.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, with what `stop` needs already there."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Keep the header Date right until the end."""
        assert self._stop is not None
        await self.on_tick(0)
        ticking = asyncio.create_task(self._tick())
        await self._stop.wait()
        ticking.cancel()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            await self.on_tick(0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, end those that are there, then the application."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while self._busy():  # noqa: ASYNC110 - uvicorn has no event for it
                    await asyncio.sleep(LOOK)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()

    def _busy(self) -> bool:
        return bool(self.server_state.connections or self.server_state.tasks)
