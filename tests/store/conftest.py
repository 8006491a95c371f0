"""A ledger on each of the two databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store import migrate
from gateway.store.store import Store
from tests.store.samples import KEY, NOW


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        """Answer the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'gateway.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """Answer the URL of an empty database, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store_url(empty_url: str) -> str:
    """Answer the URL of a database with the ledger's tables."""
    await migrate.upgrade(empty_url)
    return empty_url


@pytest.fixture
async def store(store_url: str, clock: Clock) -> AsyncIterator[Store]:
    store = await Store.open(store_url, encryption_key=KEY, clock=clock)
    yield store
    await store.close()
