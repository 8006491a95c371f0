from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.store.sqlite_connection import OneTurnConnection, connect


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[OneTurnConnection]:
    connection = connect(str(file), isolation_level=None)
    async with connection:
        yield connection


async def execute(connection: OneTurnConnection, sql: str) -> list[tuple[object, ...]]:
    cursor = connection.cursor()
    await cursor.execute(sql)
    return list(await cursor.fetchall())


async def test_a_postponed_statement_takes_the_turn_of_the_next_one(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as connection:
        await execute(connection, "CREATE TABLE t (n)")
        with connection.postponing():
            await execute(connection, "INSERT INTO t VALUES (1)")
            await connection.cursor().executemany("INSERT INTO t VALUES (?)", [(2,), (3,)])
        before = connection.total_changes
        found = await execute(connection, "SELECT n FROM t ORDER BY n")

    assert before == 0
    assert found == [(1,), (2,), (3,)]


async def test_a_query_is_never_postponed(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as connection:
        await execute(connection, "CREATE TABLE t (n)")
        with connection.postponing():
            await execute(connection, "INSERT INTO t VALUES (1)")
            found = await execute(connection, "SELECT n FROM t")

        assert found == [(1,)]


async def test_a_commit_executes_what_was_postponed(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    async with opened(file) as connection, opened(file) as reader:
        await execute(connection, "CREATE TABLE t (n)")
        await execute(connection, "BEGIN IMMEDIATE")
        with connection.postponing():
            await execute(connection, "INSERT INTO t VALUES (1)")
        await connection.commit()
        await connection.rollback()

        assert not connection.in_transaction
        assert await execute(reader, "SELECT n FROM t") == [(1,)]


async def test_a_rollback_drops_what_was_postponed(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as connection:
        await execute(connection, "CREATE TABLE t (n)")
        await connection.commit()
        await execute(connection, "BEGIN IMMEDIATE")
        await execute(connection, "INSERT INTO t VALUES (1)")
        with connection.postponing():
            await execute(connection, "INSERT INTO t VALUES (2)")
        await connection.rollback()

        assert not connection.in_transaction
        assert await execute(connection, "SELECT n FROM t") == []
