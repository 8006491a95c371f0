import asyncio
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from gateway.errors import ConfigurationError, StoreUnavailable
from gateway.store import migrate, tables
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import KEY, OTHER_KEY, PERSONAL, order


async def test_what_was_written_is_there_after_the_next_start(store_url: str, clock: Clock) -> None:
    for _ in range(2):
        store = await Store.open(store_url, encryption_key=KEY, clock=clock)
        async with store.transaction() as transaction:
            version = await store.orders.put(transaction, "mini", order("42"), PERSONAL)
        await store.close()

    assert version == 2


async def test_another_key_is_refused_at_the_start(store_url: str, clock: Clock) -> None:
    await (await Store.open(store_url, encryption_key=KEY, clock=clock)).close()

    with pytest.raises(ConfigurationError) as refused:
        await Store.open(store_url, encryption_key=OTHER_KEY, clock=clock)

    assert refused.value.message == (
        "store.encryption_key: this store was written with another key; give that one,"
        " name it in store.former_encryption_keys, or give another store.url"
    )
    await (await Store.open(store_url, encryption_key=KEY, clock=clock)).close()


async def test_a_malformed_key_is_refused_before_the_file_is_made(
    sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    with pytest.raises(ConfigurationError, match="expected 32 bytes"):
        await Store.open(sqlite_url, encryption_key="secret", clock=clock)

    assert not (tmp_path / "gateway.db").exists()


async def test_several_processes_may_start_at_once(sqlite_url: str, clock: Clock) -> None:
    stores = await asyncio.gather(
        *(Store.open(sqlite_url, encryption_key=KEY, clock=clock) for _ in range(5))
    )

    for store in stores:
        await store.ready()
        await store.close()


async def test_an_open_store_is_ready(store: Store) -> None:
    await store.ready()


async def test_a_store_that_another_version_migrated_is_not_ready(store: Store) -> None:
    revision = text("UPDATE alembic_version SET version_num = :revision")
    async with store.transaction() as transaction:
        await transaction.connection.execute(revision, {"revision": "9x"})
        await transaction.connection.execute(text("DELETE FROM meta WHERE name = 'serves_from'"))

    with pytest.raises(StoreUnavailable) as refused:
        await store.ready()
    assert refused.value.message == (
        "the ledger has another version's tables: run `gateway migrate`"
    )

    async with store.transaction() as transaction:
        await transaction.connection.execute(revision, {"revision": migrate.head()})
    await store.ready()


async def test_nothing_is_left_open_where_the_start_is_refused(
    store_url: str, clock: Clock
) -> None:
    store = await Store.open(store_url, encryption_key=KEY, clock=clock)
    async with store.transaction() as transaction:
        await transaction.connection.execute(update(tables.meta).values(value=b""))

    for _ in range(3):
        with pytest.raises(ConfigurationError):
            await Store.open(store_url, encryption_key=KEY, clock=clock)

    async with store.transaction() as transaction:
        await transaction.connection.execute(delete(tables.meta))
    await store.close()
    await (await Store.open(store_url, encryption_key=KEY, clock=clock)).close()
