"""Maps the exceptions of database drivers to the gateway's own errors."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import exc

from gateway.errors import (
    BadUserInput,
    GatewayError,
    StoreBusy,
    StoreDamaged,
    StoreTimeout,
    StoreUnavailable,
)

#: Errors that only a bug in the gateway explains.
_MISTAKES: Final = (exc.IntegrityError, exc.ProgrammingError, exc.DataError, exc.NotSupportedError)
#: The same, as classes of SQLSTATE: data, integrity, syntax. asyncpg's errors say no more.
_MISTAKEN_STATES: Final = ("22", "23", "42")
#: SQLite's extended codes have their kind in the low byte.
_KIND: Final = 0xFF
#: Limits of a statement that share the code of other errors, or have none.
_LIMIT_WORDS: Final = (
    "too many SQL variables",
    "pattern too complex",
    "Expression tree is too large",
    "parser stack overflow",
    "too many terms in",
    "number of query arguments cannot exceed",
)
#: Raised by drivers while connecting, outside SQLAlchemy's tree.
_OUTSIDE: Final = (
    exc.TimeoutError,
    exc.ResourceClosedError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)

#: Raised if a newer version migrated the store while this one runs.
OTHER_VERSION: Final = "the ledger has another version's tables: run `gateway migrate`"
#: Seconds until a retry of a busy ledger is worthwhile.
_RETRY_AFTER: Final = 1.0


@contextmanager
def connecting() -> Iterator[None]:
    """Raises StoreUnavailable for a database that cannot be connected to."""
    try:
        yield
    except TimeoutError as error:
        raise _unreachable(error) from error


@contextmanager
def queueing() -> Iterator[None]:
    """Raises StoreBusy for a turn that did not come in time: the database itself is well."""
    try:
        yield
    except TimeoutError as error:
        raise _busy("too many wait for it") from error


@contextmanager
def store_failures(file: Path | None = None) -> Iterator[None]:
    """Raises one of the kinds of StoreUnavailable for a database that cannot serve now.

    `file` is SQLite's, None on PostgreSQL. An id with a NUL character, which PostgreSQL does not
    support, and an oversized statement raise BadUserInput. An error that only a bug in the gateway
    explains, such as a violated constraint, is raised unchanged.
    """
    try:
        yield
    except exc.DBAPIError as error:
        known = _of_driver(error, file)
        if known is None:
            raise
        raise known from error
    except _OUTSIDE as error:
        raise _outside(error) from error


def cannot_write(error: OSError) -> StoreUnavailable:
    """A file next to the ledger's cannot be written; the message has no path."""
    reason = error.strerror or type(error).__name__
    return StoreUnavailable(
        f"the ledger cannot be written: {reason}",
        remedy="check the disk of the store, and its room",
    )


def damaged(reason: str, file: Path | None) -> StoreDamaged:
    """The ledger is damaged; the remedy names the file and the copies next to it."""
    if file is None:
        return StoreDamaged(
            f"the ledger is damaged: {reason}",
            remedy="restore a backup of the database: docs/operations.md, A damaged store",
        )
    copies = sorted(
        (
            copy
            for copy in file.parent.glob(f"{file.name}.before-*")
            if copy.suffix != ".unfinished"
        ),
        key=lambda copy: copy.stat().st_mtime,
    )
    lies = f"the last copy beside it is {copies[-1]}" if copies else "there is no copy beside it"
    return StoreDamaged(
        f"the ledger's file is damaged: {reason}",
        remedy=f"stop the gateway and keep {file}; {lies}; restore that or a backup, or save what"
        " can be read: docs/operations.md, A damaged store",
    )


def _of_driver(error: exc.DBAPIError, file: Path | None) -> GatewayError | None:
    """What a failure of the database means; None for a bug in the gateway."""
    cause = error.orig or error
    said = str(cause)
    if any(words in said for words in _LIMIT_WORDS):
        return _too_much(said)
    code: int | None = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        return _of_postgresql(error, cause)
    if code & _KIND in _DAMAGED_KINDS:
        return damaged(said, file)
    if said.startswith(_OTHER_TABLES):
        return _other_tables(said)
    told = _OF_SQLITE.get(code & _KIND)
    return None if told is None else told(said)


