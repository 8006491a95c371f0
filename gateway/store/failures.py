"""Turns what the database drivers raise into StoreUnavailable."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg
from sqlalchemy import exc

from gateway.errors import BadUserInput, StoreUnavailable

#: What only a mistake in the gateway explains.
_MISTAKES: Final = (exc.IntegrityError, exc.ProgrammingError, exc.DataError, exc.NotSupportedError)
#: The same, as classes of SQLSTATE: data, integrity, syntax. asyncpg's errors say no more.
_MISTAKEN_STATES: Final = ("22", "23", "42")
#: A character that PostgreSQL has no place for in any text.
_NUL: Final = "22021"
#: What the drivers raise while connecting is outside SQLAlchemy's tree.
_UNAVAILABLE: Final = (
    exc.TimeoutError,
    exc.ResourceClosedError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


@contextmanager
def store_failures() -> Iterator[None]:
    """Raises StoreUnavailable for a database that is locked, full, read-only or out of reach.

    An id with a NUL character, which PostgreSQL cannot look for, is BadUserInput. What only a
    mistake in the gateway explains, such as a violated constraint, passes as it is.
    """
    try:
        yield
    except _MISTAKES:
        raise
    except exc.DBAPIError as error:
        state: str | None = getattr(error.orig, "sqlstate", None)
        if state == _NUL:
            raise BadUserInput("an id holds a NUL character") from error
        if state is not None and state.startswith(_MISTAKEN_STATES):
            raise
        raise _unavailable(error.orig or error) from error
    except _UNAVAILABLE as error:
        raise _unavailable(error) from error


def _unavailable(error: BaseException) -> StoreUnavailable:
    """Tells the cause by a word that names no host, path, user or value."""
    known = ("database is locked", "database or disk is full", "readonly database")
    cause = error.__cause__ or error
    reason = next((words for words in known if words in str(error)), type(cause).__name__)
    return StoreUnavailable(f"the ledger is out of reach: {reason}")
