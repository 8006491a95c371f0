"""A ledger on SQLite for tests of what is made from it; tests/store tests the ledger itself."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store import migrate
from gateway.store.store import Store

KEY = "5a" * 32
#: When everything is written.
NOW = 1_700_000_000.0


@pytest.fixture(scope="session")
def ledger_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answer a file with the ledger's tables, to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "gateway.db"
    asyncio.run(migrate.upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def ledger(tmp_path: Path, ledger_template: Path) -> AsyncIterator[Store]:
    """Answer an empty ledger, whose clock stands still at NOW."""
    path = tmp_path / "gateway.db"
    shutil.copy(ledger_template, path)
    store = await Store.open(f"sqlite:///{path}", encryption_key=KEY, clock=lambda: NOW)
    yield store
    await store.close()
