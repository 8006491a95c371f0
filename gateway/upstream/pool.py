"""Connections kept open between calls, per origin."""

import asyncio
from collections import deque

import httpx

from gateway.concurrency.bulkhead import Bulkhead
from gateway.upstream.connection import Connection
from gateway.upstream.dialer import Dialer, Origin

#: An idle connection is closed before the usual server would close it.
_KEEP_IDLE = 30.0


class OriginPool:
    """At most `size` connections to one origin; the last one used is used again first."""

    def __init__(self, dialer: Dialer, origin: Origin, size: int) -> None:
        self._dialer = dialer
        self._origin = origin
        self._places = Bulkhead(size)
        self._idle: deque[Connection] = deque()
        self._busy: set[Connection] = set()
        self._sweeper: asyncio.TimerHandle | None = None

    @property
    def open_connections(self) -> int:
        """Connections in use and idle."""
        return len(self._idle) + len(self._busy)

    async def take_place(self, seconds: float) -> None:
        """Wait for leave to use a connection, `give_place` afterwards."""
        if self._places.take():
            return
        try:
            await self._places.wait(seconds)
        except TimeoutError:
            raise httpx.PoolTimeout("all connections were busy too long") from None

    def give_place(self) -> None:
        """Another call may go."""
        self._places.give()

    def reuse(self, *, surely_open: bool) -> Connection | None:
        """An idle connection, if there is one; `surely_open` asks the socket as well."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and not (surely_open and not connection.quiet()):
                self._busy.add(connection)
                return connection
            connection.abort()
        return None

    async def open(self, seconds: float) -> Connection:
        """A new connection; raises as `Dialer.open`."""
        connection = await self._dialer.open(self._origin, seconds)
        self._busy.add(connection)
        return connection

    def release(self, connection: Connection) -> None:
        """Keep the connection for the next call, if it is still good."""
        self._busy.discard(connection)
        if not connection.usable:
            connection.abort()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._sweeper is None:
            self._sweeper = loop.call_later(_KEEP_IDLE, self._sweep)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        horizon = loop.time() - _KEEP_IDLE
        while self._idle and self._idle[0].idle_since <= horizon:
            self._idle.popleft().abort()
        self._sweeper = (
            loop.call_at(self._idle[0].idle_since + _KEEP_IDLE, self._sweep) if self._idle else None
        )

    def close(self) -> None:
        """Close every connection; calls under way fail."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in (*self._idle, *self._busy):
            connection.abort()
        self._idle.clear()
        self._busy.clear()
