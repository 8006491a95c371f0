"""A gateway's parts over the sample shop, with nothing at work."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.concurrency.clock import Clock
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.settings import Settings
from tests.bulk.exporting import selections
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import configuration


@pytest.fixture
async def opened(
    sandbox: Sandbox, seeded_ledger: tuple[Path, int], tmp_path: Path
) -> AsyncIterator[RuntimeResources]:
    """Answer the parts; nothing is indexed yet."""
    ledger, now = seeded_ledger
    sandbox.reset(now=now)
    shutil.copy(ledger, tmp_path / "gateway.db")
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path))
    async with open_resources(settings, Clock(), selections=selections()) as parts:
        yield parts
