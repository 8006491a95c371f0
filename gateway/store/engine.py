"""Engines for SQLite and PostgreSQL: a committing writer, and concurrent readers."""

import asyncio
import os
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, auto
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import URL, Delete, Executable, Insert, Row, Table, Update, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gateway.cache_control import note
from gateway.errors import ConfigurationError, StoreDamaged
from gateway.store import sqlite_connection
from gateway.store.failures import connecting, damaged, queueing, store_failures
from gateway.store.statement_spans import StatementSpans
from gateway.store.writer_queue import WriterLane, WriterQueue

_log = structlog.stdlib.get_logger(__name__)

#: Seconds since 1970, with fractions.
Clock = Callable[[], float]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

#: Seconds that a statement waits for a lock, or for a free connection.
LOCK_TIMEOUT: Final = 5.0
#: Seconds that one statement may take on PostgreSQL.
STATEMENT_TIMEOUT: Final = 10.0
#: Rows of each index that ANALYZE reads on SQLite.
_LIMIT_ANALYSIS: Final = text("PRAGMA analysis_limit = 1000")
#: Connections of PostgreSQL that transactions are made by.
_WRITERS: Final = 12


class ReaderPool(Enum):
    """A pool of reading connections: what uses up one of them does not hold up the others."""

    REQUESTS = auto()
    MUTATIONS = auto()
    DELIVERIES = auto()
    SUBSCRIPTIONS = auto()


#: Connections of each pool. SQLite reads in threads of this process: more of them read no faster,
#: and each row that one reads makes the event loop, and so the writer, wait for the interpreter.
_READERS: Final = {
    ReaderPool.REQUESTS: 8,
    ReaderPool.MUTATIONS: 4,
    ReaderPool.DELIVERIES: 2,
    ReaderPool.SUBSCRIPTIONS: 2,
}
_SQLITE_READERS: Final = dict.fromkeys(ReaderPool, 2) | {ReaderPool.MUTATIONS: 4}
_READER_POOL: Final[ContextVar[ReaderPool]] = ContextVar("reader_pool", default=ReaderPool.REQUESTS)


@contextmanager
def reading_from(pool: ReaderPool) -> Iterator[None]:
    """What the block reads outside of transactions is read from this pool.

    So do the tasks that are started in the block; by default all reads are those of requests.
    """
    before = _READER_POOL.set(pool)
    try:
        yield
    finally:
        _READER_POOL.reset(before)


@dataclass(frozen=True, slots=True)
class Transaction:
    """Everything written through it is committed together, or not at all."""

    connection: AsyncConnection
    #: The time of the whole transaction.
    now: float
    #: Called once it is committed; they must not raise.
    on_commit: list[Callable[[], None]] = field(default_factory=list)

    async def execute_later(self, statement: Executable, parameters: Parameters = None) -> None:
        """Executes a statement whose result nobody needs, before the next one or the commit.

        What it raises, that one raises. It takes SQLite no turn of its own.
        """
        with self.postponing():
            await self.connection.execute(statement, parameters)

    @contextmanager
    def postponing(self) -> Iterator[None]:
        """A block of such statements; PostgreSQL executes them at once."""
        pooled = self.connection.sync_connection
        driver = None if pooled is None else pooled.connection.driver_connection
        if not isinstance(driver, sqlite_connection.OneTurnConnection):
            yield
            return
        with driver.postponing():
            yield


