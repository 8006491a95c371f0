"""SQLite connections whose statements take one turn of their thread each.

aiosqlite takes four for a query: the cursor is made, executed, read and closed in turns of its own.
The event loop and the thread wait for each other at each of them, for longer than most statements
take, and under load many times longer. So a statement whose result nobody reads takes none: it is
executed in the turn of the one that follows it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, Self

import aiosqlite

#: Statements whose compiled form a connection keeps: SQLAlchemy writes one for each number of ids.
_KEPT_STATEMENTS: Final = 512
#: Rows of one FETCH; aiosqlite asks for it, and nothing here uses it.
_CHUNK: Final = 64

#: What begins with one of these is never postponed: somebody reads its rows.
_QUERIES: Final = ("SELECT", "EXPLAIN", "PRAGMA", "WITH")

#: Is called in the connection's thread.
Call = Callable[[sqlite3.Connection], None]


class OneTurnCursor:
    """A cursor that has read all rows of a statement once the statement is executed."""

    def __init__(self, connection: "OneTurnConnection") -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        #: As in PEP 249: of the last statement.
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> None:
        """Execute a statement, and read its rows."""
        call = partial(self._execute, sql, parameters)
        await self._connection.run(call, at_once=sql.startswith(_QUERIES))

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> None:
        """Execute a statement for each of the parameters."""
        await self._connection.run(partial(self._execute_many, sql, parameters))

    async def fetchall(self) -> Sequence[Any]:
        """All rows."""
        return self._rows

    async def close(self) -> None:
        """Does nothing: the thread closed it."""

    def _execute(self, sql: str, parameters: Any, connection: sqlite3.Connection) -> None:
        self._take(connection.execute(sql, parameters))

    def _execute_many(self, sql: str, parameters: Any, connection: sqlite3.Connection) -> None:
        self._take(connection.executemany(sql, parameters))

    def _take(self, cursor: sqlite3.Cursor) -> None:
        self._rows = cursor.fetchall() if cursor.description else ()
        self.description = cursor.description
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid
        cursor.close()


class OneTurnConnection(aiosqlite.Connection):
    """A connection of such cursors."""

    #: Calls that wait for the next turn; while `_postpones`, calls are added to them.
    _postponed: Sequence[Call] = ()
    _postpones = False
    #: Whether nothing was done since the last commit: there is nothing to roll back.
    _committed = False

    def cursor(self) -> Any:
        """A cursor, without a turn."""
        return OneTurnCursor(self)

    @contextmanager
    def postponing(self) -> Iterator[None]:
        """A block whose statements are executed in the turn of the next statement after it.

        Their results are lost; what they raise, that statement raises, or the commit.
        """
        self._postpones = True
        try:
            yield
        finally:
            self._postpones = False

    async def run(self, call: Call, *, at_once: bool = False) -> None:
        """Call a function in the connection's thread, behind those that were postponed."""
        if self._postpones and not at_once:
            self._postponed = (*self._postponed, call)
            return
        self._committed = False
        calls, self._postponed = (*self._postponed, call), ()
        await self._execute(partial(_all_of, calls), self._conn)  # type: ignore[no-untyped-call] # of aiosqlite

    async def commit(self) -> None:
        """Commit what was executed, and what was postponed; rolled back if that fails."""
        self._committed = False
        calls, self._postponed = self._postponed, ()
        await self._execute(partial(_commit, calls), self._conn)  # type: ignore[no-untyped-call] # of aiosqlite
        self._committed = True

    async def rollback(self) -> None:
        """Roll back what was executed since the last commit, and drop what was postponed."""
        self._postponed = ()
        if not self._committed:
            # After a commit without a turn: a pool rolls each connection back that it is given.
            await super().rollback()


def _all_of(calls: Sequence[Call], connection: sqlite3.Connection) -> None:
    for call in calls:
        call(connection)


def _commit(calls: Sequence[Call], connection: sqlite3.Connection) -> None:
    try:
        _all_of(calls, connection)
        connection.commit()
    except sqlite3.Error:
        # SQLAlchemy takes the transaction for ended, and does not roll it back.
        connection.rollback()
        raise


def connect(file: str, **options: Any) -> OneTurnConnection:
    """A connection to a file, open once it is awaited; `options` are those of `sqlite3.connect`."""
    options = {"cached_statements": _KEPT_STATEMENTS} | options
    return OneTurnConnection(partial(sqlite3.connect, file, **options), _CHUNK)
