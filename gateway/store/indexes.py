"""Online index builds: what a ledger of an earlier version lacks is built while gateways run.

On PostgreSQL each index is built concurrently, so that nobody waits for it; on SQLite in a
transaction of its own, for which writers wait. No state is kept: an interrupted build is continued
by the next one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import Dialect, Index, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex

from gateway.errors import StoreBusy
from gateway.store.engine import Database
from gateway.store.webhook_tables import metadata

#: Called before an index is built, with its name, its place from 1 on, and how many are built.
IndexProgress = Callable[[str, int, int], None]

#: Seconds to wait for another process that builds, and between two looks at it.
_WAIT: Final = 3_600.0
_POLL: Final = 0.5
#: Advisory lock held during the builds on a PostgreSQL store; an arbitrary number.
_TRY_LOCK: Final = text("SELECT pg_try_advisory_lock(7163942806)")
_UNLOCK: Final = text("SELECT pg_advisory_unlock(7163942806)")
_OF_SQLITE: Final = text("SELECT name, 1 FROM sqlite_master WHERE type = 'index'")
#: A build that was interrupted leaves an index that is written, and that no query uses.
_OF_POSTGRESQL: Final = text(
    "SELECT class.relname, index.indisvalid FROM pg_index AS index"
    " JOIN pg_class AS class ON class.oid = index.indexrelid"
    " JOIN pg_namespace AS space ON space.oid = class.relnamespace"
    " WHERE space.nspname = current_schema()"
)


def _no_progress(_name: str, _place: int, _total: int) -> None:
    pass


NO_PROGRESS: Final[IndexProgress] = _no_progress


def declared_indexes() -> list[Index]:
    """The indexes of this version's tables, in the order of the tables' names."""
    found = (index for table in metadata.tables.values() for index in table.indexes)
    return sorted(found, key=lambda index: (_table_of(index).name, str(index.name)))


def present_indexes(connection: Connection) -> dict[str, bool]:
    """The names of the indexes that there are, and whether queries use them."""
    is_sqlite = connection.dialect.name == "sqlite"
    rows = connection.execute(_OF_SQLITE if is_sqlite else _OF_POSTGRESQL)
    return {row[0]: bool(row[1]) for row in rows}


class IndexBuilder:
    """Builds the declared indexes; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def missing(self) -> list[Index]:
        """The declared indexes that are not there, or not whole."""
        async with self._database.transaction() as transaction:
            known = await transaction.connection.run_sync(present_indexes)
        return [index for index in declared_indexes() if not known.get(str(index.name))]

    async def build(self, progress: IndexProgress = NO_PROGRESS) -> None:
        """Builds what is missing, and gathers the statistics of its tables."""
        if not await self.missing():
            return
        if self._database.is_sqlite:
            await self._build_on_sqlite(progress)
        else:
            await self._build_on_postgresql(progress)

    async def _build_on_sqlite(self, progress: IndexProgress) -> None:
        missing = await self.missing()
        for place, index in enumerate(missing, 1):
            progress(str(index.name), place, len(missing))
            async with self._database.transaction() as transaction:
                known = await transaction.connection.run_sync(present_indexes)
                # Another process may have built it meanwhile.
                if str(index.name) not in known:
                    await transaction.connection.run_sync(index.create)
        await self._database.analyze({_table_of(index) for index in missing})

    async def _build_on_postgresql(self, progress: IndexProgress) -> None:
        async with self._database.autocommitting() as connection, _locked(connection):
            known = await connection.run_sync(present_indexes)
            missing = [index for index in declared_indexes() if not known.get(str(index.name))]
            # A build waits for transactions that began before it, and nobody waits for a build.
            await connection.execute(text("SET lock_timeout = 0"))
            for place, index in enumerate(missing, 1):
                progress(str(index.name), place, len(missing))
                if index.name in known:
                    await connection.execute(text(f"DROP INDEX CONCURRENTLY {index.name}"))
                await connection.execute(text(_concurrently(index)))
        await self._database.analyze({_table_of(index) for index in missing})


@asynccontextmanager
async def _locked(connection: AsyncConnection) -> AsyncIterator[None]:
    """Holds the lock of the builds; raises StoreBusy if another process has it for too long."""
    # A statement that waits for a lock would be waited for by the build that holds it.
    waited = 0.0
    while not (await connection.execute(_TRY_LOCK)).scalar_one():
        if waited >= _WAIT:
            raise StoreBusy("another process builds its indexes", retry_after=_POLL)
        await asyncio.sleep(_POLL)
        waited += _POLL
    try:
        yield
    finally:
        await connection.execute(_UNLOCK)


def _concurrently(index: Index) -> str:
    postgres: Callable[[], Dialect] = postgresql.dialect
    statement = str(CreateIndex(index).compile(dialect=postgres()))
    return statement.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY", 1)


def _table_of(index: Index) -> Table:
    if index.table is None:
        raise ValueError(f"the index {index.name} has no table")
    return index.table