class RowStatement:
    """A statement that is executed for each of many rows, whose text is made once.

    SQLAlchemy looks a statement up, and sorts the values of each row, as often as it is executed:
    for a short one that takes longer than the database does.
    """

    def __init__(self, text: str, names: Sequence[str]) -> None:
        """`names` are those of the values of a row, in the order of the text's parameters."""
        self._text = text
        self._values: Callable[[Mapping[str, Any]], Any] = itemgetter(*names)
        if len(names) == 1:
            (name,) = names
            self._values = lambda row: (row[name],)

    async def execute(self, transaction: Transaction, rows: Sequence[Mapping[str, Any]]) -> int:
        """Executes it for each row; how many rows were changed, -1 on PostgreSQL."""
        if not rows:
            return 0
        values = [self._values(row) for row in rows]
        return (await transaction.connection.exec_driver_sql(self._text, values)).rowcount

    async def execute_later(
        self, transaction: Transaction, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Like `execute`, before the next statement or the commit, as `Transaction` does."""
        with transaction.postponing():
            await self.execute(transaction, rows)


class Database:
    """The engines of one store.

    SQLite has a single writer connection, which alone commits and checkpoints; its readers see
    the last commit and never wait for it. PostgreSQL has a pool of writers, plus one reserved
    connection for callers that must not wait for it. Readers are apart from writers on both, and
    those of mutations, deliveries and subscriptions apart from those of queries (`reading_from`).
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        lock_timeout: float = LOCK_TIMEOUT,
        statement_timeout: float = STATEMENT_TIMEOUT,
        foreign_keys: bool = True,
    ) -> None:
        """Connects lazily; `foreign_keys` are off while SQLite's tables are recreated.

        `lock_timeout` is how many seconds to wait for a lock or a connection, `statement_timeout`
        how many a statement of PostgreSQL may take. Raises ConfigurationError for a URL that cannot
        be one of a store.
        """
        parsed = parse_url(url)
        self._clock = clock
        #: Reads of requests that are under way, or wait for a connection.
        self.reads = 0
        #: Transactions of this process that were committed, or may have been.
        self.commits = 0
        #: Those that certainly were.
        self.committed = 0
        #: SQLite's file; None on PostgreSQL.
        self.file: Path | None = None
        self._known_damaged = False
        self._spans = StatementSpans(parsed.get_backend_name())
        if parsed.get_backend_name() == "sqlite":
            self.file = Path(str(parsed.database))
            self._writer = _sqlite_writer(parsed, lock_timeout, foreign_keys=foreign_keys)
            self._readers = {
                pool: _sqlite_reader(parsed, lock_timeout, size)
                for pool, size in _SQLITE_READERS.items()
            }
            # A second writing connection could trigger the WAL-reset bug (sqlite.org/changes).
            self._beside = self._writer
            self._queue = WriterQueue(1, timeout=lock_timeout)
        else:
            self._writer = _postgresql(parsed, lock_timeout, statement_timeout, _WRITERS)
            self._readers = {
                pool: _postgresql(parsed, lock_timeout, statement_timeout, size).execution_options(
                    isolation_level="AUTOCOMMIT"
                )
                for pool, size in _READERS.items()
            }
            self._beside = _postgresql(parsed, lock_timeout, statement_timeout, 1)
            self._queue = WriterQueue(_WRITERS, timeout=lock_timeout)

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a local file."""
        return self.file is not None

    def now(self) -> float:
        """Unix seconds, by the clock of the transactions."""
        return self._clock()

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that supports ON CONFLICT."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def upsert(
        self, table: Table, *, kept: Collection[str] = ()
    ) -> sqlite.Insert | postgresql.Insert:
        """An upsert of all columns, which increments an existing row's `version`.

        The columns in `kept` stay as they are in a row that exists.
        """
        insert = self.insert(table)
        key = list(table.primary_key.columns)
        values = {
            column.name: column + 1 if column.name == "version" else insert.excluded[column.name]
            for column in table.columns
            if column not in key and column.name not in kept
        }
        return insert.on_conflict_do_update(index_elements=key, set_=values)

    def for_rows(self, statement: Insert | Update | Delete) -> RowStatement:
        """A statement whose parameters are all values of a row, by their names."""
        compiled: Any = statement.compile(dialect=self._writer.dialect)
        return RowStatement(str(compiled), compiled.positiontup)

    @asynccontextmanager
    async def transaction(
        self, *, lane: WriterLane = WriterLane.CALLERS
    ) -> AsyncIterator[Transaction]:
        """A transaction, committed at the end of the block and rolled back on any error.

        Do no other I/O in the block: on SQLite all writers wait for it. One of the lane BULK should
        take some 50 ms at most, since callers wait for it. It cannot be cancelled once its commit
        has begun. Raises StoreUnavailable; StoreBusy where too many wait.
        """
        note(0.0)
        with self._spans.transaction(), self._failures():
            async with self._connected_writer(lane) as connection:
                await connection.begin()
                transaction = Transaction(connection, self._clock())
                yield transaction
                try:
                    await _to_the_end(connection.commit())
                finally:
                    self.commits += 1
                self.committed += 1
        for call in transaction.on_commit:
            call()

    async def fetch(
        self,
        statement: Executable,
        parameters: Parameters = None,
        within: Transaction | None = None,
    ) -> Sequence[Row[Any]]:
        """The rows of a query; those of the last commit, unless read `within` a transaction.

        Raises StoreUnavailable.
        """
        note(0.0)
        with self._spans.statement(statement), self._failures():
            if within is not None:
                return (await within.connection.execute(statement, parameters)).all()
            pool = _READER_POOL.get()
            with self._counted(pool):
                async with self._connected(self._readers[pool]) as connection:
                    return (await connection.execute(statement, parameters)).all()

    @property
    def is_congested(self) -> bool:
        """Whether twice as many reads of requests wait as there are connections for them.

        Or as many transactions of callers.
        """
        sizes = _SQLITE_READERS if self.is_sqlite else _READERS
        writers = 1 if self.is_sqlite else _WRITERS
        return (
            self.reads > 3 * sizes[ReaderPool.REQUESTS]
            or self._queue.waiting_callers >= 2 * writers
        )

    @contextmanager
    def _counted(self, pool: ReaderPool) -> Iterator[None]:
        if pool is not ReaderPool.REQUESTS:
            yield
            return
        self.reads += 1
        try:
            yield
        finally:
            self.reads -= 1

    @asynccontextmanager
    async def autocommitting(self) -> AsyncIterator[AsyncConnection]:
        """A connection of PostgreSQL that commits each statement; raises StoreUnavailable.

        What cannot run in a transaction runs on it, such as a concurrent build of an index.
        """
        with self._failures():
            async with self._connected(self._readers[ReaderPool.REQUESTS]) as connection:
                yield connection

    async def analyze(self, tables: Iterable[Table]) -> None:
        """Gathers what the planner knows of the tables, from samples; raises StoreUnavailable."""
        for name in sorted(table.name for table in tables):
            if self.is_sqlite:
                # A table a transaction: other writers wait for it, some milliseconds.
                async with self.transaction(lane=WriterLane.BULK) as transaction:
                    await transaction.connection.execute(_LIMIT_ANALYSIS)
                    await transaction.connection.execute(text(f"ANALYZE {name}"))
            else:
                async with self.autocommitting() as connection:
                    await connection.execute(text(f"ANALYZE {name}"))

    async def check_file(self) -> None:
        """Checks the integrity of SQLite's file; raises StoreDamaged with the first error."""
        if self.file is None:
            return
        found = await self.fetch(text("PRAGMA quick_check(1)"))
        if [tuple(row) for row in found] != [("ok",)]:
            raise damaged(str(found[0][0]).splitlines()[-1], self.file)

    async def close(self) -> None:
        """Closes all connections; SQLite's writer last, so that it makes the last checkpoint."""
        for reader in self._readers.values():
            await reader.dispose()
        await self._beside.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def _connected_writer(self, lane: WriterLane) -> AsyncIterator[AsyncConnection]:
        if lane is WriterLane.READINESS and not self.is_sqlite:
            # It has a connection of its own.
            async with self._connected(self._beside) as connection:
                yield connection
            return
        async with AsyncExitStack() as stack:
            with queueing():
                await stack.enter_async_context(self._queue.turn(lane))
            yield await stack.enter_async_context(self._connected(self._writer))

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            with connecting():
                connection = await stack.enter_async_context(engine.connect())
            yield connection

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            with store_failures(self.file):
                yield
        except StoreDamaged as failure:
            if not self._known_damaged:
                self._known_damaged = True
                _log.critical(
                    "store.database.damaged",
                    message=failure.message,
                    remedy=failure.remedy,
                )
            raise


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Lets `work` finish even if the caller is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def parse_url(url: str) -> URL:
    """`store.url` with its driver; raises ConfigurationError."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"store.url: {_EXPECTED}") from None
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        folder = Path(str(parsed.database)).parent
        if not folder.is_dir():
            raise ConfigurationError(f"store.url: there is no folder {folder}")
        return parsed.set(drivername="sqlite+aiosqlite")
    if parsed.drivername in {"postgresql", "postgres"}:
        # The driver has another name for libpq's parameter.
        query = {{"sslmode": "ssl"}.get(key, key): value for key, value in parsed.query.items()}
        return parsed.set(drivername="postgresql+asyncpg", query=query)
    raise ConfigurationError(f"store.url: {_EXPECTED}, not {parsed.drivername}://")


_EXPECTED: Final = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"


#: SQLite gives the files beside it the mode of the database.
_BESIDE: Final = ("", "-wal", "-shm")
_OWNER_ONLY: Final = 0o600


def _keep_private(file: Path) -> None:
    """Creates SQLite's file where there is none, and lets only its owner read it.

    A file that belongs to another user stays as it is.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))
    for suffix in _BESIDE:
        with suppress(OSError):
            file.with_name(f"{file.name}{suffix}").chmod(_OWNER_ONLY)


