"""A gateway's parts over the sample shop, with nothing at work."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.concurrency.clock import Clock
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.settings import Settings
from tests.bulk.exporting import selections
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration


@pytest.fixture
async def opened(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[RuntimeResources]:
    """Answer the parts; nothing is indexed yet."""
    assert serve is not None
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path))
    async with open_resources(settings, Clock(), selections=selections()) as parts:
        yield parts
