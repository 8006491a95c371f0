"""Indexes that a ledger lacks are built while gateways run; a build that was cut off goes on."""

import asyncio
from collections.abc import Collection

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from gateway.store import migrate
from gateway.store.engine import Database
from gateway.store.indexes import IndexBuilder, declared_indexes, present_indexes
from gateway.store.store import Store
from tests.fixtures_postgres import PostgresServer
from tests.store.conftest import Clock
from tests.store.samples import KEY

_GONE = ("ix_orders_buyer_status", "ix_pushes_due", "ix_pushes_list")


class Told:
    """Keeps what a build tells of its progress."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, int, int]] = []

    def __call__(self, name: str, place: int, total: int) -> None:
        """Keep a line."""
        self.lines.append((name, place, total))


async def drop(url: str, names: Collection[str]) -> None:
    database = Database(url, clock=lambda: 0.0)
    async with database.transaction() as transaction:
        for name in names:
            await transaction.connection.execute(text(f"DROP INDEX {name}"))
    await database.close()


async def present(url: str) -> dict[str, bool]:
    database = Database(url, clock=lambda: 0.0)
    async with database.transaction() as transaction:
        found = await transaction.connection.run_sync(present_indexes)
    await database.close()
    return found


async def build(url: str) -> list[tuple[str, int, int]]:
    told = Told()
    await migrate.upgrade(url, told)
    return told.lines


async def test_what_is_missing_is_built_and_told(empty_url: str) -> None:
    assert await build(empty_url) == []
    await drop(empty_url, _GONE)
    assert await migrate.lacks_indexes(empty_url)

    told = await build(empty_url)

    assert told == [(_GONE[0], 1, 3), (_GONE[1], 2, 3), (_GONE[2], 3, 3)]
    assert not await migrate.lacks_indexes(empty_url)
    assert {str(index.name) for index in declared_indexes()} <= (await present(empty_url)).keys()
    assert await build(empty_url) == []


async def test_a_build_that_was_cut_off_goes_on_with_the_next(empty_url: str) -> None:
    await migrate.upgrade(empty_url)
    await drop(empty_url, _GONE)

    class CutOff(Exception):
        """Ends a build at its second index."""

    def second(_name: str, place: int, _total: int) -> None:
        if place == 2:
            raise CutOff

    with pytest.raises(CutOff):
        await migrate.upgrade(empty_url, second)

    assert [name for name, _, _ in await build(empty_url)] == [_GONE[1], _GONE[2]]


async def test_an_index_that_no_query_uses_is_dropped_and_built(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    await migrate.upgrade(postgres_url)
    # As a build leaves it that was killed: it fails on two equal rows, and the index stays.
    postgres_server.execute(
        "DROP INDEX ix_pushes_list; INSERT INTO counters VALUES ('a', 1), ('b', 1)",
        url=postgres_url,
    )
    with pytest.raises(AssertionError, match="could not create unique index"):
        postgres_server.execute(
            "CREATE UNIQUE INDEX CONCURRENTLY ix_pushes_list ON counters (value)", url=postgres_url
        )
    assert (await present(postgres_url))["ix_pushes_list"] is False

    assert await build(postgres_url) == [("ix_pushes_list", 1, 1)]

    assert (await present(postgres_url))["ix_pushes_list"] is True


async def test_two_builds_at_once_build_each_index_once(empty_url: str) -> None:
    await migrate.upgrade(empty_url)
    await drop(empty_url, _GONE)

    told = await asyncio.gather(build(empty_url), build(empty_url))

    assert not await migrate.lacks_indexes(empty_url)
    assert all(present_or_not for present_or_not in (await present(empty_url)).values())
    assert sum(map(len, told)) >= len(_GONE)


async def test_a_start_on_sqlite_builds_them(migrated_sqlite_url: str, clock: Clock) -> None:
    await drop(migrated_sqlite_url, _GONE)

    store = await Store.open(migrated_sqlite_url, encryption_key=KEY, clock=clock)
    await store.close()

    assert not await migrate.lacks_indexes(migrated_sqlite_url)


async def test_a_start_on_postgresql_goes_on_without_them(postgres_url: str, clock: Clock) -> None:
    await migrate.upgrade(postgres_url)
    await drop(postgres_url, _GONE)

    with capture_logs() as lines:
        store = await Store.open(postgres_url, encryption_key=KEY, clock=clock)
        await store.close()

    assert await migrate.lacks_indexes(postgres_url)
    assert "store.indexes.missing" in [line["event"] for line in lines]


async def test_tables_have_statistics_after_a_build(store_url: str, clock: Clock) -> None:
    await drop(store_url, ["ix_products_shop_status_platform_id"])
    database = Database(store_url, clock=clock)
    async with database.transaction() as transaction:
        await transaction.connection.execute(
            text(
                "INSERT INTO products VALUES ('mini', 'p1', 'ON_SHELF', 'w', '{}', 1, 1, 1),"
                " ('mini', 'p2', 'ON_SHELF', 'w', '{}', 1, 1, 1)"
            )
        )

    await IndexBuilder(database).build()

    found = await database.fetch(
        text("SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_products_shop_status_platform_id'")
        if database.is_sqlite
        else text("SELECT reltuples FROM pg_class WHERE relname = 'products'")
    )
    await database.close()
    assert [row[0] for row in found] == (["2 2 2 1"] if database.is_sqlite else [2.0])


async def test_statistics_of_sqlite_follow_its_rows(migrated_sqlite_url: str, clock: Clock) -> None:
    store = await Store.open(migrated_sqlite_url, encryption_key=KEY, clock=clock)
    database = Database(migrated_sqlite_url, clock=clock)
    async with database.transaction() as transaction:
        await transaction.connection.execute(
            text("INSERT INTO counters (name, value) VALUES ('a', 1), ('b', 1), ('c', 1)")
        )

    await store.gather_statistics()
    await store.close()

    known = await database.fetch(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'counters'"))
    await database.close()
    assert [row.stat for row in known] == ["3 1"]
