"""SQLite connections whose statements take one turn of their thread each.

aiosqlite takes four for a query: the cursor is made, executed, read and closed in turns of its own.
The event loop and the thread wait for each other at each of them, for longer than most statements
take.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, Self

import aiosqlite

#: Statements whose compiled form a connection keeps: SQLAlchemy writes one for each number of ids.
_KEPT_STATEMENTS: Final = 512
#: Rows of one FETCH; aiosqlite asks for it, and nothing here uses it.
_CHUNK: Final = 64


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
        await self._connection.run(partial(self._execute, sql, parameters))

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

    def cursor(self) -> Any:
        """A cursor, without a turn."""
        return OneTurnCursor(self)

    async def run(self, call: Callable[[sqlite3.Connection], None]) -> None:
        """Call a function in the connection's thread."""
        await self._execute(call, self._conn)  # type: ignore[no-untyped-call] # of aiosqlite


def connect(file: str, **options: Any) -> OneTurnConnection:
    """A connection to a file, open once it is awaited; `options` are those of `sqlite3.connect`."""
    options = {"cached_statements": _KEPT_STATEMENTS} | options
    return OneTurnConnection(partial(sqlite3.connect, file, **options), _CHUNK)