def _of_postgresql(error: exc.DBAPIError, cause: BaseException) -> GatewayError | None:
    state: str = getattr(cause, "sqlstate", None) or ""
    if state in _DAMAGED_STATES:
        return damaged(_kind_of(cause), None)
    told = _OF_POSTGRESQL.get(state) or _OF_POSTGRESQL.get(state[:2])
    if told is not None:
        return told(_kind_of(cause))
    if isinstance(error, _MISTAKES) or state.startswith(_MISTAKEN_STATES):
        return None
    return _unreachable(cause)


def _outside(error: BaseException) -> StoreUnavailable:
    if isinstance(error, exc.TimeoutError):
        return _busy("too many wait for it")
    if isinstance(error, TimeoutError):
        return _too_long(_kind_of(error))
    return _unreachable(error)


def _unreachable(error: BaseException) -> StoreUnavailable:
    """The cause in a word, without host, path, user or value."""
    return StoreUnavailable(
        f"the ledger is out of reach: {_kind_of(error)}",
        remedy="check store.url, and that the database runs",
    )


def _kind_of(error: BaseException) -> str:
    return type(error.__cause__ or error).__name__


def _busy(reason: str) -> StoreBusy:
    return StoreBusy(f"the ledger is busy: {reason}", retry_after=_RETRY_AFTER, remedy="try again")


def _too_long(_: str) -> StoreTimeout:
    return StoreTimeout(
        "a statement took longer than the gateway lets one take",
        remedy="try again when less is going on, or with less at once",
    )


def _too_much(_: str) -> BadUserInput:
    return BadUserInput("this is more than the ledger takes at once: ask for less")


def _nul(_: str) -> BadUserInput:
    return BadUserInput("an id holds a NUL character")


def _other_tables(_: str) -> StoreUnavailable:
    return StoreUnavailable(OTHER_VERSION)


def _cannot_open(reason: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the ledger is out of reach: {reason}", remedy="check store.url, and who owns the file"
    )


def _read_only(reason: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the ledger cannot be written: {reason}", remedy="let the gateway write it"
    )


def _no_room(reason: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the ledger cannot be written: {reason}", remedy="make room on the disk of the store"
    )


def _no_disk(reason: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the ledger cannot be read or written: {reason}",
        remedy="check the disk of the store, and its room",
    )


_Told = Callable[[str], GatewayError]

_OTHER_TABLES: Final = ("no such table", "no such column")
_DAMAGED_KINDS: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
#: By SQLite's kind of error; any other is a bug in the gateway.
_OF_SQLITE: Final[Mapping[int, _Told]] = {
    sqlite3.SQLITE_BUSY: _busy,
    sqlite3.SQLITE_LOCKED: _busy,
    sqlite3.SQLITE_READONLY: _read_only,
    sqlite3.SQLITE_PERM: _read_only,
    sqlite3.SQLITE_FULL: _no_room,
    sqlite3.SQLITE_IOERR: _no_disk,
    sqlite3.SQLITE_NOMEM: _no_disk,
    sqlite3.SQLITE_CANTOPEN: _cannot_open,
    sqlite3.SQLITE_PROTOCOL: _cannot_open,
    sqlite3.SQLITE_NOLFS: _cannot_open,
    sqlite3.SQLITE_TOOBIG: _too_much,
}
_DAMAGED_STATES: Final = frozenset({"XX001", "XX002"})
#: By SQLSTATE, or its class; any other is a bug, or means that the server is unavailable.
_OF_POSTGRESQL: Final[Mapping[str, _Told]] = {
    # A character that PostgreSQL supports in no text.
    "22021": _nul,
    # A statement larger than PostgreSQL's limit.
    "54": _too_much,
    # A lock timeout, a deadlock, a serialization failure.
    "55P03": _busy,
    "40P01": _busy,
    "40001": _busy,
    # Statement timeout.
    "57014": _too_long,
    "25006": _read_only,
    # A missing table or column: the store was migrated meanwhile.
    "42P01": _other_tables,
    "42703": _other_tables,
    "53100": _no_room,
}
