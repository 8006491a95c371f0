"""Migrates a store to this version's tables and indexes."""

import asyncio
import glob
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import Connection

from gateway.errors import ConfigurationError, StoreUnavailable
from gateway.store.engine import Database, Transaction, parse_url
from gateway.store.indexes import (
    NO_PROGRESS,
    IndexBuilder,
    IndexProgress,
    declared_indexes,
    present_indexes,
)
from gateway.store.tables import meta, metadata

_log = structlog.stdlib.get_logger(__name__)

#: Seconds to wait for a migration by another process.
_LOCK_TIMEOUT: Final = 60.0
#: Seconds that one statement of a migration may take: it counts or indexes all rows of a table.
_STATEMENT_TIMEOUT: Final = 6 * 3_600.0
#: Advisory lock held during a migration of a PostgreSQL store; an arbitrary number.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(7163942805)")
#: The row of `meta` with `StoreVersion.serves_from`.
_SERVES_FROM: Final = "serves_from"
_GET_SERVES_FROM: Final = select(meta.c.value).where(meta.c.name == _SERVES_FROM)
_PUT_SERVES_FROM: Final = text(
    "INSERT INTO meta (name, value) VALUES (:name, :revision)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def head() -> str:
    """The revision of this version's tables."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise ConfigurationError("the installation is broken: it holds no migrations")
    return revision


class StoreVersion(NamedTuple):
    """The version of a store's tables."""

    #: None if the store has none of our tables.
    revision: str | None
    #: The oldest revision whose code works with these tables; None: that of `revision` only, in a
    #: store that an earlier version migrated.
    serves_from: str | None

    @property
    def is_newer(self) -> bool:
        """Whether a newer version of the gateway made the tables."""
        return self.revision is not None and self.revision not in _revisions()

    @property
    def serves_this(self) -> bool:
        """Whether this version of the gateway works with the tables."""
        if self.is_newer:
            # The revisions are one line: what is known here is of this version, or older.
            return self.serves_from in _revisions()
        return self.revision == head()


def version_of(connection: Connection) -> StoreVersion:
    """The version of the store behind a connection."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return StoreVersion(None, None)
    found = connection.execute(_GET_SERVES_FROM).scalar_one_or_none()
    return StoreVersion(revision, None if found is None else found.decode("ascii"))


async def current(url: str) -> str | None:
    """The revision of the store; None if it has none of our tables."""
    return (await version(url)).revision


async def version(url: str) -> StoreVersion:
    """The version of the store."""
    async with _migrating(url) as (transaction, _):
        return await transaction.connection.run_sync(version_of)


async def needs_migration(url: str) -> bool:
    """Whether the store has an older version.

    Raises ConfigurationError if it has a newer one that does not serve this version.
    """
    found = await version(url)
    _refuse_newer(found)
    return not found.serves_this


async def lacks_indexes(url: str) -> bool:
    """Whether a store of this version lacks indexes: it works, and long lists are slow."""
    if (await version(url)).is_newer:
        return False
    async with _opened(url) as database:
        return bool(await IndexBuilder(database).missing())


async def upgrade(url: str, progress: IndexProgress = NO_PROGRESS) -> None:
    """Migrates the store to this version: its tables in one transaction, then index by index.

    SQLite's file is copied before its tables are changed, as `<file>.before-<revision>` next to
    it. Indexes are built while gateways run; interrupted, it continues with the next run. A store
    of a newer version that serves this one stays as it is.

    Raises:
        ConfigurationError: the store has another newer version, or is not ours.
        StoreUnavailable: it cannot be written.
    """
    if not await _upgrade_tables(url):
        return
    async with _opened(url) as database:
        await IndexBuilder(database).build(progress)


async def _upgrade_tables(url: str) -> bool:
    """Whether the store then has this version's tables; False: a newer version's."""
    async with _migrating(url) as (transaction, database):
        connection = transaction.connection
        if not database.is_sqlite:
            await connection.execute(_LOCK)
        # Checked under the lock: another process may have migrated meanwhile.
        found = await connection.run_sync(version_of)
        _refuse_newer(found)
        if found.serves_this:
            return not found.is_newer
        tables = await connection.run_sync(_tables)
        if found.revision is None and tables & metadata.tables.keys():
            raise ConfigurationError(
                "store.url: the database has tables of the ledger's names that are not its own",
            )
        if database.is_sqlite and tables:
            await asyncio.to_thread(_copy, url)
        await connection.run_sync(_upgrade)
        if found.revision is None:
            # In empty tables, at once.
            await connection.run_sync(_create_indexes)
        return True


async def prepare(url: str) -> None:
    """Runs at every start: migrates SQLite, refuses a PostgreSQL store of an older version.

    Raises as `upgrade` does.
    """
    is_sqlite = parse_url(url).get_backend_name() == "sqlite"
    if await needs_migration(url):
        if not is_sqlite:
            raise ConfigurationError(
                "store.url: the store is of an older version, or empty;"
                " run `gateway migrate --config gateway.toml` once",
            )
    elif not await lacks_indexes(url):
        return
    elif not is_sqlite:
        _log.warning(
            "store.indexes.missing",
            message="The store lacks indexes, so that long lists are slow; run `gateway migrate`.",
        )
        return
    await upgrade(url, _log_progress)


def _log_progress(name: str, place: int, total: int) -> None:
    _log.info(
        "store.index.building",
        message="An index is built before the start; a million rows take seconds.",
        index=name,
        place=place,
        of=total,
    )


def copies(url: str) -> list[Path]:
    """The copies that migrations made of SQLite's file, oldest name first."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return []
    file = Path(parsed.database or "")
    return sorted(file.parent.glob(f"{glob.escape(file.name)}.before-*"))


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database(
        url,
        clock=lambda: 0.0,
        lock_timeout=_LOCK_TIMEOUT,
        statement_timeout=_STATEMENT_TIMEOUT,
        foreign_keys=False,
    )
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def _migrating(url: str) -> AsyncIterator[tuple[Transaction, Database]]:
    async with _opened(url) as database, database.transaction() as transaction:
        yield transaction, database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@cache
def _scripts() -> ScriptDirectory:
    """The migrations of the package; read once per process."""
    return ScriptDirectory.from_config(_config())


@cache
def _revisions() -> frozenset[str]:
    """The revisions that this version knows."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _serves_from() -> str:
    """The oldest revision whose code works with this version's tables.

    From the newest on as far as each migration is `additive`: it only adds what code that does
    not know of it need not write.
    """
    for script in _scripts().walk_revisions():
        if script.down_revision is None or not getattr(script.module, "additive", False):
            return script.revision
    return head()


def _refuse_newer(found: StoreVersion) -> None:
    if found.is_newer and not found.serves_this:
        raise ConfigurationError(
            "store.url: the store is of a newer version of the gateway"
            f" (revision {found.revision}); install that version, or restore the copy made before"
            " it",
        )


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def _create_indexes(connection: Connection) -> None:
    known = present_indexes(connection)
    for index in declared_indexes():
        if index.name not in known:
            index.create(connection)


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    # In the same transaction: an older process that sees the tables knows whether to go on.
    oldest = {"name": _SERVES_FROM, "revision": _serves_from().encode("ascii")}
    connection.execute(_PUT_SERVES_FROM, oldest)


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
