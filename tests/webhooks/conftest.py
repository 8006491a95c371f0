"""A ledger for tests of webhooks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.webhooks.worlds import World, world


@pytest.fixture
async def here(tmp_path: Path, ledger_template: Path) -> AsyncIterator[World]:
    """A ledger on SQLite, with one valid key."""
    async with world(tmp_path, ledger_template) as opened:
        yield opened
