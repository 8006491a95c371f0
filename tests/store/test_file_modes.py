"""Nobody but its owner reads the store's files."""

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import KEY, PERSONAL, order


def modes(folder: Path) -> dict[str, int]:
    """The permissions of the files of a folder."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.fixture(autouse=True)
def usual_mask() -> Iterator[None]:
    """Create files that all may read, unless their maker says otherwise."""
    before = os.umask(0o022)
    yield
    os.umask(before)


async def test_a_new_store_and_the_files_beside_it(
    sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    store = await Store.open(sqlite_url, encryption_key=KEY, clock=clock)
    async with store.transaction() as transaction:
        await store.orders.put(transaction, "mini", order("1"), PERSONAL)
    found = modes(tmp_path)
    await store.close()

    assert found == {"gateway.db": 0o600, "gateway.db-wal": 0o600, "gateway.db-shm": 0o600}


async def test_a_store_that_all_could_read(
    migrated_sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    await asyncio.to_thread((tmp_path / "gateway.db").chmod, 0o644)
    store = await Store.open(migrated_sqlite_url, encryption_key=KEY, clock=clock)
    found = modes(tmp_path)
    await store.close()

    assert set(found.values()) == {0o600}
