"""Migrates a store to this version's tables."""

import asyncio
import glob
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from gateway.errors import ConfigurationError, StoreUnavailable
from gateway.store.engine import Database, Transaction, parse_url
from gateway.store.tables import metadata

#: Seconds to wait for a migration by another process.
_LOCK_TIMEOUT: Final = 60.0
#: Advisory lock held during a migration of a PostgreSQL store; an arbitrary number.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(7163942805)")


def head() -> str:
    """The revision of this version's tables."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise ConfigurationError("the installation is broken: it holds no migrations")
    return revision


def current_of(connection: Connection) -> str | None:
    """The revision of the store behind a connection; None if it has none of our tables."""
    return MigrationContext.configure(connection).get_current_revision()


async def current(url: str) -> str | None:
    """The revision of the store; None if it has none of our tables."""
    async with _migrating(url) as (transaction, _):
        return await transaction.connection.run_sync(current_of)


async def needs_migration(url: str) -> bool:
    """Whether the store has an older version.

    Raises ConfigurationError if it has a newer one.
    """
    revision = await current(url)
    _refuse_newer(revision)
    return revision != head()


async def upgrade(url: str) -> None:
    """Migrates the store to this version in one transaction; on SQLite after a copy.

    The copy is next to the file, as `<file>.before-<revision>`. Raises ConfigurationError if the
    store has a newer version, or is not ours; StoreUnavailable if it cannot be written.
    """
    async with _migrating(url) as (transaction, database):
        connection = transaction.connection
        if not database.is_sqlite:
            await connection.execute(_LOCK)
        # Checked under the lock: another process may have migrated meanwhile.
        revision = await connection.run_sync(current_of)
        _refuse_newer(revision)
        if revision == head():
            return
        tables = await connection.run_sync(_tables)
        if revision is None and tables & metadata.tables.keys():
            raise ConfigurationError(
                "store.url: the database has tables of the ledger's names that are not its own",
            )
        if database.is_sqlite and tables:
            await asyncio.to_thread(_copy, url)
        await connection.run_sync(_upgrade)


async def prepare(url: str) -> None:
    """Runs at every start: migrates SQLite, refuses a PostgreSQL store of another version.

    Raises as `upgrade` does.
    """
    if not await needs_migration(url):
        return
    if parse_url(url).get_backend_name() != "sqlite":
        raise ConfigurationError(
            "store.url: the store is of an older version, or empty;"
            " run `gateway migrate --config gateway.toml` once",
        )
    await upgrade(url)


def copies(url: str) -> list[Path]:
    """The copies that migrations made of SQLite's file, oldest name first."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return []
    file = Path(parsed.database or "")
    return sorted(file.parent.glob(f"{glob.escape(file.name)}.before-*"))


@asynccontextmanager
async def _migrating(url: str) -> AsyncIterator[tuple[Transaction, Database]]:
    database = Database(url, clock=lambda: 0.0, lock_timeout=_LOCK_TIMEOUT, foreign_keys=False)
    try:
        async with database.transaction() as transaction:
            yield transaction, database
    finally:
        await database.close()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@cache
def _scripts() -> ScriptDirectory:
    """The migrations of the package; read once per process."""
    return ScriptDirectory.from_config(_config())


def _refuse_newer(revision: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise ConfigurationError(
            f"store.url: the store is of a newer version of the gateway (revision {revision});"
            " install that version, or restore the copy made before it",
        )


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy(url: str) -> None:
    """Copies committed data; readers do not block the waiting transaction."""
    source = Path(parse_url(url).database or "")
    target = source.with_name(f"{source.name}.before-{head()}")
    unfinished = source.with_name(f"{target.name}.unfinished")
    try:
        # For its owner only from the start, as the file itself.
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(unfinished)) as new:
            old.backup(new)
        unfinished.chmod(0o600)
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable("the ledger cannot be copied before its migration") from error
