"""Puts many rows into the tables of an empty store: without its indexes, which are made after."""

import asyncio
import contextlib
import itertools
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg

from gateway.store.engine import parse_url

#: Rows that are handed over at once.
_LOT: Final = 20_000
Rows = Iterable[tuple[Any, ...]]


class BulkLoad(ABC):
    """A store that is being filled; nothing else uses it meanwhile."""

    @abstractmethod
    async def put(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Add rows, whose values are in the order of the columns."""

    @abstractmethod
    async def run(self, sql: str) -> None:
        """Run a statement."""

    @abstractmethod
    async def after_ids(self, table: str) -> None:
        """Let the table's next row have the id after the largest one."""


class _Sqlite(BulkLoad):
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def put(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        marks = ", ".join("?" * len(columns))
        self._connection.execute("BEGIN")
        # Names of the ledger's own tables and columns, not of a caller.
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
        await asyncio.to_thread(self._connection.executemany, sql, rows)
        self._connection.execute("COMMIT")

    async def run(self, sql: str) -> None:
        await asyncio.to_thread(self._connection.execute, sql)

    async def after_ids(self, table: str) -> None:
        """SQLite counts on from the largest by itself."""


class _Postgres(BulkLoad):
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def put(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        for lot in _lots(rows):
            await self._connection.copy_records_to_table(table, records=lot, columns=list(columns))

    async def run(self, sql: str) -> None:
        await self._connection.execute(sql)

    async def after_ids(self, table: str) -> None:
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        # A name of the ledger's own tables.
        await self.run(f"SELECT setval({sequence}, (SELECT max(id) FROM {table}))")  # noqa: S608


def _lots(rows: Rows) -> Iterator[list[tuple[Any, ...]]]:
    iterator = iter(rows)
    while lot := list(itertools.islice(iterator, _LOT)):
        yield lot


@contextlib.asynccontextmanager
async def bulk_load(url: str) -> AsyncIterator[BulkLoad]:
    """A load of the store of a URL; its indexes and statistics are made at the end."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        async with _sqlite(Path(str(parsed.database))) as load:
            yield load
    else:
        async with _postgres(url) as load:
            yield load


@contextlib.asynccontextmanager
async def _sqlite(file: Path) -> AsyncIterator[BulkLoad]:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    with contextlib.closing(connection):
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA cache_size = -200000")
        connection.execute("PRAGMA temp_store = MEMORY")
        found = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        indexes = connection.execute(found).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        yield _Sqlite(connection)
        for _, sql in indexes:
            await asyncio.to_thread(connection.execute, sql)
        await asyncio.to_thread(connection.execute, "ANALYZE")
        connection.execute("PRAGMA locking_mode = NORMAL")
        connection.execute("PRAGMA journal_mode = WAL")


@contextlib.asynccontextmanager
async def _postgres(url: str) -> AsyncIterator[BulkLoad]:
    connection = await asyncpg.connect(url, timeout=60)
    try:
        await connection.execute("SET maintenance_work_mem = '512MB'")
        found = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        for row in found:
            await connection.execute(f"DROP INDEX {row['indexname']}")
        yield _Postgres(connection)
        for row in found:
            await connection.execute(row["indexdef"])
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
