"""Turns what the database drivers raise into StoreUnavailable."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy import exc

from gateway.errors import StoreUnavailable

#: Connecting raises the driver's own errors; a statement raises them wrapped by SQLAlchemy.
_UNAVAILABLE = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
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

    What only a mistake in the gateway explains, such as a violated constraint, passes as it is.
    """
    try:
        yield
    except _UNAVAILABLE as error:
        raise StoreUnavailable(f"the ledger is out of reach: {_reason(error)}") from error
    except exc.DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable("the ledger is out of reach: connection lost") from error
        raise


def _reason(error: BaseException) -> str:
    """A word on the cause that names no host, path, user or value."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    text = str(cause)
    known = ("database is locked", "database or disk is full", "readonly database")
    return next((words for words in known if words in text), type(cause).__name__)