def _sqlite_writer(url: URL, lock_timeout: float, *, foreign_keys: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=lock_timeout,
        connect_args={"timeout": lock_timeout, "async_creator_fn": sqlite_connection.connect},
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def create(_dialect: Any, _record: Any, _arguments: Any, _options: Any) -> None:
        _keep_private(Path(str(url.database)))

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # Otherwise the driver begins transactions itself, and only before the first write.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        # Anything less can lose an acknowledged commit when the power fails.
        cursor.execute("PRAGMA synchronous = FULL")
        if foreign_keys:
            # SQLite copies the pages that a statement changes, so that it can be undone alone: of a
            # row with many indexes into a temporary file. Migrations change and sort whole tables.
            cursor.execute("PRAGMA temp_store = MEMORY")
        # Erased data must not stay in the file's free pages.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute(f"PRAGMA foreign_keys = {foreign_keys}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that locks at its first write may fail half-way.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _sqlite_reader(url: URL, lock_timeout: float, size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=lock_timeout,
        connect_args={"timeout": lock_timeout, "async_creator_fn": sqlite_connection.connect},
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    return engine


def _postgresql(url: URL, lock_timeout: float, statement_timeout: float, size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=lock_timeout,
        # A restarted server must not cause an error for the next caller.
        pool_pre_ping=True,
        connect_args={
            "timeout": lock_timeout,
            "command_timeout": statement_timeout,
            "server_settings": {
                "application_name": "gateway",
                "lock_timeout": f"{int(lock_timeout * 1000)}",
            },
        },
        hide_parameters=True,
    )
