import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import bindparam, delete, text
from sqlalchemy import insert as insert_into
from sqlalchemy.exc import IntegrityError

from gateway.errors import ConfigurationError, StoreBusy, StoreDamaged, StoreUnavailable
from gateway.store.engine import Database, ReaderPool, Transaction, parse_url, reading_from
from gateway.store.tables import counters
from gateway.store.writer_queue import WriterLane
from tests.fixtures_postgres import PostgresServer
from tests.store.conftest import Clock
from tests.store.samples import NOW

INSERT = text("INSERT INTO counters (name, value) VALUES (:name, 1)")
NAMES = text("SELECT name FROM counters ORDER BY name")
EXPECTED = "store.url: expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
#: Seconds to wait for a lock where a test holds it all the while.
HASTY = 0.1


@pytest.fixture
async def database(store_url: str, clock: Clock) -> AsyncIterator[Database]:
    database = Database(store_url, clock=clock)
    yield database
    await database.close()


@pytest.fixture
async def hasty(migrated_sqlite_url: str, clock: Clock) -> AsyncIterator[Database]:
    """Answer a database on SQLite that does not wait for locks."""
    database = Database(migrated_sqlite_url, clock=clock, lock_timeout=HASTY)
    yield database
    await database.close()


async def insert(transaction: Transaction, name: str) -> None:
    await transaction.connection.execute(INSERT, {"name": name})


async def write(database: Database, *names: str) -> None:
    """Insert names in one transaction."""
    async with database.transaction() as transaction:
        for name in names:
            await insert(transaction, name)


async def names(database: Database) -> list[str]:
    return [name for (name,) in await database.fetch(NAMES)]


