"""The two databases that a ledger can be in: a file, and a PostgreSQL of its own."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.fixtures_postgres import PostgresServer

SQLITE: Final = "sqlite"
POSTGRES: Final = "postgres"
DATABASES: Final = (SQLITE, POSTGRES)


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server, as long as the context lasts."""
    # A socket's path has room for some hundred characters.
    folder = tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True)
    with folder as name:
        server = PostgresServer(Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def empty_store(database: str, folder: Path) -> Iterator[str]:
    """The URL of a store without tables, which is gone after the context."""
    if database == SQLITE:
        yield f"sqlite:///{folder}/gateway.db"
        return
    with postgres_server() as server:
        yield server.create_database()
