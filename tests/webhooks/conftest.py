"""A ledger for tests of webhooks."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.webhooks.worlds import World, world


@pytest.fixture
async def here(tmp_path: Path, ledger_template: Path) -> AsyncIterator[World]:
    """A ledger on SQLite, with one valid key."""
    shutil.copy(ledger_template, tmp_path / "gateway.db")
    async with world(f"sqlite:///{tmp_path / 'gateway.db'}") as opened:
        yield opened
