"""What failures of the two databases mean: out of reach, busy, past a limit, full, damaged."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import exc, text
from structlog.testing import capture_logs

from gateway.errors import (
    BadUserInput,
    GatewayError,
    StoreBusy,
    StoreDamaged,
    StoreTimeout,
    StoreUnavailable,
)
from gateway.store.engine import Database
from gateway.store.failures import connecting, store_failures
from gateway.store.store import Store
from tests.fixtures_postgres import PostgresServer
from tests.store.conftest import Clock
from tests.store.samples import KEY

UNREACHABLE = "check store.url, and that the database runs"


def sqlite_error(code: int, said: str = "words") -> exc.DBAPIError:
    cause = sqlite3.OperationalError(said)
    cause.sqlite_errorcode = code
    return exc.OperationalError("SELECT :secret", {"secret": "s3cret"}, cause)


def postgres_error(state: str) -> exc.DBAPIError:
    cause = asyncpg.PostgresError("relation of s3cret")
    cause.sqlstate = state
    return exc.DBAPIError("SELECT :secret", {"secret": "s3cret"}, cause)


TOLD: list[tuple[BaseException, type[GatewayError], str, str]] = [
    (sqlite_error(sqlite3.SQLITE_BUSY), StoreBusy, "OVERLOADED", "the ledger is busy: words"),
    (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), StoreBusy, "OVERLOADED", "the ledger is busy"),
    (sqlite_error(sqlite3.SQLITE_LOCKED), StoreBusy, "OVERLOADED", "the ledger is busy"),
    (
        sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full"),
        StoreUnavailable,
        "STORE_UNAVAILABLE",
        "the ledger cannot be written: database or disk is full",
    ),
    (
        sqlite_error(sqlite3.SQLITE_IOERR_WRITE, "disk I/O error"),
        StoreUnavailable,
        "STORE_UNAVAILABLE",
        "the ledger cannot be read or written: disk I/O error",
    ),
    (
        sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED),
        StoreUnavailable,
        "STORE_UNAVAILABLE",
        "the ledger cannot be written",
    ),
    (
        sqlite_error(sqlite3.SQLITE_CANTOPEN),
        StoreUnavailable,
        "STORE_UNAVAILABLE",
        "the ledger is out of reach",
    ),
    (
        sqlite_error(sqlite3.SQLITE_CORRUPT_INDEX),
        StoreDamaged,
        "STORE_UNAVAILABLE",
        "the ledger's file is damaged: words",
    ),
    (sqlite_error(sqlite3.SQLITE_NOTADB), StoreDamaged, "STORE_UNAVAILABLE", "file is damaged"),
    (sqlite_error(sqlite3.SQLITE_TOOBIG), BadUserInput, "BAD_USER_INPUT", "ask for less"),
    (postgres_error("57P01"), StoreUnavailable, "STORE_UNAVAILABLE", "the ledger is out of reach"),
    (postgres_error("53300"), StoreUnavailable, "STORE_UNAVAILABLE", "the ledger is out of reach"),
    (postgres_error("28P01"), StoreUnavailable, "STORE_UNAVAILABLE", "the ledger is out of reach"),
    (postgres_error("55P03"), StoreBusy, "OVERLOADED", "the ledger is busy"),
    (postgres_error("40P01"), StoreBusy, "OVERLOADED", "the ledger is busy"),
    (postgres_error("40001"), StoreBusy, "OVERLOADED", "the ledger is busy"),
    (postgres_error("57014"), StoreTimeout, "TIMEOUT", "a statement took longer"),
    (
        postgres_error("25006"),
        StoreUnavailable,
        "STORE_UNAVAILABLE",
        "the ledger cannot be written",
    ),
    (
        postgres_error("53100"),
        StoreUnavailable,
        "STORE_UNAVAILABLE",
        "the ledger cannot be written",
    ),
    (postgres_error("54001"), BadUserInput, "BAD_USER_INPUT", "ask for less"),
    (postgres_error("22021"), BadUserInput, "BAD_USER_INPUT", "an id holds a NUL character"),
    (postgres_error("XX001"), StoreDamaged, "STORE_UNAVAILABLE", "the ledger is damaged"),
    (
        sqlite_error(sqlite3.SQLITE_ERROR, "no such column: orders.fen"),
        StoreUnavailable,
        "STORE_UNAVAILABLE",
        "another version's tables",
    ),
    (
        postgres_error("42703"),
        StoreUnavailable,
        "STORE_UNAVAILABLE",
        "another version's tables",
    ),
    (exc.TimeoutError(), StoreBusy, "OVERLOADED", "the ledger is busy: too many wait for it"),
    (TimeoutError(), StoreTimeout, "TIMEOUT", "a statement took longer"),
    (
        ConnectionRefusedError("10.0.0.1"),
        StoreUnavailable,
        "STORE_UNAVAILABLE",
        "the ledger is out of reach: ConnectionRefusedError",
    ),
]


@pytest.mark.parametrize(("raised", "kind", "code", "message"), TOLD)
def test_each_failure_says_what_it_is(
    raised: BaseException, kind: type[GatewayError], code: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "gateway.db"
    with pytest.raises(GatewayError) as refused, store_failures(file):
        raise raised

    assert (type(refused.value), refused.value.code) == (kind, code)
    assert message in refused.value.message
    assert "s3cret" not in refused.value.message
    assert "10.0.0.1" not in refused.value.message
    assert str(tmp_path) not in refused.value.message
    if isinstance(refused.value, StoreUnavailable) and "out of reach" not in message:
        assert refused.value.remedy != UNREACHABLE


@pytest.mark.parametrize(
    "raised",
    [
        sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE),
        sqlite_error(sqlite3.SQLITE_ERROR, 'near "SELEC": syntax error'),
        sqlite_error(sqlite3.SQLITE_MISUSE),
        postgres_error("23505"),
        postgres_error("42601"),
        postgres_error("22003"),
    ],
)
def test_a_mistake_of_the_gateway_passes_as_it_is(raised: exc.DBAPIError) -> None:
    with pytest.raises(exc.DBAPIError) as passed, store_failures():
        raise raised

    assert passed.value is raised


def test_a_database_that_does_not_answer_is_out_of_reach() -> None:
    with pytest.raises(StoreUnavailable) as refused, store_failures(), connecting():
        raise TimeoutError

    assert type(refused.value) is StoreUnavailable
    assert refused.value.remedy == UNREACHABLE


@pytest.fixture
async def sqlite(sqlite_url: str, clock: Clock) -> AsyncIterator[Database]:
    database = Database(sqlite_url, clock=clock)
    yield database
    await database.close()


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (f"SELECT 1 WHERE 1 IN ({','.join('?' * 300_000)})", tuple(range(300_000))),
        ("SELECT 'a' LIKE ?", ("%a" * 40_000,)),
        (f"SELECT 1 WHERE {' OR '.join(['1=2'] * 2_000)}", ()),
        ("SELECT zeroblob(2000000000)", ()),
    ],
    ids=["variables", "pattern", "depth", "size"],
)
async def test_more_than_sqlite_takes_is_a_limit_of_ours(
    sqlite: Database, statement: str, values: tuple[object, ...]
) -> None:
    with pytest.raises(BadUserInput, match="ask for less"):
        async with sqlite.transaction() as transaction:
            await transaction.connection.exec_driver_sql(statement, values)


async def test_more_than_postgresql_takes_is_a_limit_of_ours(
    migrated_postgres_url: str, clock: Clock
) -> None:
    database = Database(migrated_postgres_url, clock=clock)
    names = ",".join(f"${number}" for number in range(1, 40_001))

    with pytest.raises(BadUserInput, match="ask for less"):
        async with database.transaction() as transaction:
            await transaction.connection.exec_driver_sql(
                f"SELECT 1 WHERE '1' IN ({names})", ("1",) * 40_000
            )
    await database.close()


@pytest.mark.parametrize(
    "statement", ["SELECT pg_sleep(30)", "SELECT pg_cancel_backend(pg_backend_pid())"]
)
async def test_a_statement_that_takes_too_long_is_a_timeout(
    migrated_postgres_url: str, clock: Clock, statement: str
) -> None:
    database = Database(migrated_postgres_url, clock=clock, statement_timeout=0.2)

    with pytest.raises(StoreTimeout, match="longer than the gateway lets one take"):
        await database.fetch(text(statement))
    await database.close()


async def test_a_terminated_backend_is_out_of_reach_for_one_statement(
    postgres_server: PostgresServer, migrated_postgres_url: str, clock: Clock
) -> None:
    database = Database(migrated_postgres_url, clock=clock)
    async with database.transaction() as transaction:
        pid = (await transaction.connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        postgres_server.execute(f"SELECT pg_terminate_backend({pid})", url=migrated_postgres_url)
        with pytest.raises(StoreUnavailable) as refused:
            await database.fetch(text("SELECT 1"), within=transaction)
        assert type(refused.value) is StoreUnavailable
        assert refused.value.remedy == UNREACHABLE
        await transaction.connection.invalidate()
        await transaction.connection.rollback()
    assert len(await database.fetch(text("SELECT 1"))) == 1
    await database.close()


async def test_writers_that_wait_too_long_are_too_many(store_url: str, clock: Clock) -> None:
    database = Database(store_url, clock=clock, lock_timeout=0.2)
    everything = 1 if database.is_sqlite else 12
    async with asyncio.TaskGroup() as group:
        started = asyncio.Semaphore(0)
        go_on = asyncio.Event()

        async def hold() -> None:
            async with database.transaction():
                started.release()
                await go_on.wait()

        for _ in range(everything):
            group.create_task(hold())
        for _ in range(everything):
            await started.acquire()
        with pytest.raises(StoreBusy, match="too many wait for it"):
            async with database.transaction():
                pass
        go_on.set()
    await database.close()


def _cut_short(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2 // 4096 * 4096)


def _overwritten(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xa5" * (file.stat().st_size - 4096))


def _other_file(file: Path) -> None:
    file.write_bytes(b"<html>not found</html>" * 1_000)


@pytest.mark.parametrize("damage", [_cut_short, _overwritten, _other_file])
async def test_a_damaged_file_names_the_damage_the_copy_and_the_way_back(
    migrated_sqlite_url: str, tmp_path: Path, clock: Clock, damage: Callable[[Path], None]
) -> None:
    file, older, copy = (
        tmp_path / name
        for name in ("gateway.db", "gateway.db.before-0001", "gateway.db.before-0002")
    )
    for path in (older, copy):
        path.write_bytes(file.read_bytes())
    (tmp_path / "gateway.db.before-0007.unfinished").touch()
    damage(file)

    async def read_all() -> None:
        store = await Store.open(migrated_sqlite_url, encryption_key=KEY, clock=clock)
        try:
            await store.check_file()
        finally:
            await store.close()

    with capture_logs() as logged, pytest.raises(StoreDamaged) as refused:
        await read_all()

    assert refused.value.message.startswith("the ledger's file is damaged: ")
    assert str(tmp_path) not in refused.value.message
    remedy = refused.value.remedy
    assert remedy is not None
    assert f"keep {file}; the last copy beside it is {copy}; restore that" in remedy
    assert "docs/operations.md, A damaged store" in remedy
    assert all(line["event"] == "store.database.damaged" for line in logged)


async def test_a_damaged_file_without_a_copy_says_so(
    migrated_sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    _other_file(tmp_path / "gateway.db")
    database = Database(migrated_sqlite_url, clock=clock)

    with capture_logs() as logged:
        for _ in range(3):
            with pytest.raises(StoreDamaged) as refused:
                await database.fetch(text("SELECT 1 FROM meta"))
    await database.close()

    assert "there is no copy beside it" in str(refused.value.remedy)
    # Once, however often it is read.
    assert [(line["event"], line["log_level"]) for line in logged] == [
        ("store.database.damaged", "critical")
    ]
    assert logged[0]["remedy"] == refused.value.remedy


async def test_a_sound_file_passes_its_check(store: Store) -> None:
    await store.check_file()