@pytest.mark.parametrize(
    ("url", "driven"),
    [
        ("sqlite:///gateway.db", "sqlite+aiosqlite:///gateway.db"),
        ("sqlite:////gateway.db", "sqlite+aiosqlite:////gateway.db"),
        ("postgresql://u:p@h:5433/d", "postgresql+asyncpg://u:p@h:5433/d"),
        ("postgres://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql://u@h/d?sslmode=require", "postgresql+asyncpg://u@h/d?ssl=require"),
    ],
)
def test_a_url_names_its_driver(url: str, driven: str) -> None:
    assert parse_url(url).render_as_string(hide_password=False) == driven


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("gateway.db", EXPECTED),
        ("", EXPECTED),
        ("postgresql://user:s3cret@host:port/db", EXPECTED),
        ("mysql://user:s3cret@host/db", f"{EXPECTED}, not mysql://"),
        ("sqlite://", f"{EXPECTED}, not sqlite://"),
        ("sqlite:///:memory:", f"{EXPECTED}, not sqlite://"),
    ],
)
def test_any_other_url_is_refused_without_its_password(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_url(url)

    assert refused.value.message == message


async def test_a_block_is_committed_at_its_end(database: Database) -> None:
    async with database.transaction() as transaction:
        await insert(transaction, "a")
        assert transaction.now == NOW
        assert await names(database) == []

    assert await names(database) == ["a"]


async def test_an_error_rolls_the_block_back(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.transaction() as transaction:
            await insert(transaction, "a")
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()

    await write(database, "b")
    assert await names(database) == ["b"]


async def test_a_mistake_of_the_gateway_is_not_an_outage(database: Database) -> None:
    with pytest.raises(IntegrityError) as raised:
        await write(database, "13800138000", "13800138000")

    assert "parameters hidden" in str(raised.value)
    assert await names(database) == []


async def test_what_is_executed_later_is_there_for_the_next_statement(database: Database) -> None:
    async with database.transaction() as transaction:
        await transaction.execute_later(INSERT, {"name": "b"})
        await transaction.execute_later(INSERT, [{"name": "a"}, {"name": "c"}])
        seen = await database.fetch(NAMES, within=transaction)
        await transaction.execute_later(INSERT, {"name": "d"})

    assert [name for (name,) in seen] == ["a", "b", "c"]
    assert await names(database) == ["a", "b", "c", "d"]


async def test_what_is_executed_later_for_many_rows_keeps_its_place(database: Database) -> None:
    add = database.for_rows(insert_into(counters))
    drop = database.for_rows(delete(counters).where(counters.c.name == bindparam("of_name")))

    async with database.transaction() as transaction:
        await add.execute_later(transaction, [{"name": "a", "value": 1}, {"name": "b", "value": 1}])
        await drop.execute_later(transaction, [{"of_name": "a"}, {"of_name": "c"}])
        await add.execute_later(transaction, [{"name": "c", "value": 1}])
        await add.execute_later(transaction, [])

    assert await names(database) == ["b", "c"]


@pytest.mark.parametrize("next_one", ["a statement", "the commit"])
async def test_what_fails_later_fails_the_transaction(database: Database, next_one: str) -> None:
    async def write_twice() -> None:
        async with database.transaction() as transaction:
            await insert(transaction, "a")
            await transaction.execute_later(INSERT, {"name": "a"})
            if next_one == "a statement":
                await insert(transaction, "b")

    with pytest.raises(IntegrityError):
        await write_twice()

    assert await names(database) == []
    await write(database, "c")
    assert await names(database) == ["c"]


async def test_what_a_failed_block_left_for_later_is_not_executed(database: Database) -> None:
    async def give_up() -> None:
        async with database.transaction() as transaction:
            await transaction.execute_later(INSERT, {"name": "a"})
            raise LookupError

    with pytest.raises(LookupError):
        await give_up()

    await write(database, "b")
    assert await names(database) == ["b"]


async def test_a_cancelled_block_is_rolled_back(database: Database) -> None:
    async def write_and_wait() -> None:
        async with database.transaction() as transaction:
            await insert(transaction, "a")
            written.set()
            await asyncio.Event().wait()

    written = asyncio.Event()
    task = asyncio.create_task(write_and_wait())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await write(database, "b")
    assert await names(database) == ["b"]


async def test_a_commit_that_has_begun_is_not_cancelled(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write_slowly() -> None:
        async with database.transaction() as transaction:
            commit = transaction.connection.commit

            async def slow_commit() -> None:
                committing.set()
                await go_on.wait()
                await commit()

            monkeypatch.setattr(type(transaction.connection), "commit", lambda _: slow_commit())
            await insert(transaction, "a")

    committing, go_on = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(write_slowly())
    await committing.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await names(database) == ["a"]


async def test_many_writers_wait_for_one_another(database: Database) -> None:
    await asyncio.gather(*(write(database, f"{number:03}") for number in range(100)))

    assert len(await names(database)) == 100


async def test_readers_do_not_wait_for_the_writer(database: Database) -> None:
    async with database.transaction() as transaction:
        await insert(transaction, "a")
        assert await asyncio.gather(*(names(database) for _ in range(20))) == [[]] * 20


async def test_sqlite_is_set_up_to_keep_what_it_committed(hasty: Database) -> None:
    async with hasty.transaction() as transaction:
        pragmas = {}
        for name in (
            "journal_mode",
            "synchronous",
            "secure_delete",
            "foreign_keys",
            "busy_timeout",
        ):
            result = await transaction.connection.execute(text(f"PRAGMA {name}"))
            pragmas[name] = result.scalar_one()

    # 2 is FULL.
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "busy_timeout": 100,
    }


async def test_a_reader_of_sqlite_cannot_write(hasty: Database) -> None:
    with pytest.raises(StoreUnavailable, match="readonly database"):
        await hasty.fetch(text("DELETE FROM counters RETURNING name"))


async def test_a_locked_sqlite_is_unavailable_until_the_lock_is_gone(
    hasty: Database, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy) as refused:
            await write(hasty, "a")
        assert refused.value.message == "the ledger is busy: database is locked"
        assert await names(hasty) == []

    await write(hasty, "b")
    assert await names(hasty) == ["b"]


async def test_a_writer_that_holds_on_makes_the_next_one_fail(hasty: Database) -> None:
    async with hasty.transaction():
        with pytest.raises(StoreBusy) as refused:
            async with hasty.transaction():
                pass
    assert refused.value.message == "the ledger is busy: too many wait for it"
    assert (refused.value.code, refused.value.retry_after) == ("OVERLOADED", 1)


async def test_a_full_disk_is_unavailable_and_loses_nothing(hasty: Database) -> None:
    async with hasty.transaction() as transaction:
        await insert(transaction, "a")
        pages = (await transaction.connection.execute(text("PRAGMA page_count"))).scalar_one()
        await transaction.connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    with pytest.raises(StoreUnavailable, match="disk is full"):
        await write(hasty, *(f"{number:0200}" for number in range(1000)))

    assert await names(hasty) == ["a"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Database(f"sqlite:///{tmp_path}/none/gateway.db", clock=clock)

    assert refused.value.message == f"store.url: there is no folder {tmp_path}/none"


async def test_a_file_that_is_no_database_is_unavailable(
    sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    (tmp_path / "gateway.db").write_bytes(b"not a database" * 100)

    database = Database(sqlite_url, clock=clock)
    with pytest.raises(StoreDamaged) as refused:
        await names(database)
    await database.close()

    assert refused.value.message == "the ledger's file is damaged: file is not a database"


async def test_nobody_listening_is_unavailable(tmp_path: Path, clock: Clock) -> None:
    database = Database(f"postgresql://user:s3cret@/db?host={tmp_path}", clock=clock)
    with pytest.raises(StoreUnavailable) as refused:
        await names(database)
    await database.close()

    assert refused.value.message == "the ledger is out of reach: FileNotFoundError"


async def test_an_unknown_database_is_unavailable(postgres_url: str, clock: Clock) -> None:
    database = Database(postgres_url.replace("/test_", "/none_"), clock=clock)
    with pytest.raises(StoreUnavailable) as refused:
        await names(database)
    await database.close()

    assert refused.value.message == "the ledger is out of reach: InvalidCatalogNameError"


async def test_a_killed_postgresql_is_unavailable_until_it_is_back(
    postgres_server: PostgresServer, migrated_postgres_url: str, clock: Clock
) -> None:
    database = Database(migrated_postgres_url, clock=clock)
    await write(database, "a")

    async def write_while_killed() -> None:
        async with database.transaction() as transaction:
            await insert(transaction, "b")
            postgres_server.kill()
            await insert(transaction, "c")

    try:
        with pytest.raises(StoreUnavailable):
            await write_while_killed()
        with pytest.raises(StoreUnavailable):
            await names(database)
    finally:
        postgres_server.start()

    assert await names(database) == ["a"]
    await write(database, "d")
    assert await names(database) == ["a", "d"]
    await database.close()


async def test_a_connection_that_the_server_ended_is_replaced(
    migrated_postgres_url: str, clock: Clock
) -> None:
    database = Database(migrated_postgres_url, clock=clock)
    assert await names(database) == []
    other = Database(migrated_postgres_url, clock=clock)
    await other.fetch(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )

    assert await names(database) == []
    await other.close()
    await database.close()


async def test_a_row_that_another_holds_is_waited_for_no_longer_than_the_lock_timeout(
    migrated_postgres_url: str, clock: Clock
) -> None:
    database = Database(migrated_postgres_url, clock=clock, lock_timeout=HASTY)
    async with database.transaction() as first:
        await insert(first, "a")
        with pytest.raises(StoreBusy, match="the ledger is busy: LockNotAvailableError"):
            await write(database, "a")
    await database.close()


@pytest.mark.parametrize("pool", [pool for pool in ReaderPool if pool is not ReaderPool.REQUESTS])
async def test_a_pool_of_readers_that_is_used_up_does_not_hold_up_the_others(
    pool: ReaderPool, hasty: Database
) -> None:
    await write(hasty, "1")
    slow = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700000)"
        " SELECT count(*) FROM n"
    )
    reading = [asyncio.create_task(hasty.fetch(slow)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(StoreBusy):
        await names(hasty)
    with reading_from(pool):
        # A task inherits it.
        assert await asyncio.create_task(names(hasty)) == ["1"]

    assert [(await one)[0][0] for one in reading] == [700_000] * 2


async def test_reads_of_queries_are_counted_until_they_end(database: Database) -> None:
    async def read(pool: ReaderPool) -> None:
        with reading_from(pool):
            await database.fetch(text("SELECT 1"))

    asked = [asyncio.create_task(read(ReaderPool.REQUESTS)) for _ in range(25)]
    others = [asyncio.create_task(read(ReaderPool.MUTATIONS)) for _ in range(25)]
    await asyncio.sleep(0)
    congested = database.is_congested
    counted = database.reads
    await asyncio.gather(*asked, *others)

    assert (congested, counted, database.is_congested, database.reads) == (True, 25, False, 0)


@pytest.mark.parametrize(("foreign_keys", "store"), [(True, 2), (False, 0)])
async def test_sqlite_undoes_statements_in_memory_but_for_migrations(
    migrated_sqlite_url: str, clock: Clock, *, foreign_keys: bool, store: int
) -> None:
    database = Database(migrated_sqlite_url, clock=clock, foreign_keys=foreign_keys)
    async with database.transaction() as transaction:
        found = await transaction.connection.execute(text("PRAGMA temp_store"))

        assert found.scalar_one() == store
    await database.close()


async def test_transactions_of_callers_that_wait_are_too_much_to_do(hasty: Database) -> None:
    async def wait(lane: WriterLane) -> None:
        async with hasty.transaction(lane=lane):
            pass

    async with hasty.transaction():
        bulk = [asyncio.create_task(wait(WriterLane.BULK)) for _ in range(9)]
        callers = [asyncio.create_task(wait(WriterLane.CALLERS))]
        await asyncio.sleep(0)
        one = hasty.is_congested
        callers.append(asyncio.create_task(wait(WriterLane.CALLERS)))
        await asyncio.sleep(0)
        two = hasty.is_congested
        callers.pop().cancel()
        await asyncio.sleep(0)
        left = hasty.is_congested
    await asyncio.gather(*bulk, *callers, return_exceptions=True)

    assert (one, two, left, hasty.is_congested) == (False, True, False, False)


async def test_a_statement_for_rows_is_executed_for_each_of_them(database: Database) -> None:
    added = database.for_rows(insert_into(counters))
    dropped = database.for_rows(delete(counters).where(counters.c.name == bindparam("of_name")))
    async with database.transaction() as transaction:
        await added.execute(transaction, [{"value": 1, "name": name} for name in "abc"])
        await added.execute(transaction, [])
        await dropped.execute(transaction, [{"of_name": "b", "value": 1}])

    assert await names(database) == ["a", "c"]
