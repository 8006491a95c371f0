"""The store is ready where it can be written: not on a full disk, but with a long queue."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from gateway.errors import StoreUnavailable
from gateway.store.engine import Database
from gateway.store.readiness import StoreReadiness
from gateway.store.store import Store
from tests.fixtures_postgres import PostgresServer
from tests.store.conftest import Clock
from tests.store.samples import KEY

#: Writes until no file may grow any more, and says how ready the store was before and after.
_ON_A_FULL_DISK = """
import asyncio, resource, sys, time
from sqlalchemy import make_url, text
from gateway.errors import StoreUnavailable
from gateway.store.store import Store

async def main(url, key):
    store = await Store.open(url, encryption_key=key, clock=time.time)
    await store.ready()
    print("ready")
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in sys.argv[3:]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), most))
        for attempt in range(2):
            try:
                await store.ready()
            except StoreUnavailable as failure:
                print(failure.message)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        await store.ready()
        print("ready")
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


def test_a_store_on_a_full_disk_is_not_ready_until_there_is_room(
    migrated_sqlite_url: str,
) -> None:
    rooms = ("0", "4096", "200000")
    ran = subprocess.run(
        [sys.executable, "-c", _ON_A_FULL_DISK, migrated_sqlite_url, KEY, *rooms],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    full = "the ledger cannot be written: File too large"
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == ["ready", *[full, full, "ready"] * len(rooms)]


async def test_a_database_that_takes_no_writes_is_not_ready(
    store_url: str, clock: Clock, postgres_server: PostgresServer
) -> None:
    store = await Store.open(store_url, encryption_key=KEY, clock=clock)
    if store_url.startswith("sqlite"):
        async with store.transaction() as transaction:
            await transaction.connection.execute(text("PRAGMA query_only = ON"))
    else:
        name = make_url(store_url).database
        postgres_server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        with pytest.raises(StoreUnavailable, match="the ledger cannot be written: "):
            await store.ready()
    finally:
        if not store_url.startswith("sqlite"):
            postgres_server.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await store.close()


async def test_terminated_backends_are_connected_to_again(
    migrated_postgres_url: str, clock: Clock, postgres_server: PostgresServer
) -> None:
    store = await Store.open(migrated_postgres_url, encryption_key=KEY, clock=clock)
    await store.ready()
    postgres_server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gateway'"
    )

    await store.ready()
    await store.close()


async def test_a_server_that_is_gone_is_not_ready_until_it_is_back(
    migrated_postgres_url: str, clock: Clock, postgres_server: PostgresServer
) -> None:
    store = await Store.open(migrated_postgres_url, encryption_key=KEY, clock=clock)
    await store.ready()
    postgres_server.kill()
    try:
        with pytest.raises(StoreUnavailable, match="the ledger is out of reach: "):
            await store.ready()
    finally:
        postgres_server.start()

    await store.ready()
    await store.close()


async def test_a_long_queue_is_ready(store_url: str, clock: Clock) -> None:
    store = await Store.open(store_url, encryption_key=KEY, clock=clock, lock_timeout=0.2)
    writers = 1 if store_url.startswith("sqlite") else 12
    async with AsyncExitStack() as stack:
        for _ in range(writers):
            await stack.enter_async_context(store.transaction())
        for _ in range(3):
            await store.ready()
            clock.now += 9
    await store.ready()
    await store.close()


async def test_a_queue_that_moves_is_ready_however_long_it_is(
    migrated_sqlite_url: str, clock: Clock
) -> None:
    store = await Store.open(migrated_sqlite_url, encryption_key=KEY, clock=clock, lock_timeout=0.1)
    for _ in range(3):
        async with store.transaction():
            await store.ready()
            clock.now += 29
    await store.close()


async def test_a_lock_that_somebody_keeps_is_not_ready_until_it_is_gone(
    migrated_sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    store = await Store.open(migrated_sqlite_url, encryption_key=KEY, clock=clock, lock_timeout=0.1)
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        await store.ready()
        clock.now += 31
        for _ in range(2):
            with pytest.raises(StoreUnavailable) as refused:
                await store.ready()

    assert refused.value.message == "nothing could be written to the ledger for 30 seconds"
    await store.ready()
    await store.close()


async def test_a_check_closes_while_its_write_waits(migrated_sqlite_url: str, clock: Clock) -> None:
    database = Database(migrated_sqlite_url, clock=clock)
    readiness = StoreReadiness(database, "encryption_check", clock)
    async with database.transaction():
        await readiness.check()
        await readiness.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}
    await database.close()
