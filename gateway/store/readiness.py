"""Readiness check of the ledger: a test write that bypasses the queue of writers."""

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from sqlalchemy import bindparam, update

from gateway.errors import StoreBusy, StoreUnavailable
from gateway.store import migrate
from gateway.store.engine import Clock, Database
from gateway.store.failures import OTHER_VERSION, cannot_write
from gateway.store.tables import meta
from gateway.store.writer_queue import WriterLane

#: Bytes that must find room beside SQLite's file: its log is written over and over before it
#: grows, so that on a full disk small writes go well for long.
_ROOM: Final = 262_144
#: Seconds to wait for the write; after that, a moving queue is good enough.
_WAIT: Final = 1.0
#: Seconds without a commit after which a queue counts as stuck.
_STUCK: Final = 30.0


class StoreReadiness:
    """Checks that the ledger is writable, and that its tables serve this version.

    Args:
        name: of the row of `meta` that is written.
        clock: returns unix seconds.
    """

    def __init__(self, database: Database, name: str, clock: Clock) -> None:
        self._database = database
        self._name = name
        self._clock = clock
        self._touch = (
            update(meta).where(meta.c.name == bindparam("of_name")).values(value=meta.c.value)
        )
        self._writing: asyncio.Task[None] | None = None
        self._queued_since: float | None = None
        self._committed = 0

    async def check(self) -> None:
        """Raises StoreUnavailable unless the ledger can be written; a long queue is no failure."""
        if self._database.file is not None:
            await asyncio.to_thread(find_room, self._database.file.parent)
        writing = self._writing
        if writing is None:
            writing = self._writing = asyncio.create_task(self._write())
        await asyncio.wait({writing}, timeout=_WAIT)
        if not writing.done():
            self._check_queue()
            return
        self._writing = None
        try:
            writing.result()
        except StoreBusy:
            self._check_queue()
        else:
            self._queued_since = None

    async def close(self) -> None:
        """Cancel a write that still waits."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait({self._writing})
            self._writing = None

    async def _write(self) -> None:
        async with self._database.transaction(lane=WriterLane.READINESS) as transaction:
            await transaction.connection.execute(self._touch, {"of_name": self._name})
            version = await transaction.connection.run_sync(migrate.version_of)
        if not version.serves_this:
            raise StoreUnavailable(OTHER_VERSION)

    def _check_queue(self) -> None:
        now, committed = self._clock(), self._database.committed
        if self._queued_since is None or committed != self._committed:
            self._queued_since, self._committed = now, committed
        elif now - self._queued_since > _STUCK:
            raise StoreUnavailable(
                f"nothing could be written to the ledger for {_STUCK:g} seconds",
                remedy="find out which process or transaction locks it",
            )


def find_room(folder: Path) -> None:
    """Raises StoreUnavailable unless a file of some size can be written into the folder."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(_ROOM))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(error) from error
