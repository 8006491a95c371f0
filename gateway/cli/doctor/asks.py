"""Ways to ask each shop's platform, without the store and the cache that a server would open."""

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from gateway.cli.doctor.shops import Ask
from gateway.concurrency.clock import Clock
from gateway.runtime import open_resources
from gateway.settings import CacheSettings, Settings, StoreSettings
from gateway.telemetry import Telemetry


@asynccontextmanager
async def asks_of(settings: Settings) -> AsyncIterator[dict[str, Ask]]:
    """By shop, what asks its platform for a token.

    Adapters want a store, though asking for a token needs none: they get an empty one, so that
    what is wrong with the configured one is told once, and nothing is changed in it.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = StoreSettings(
            url=SecretStr(f"sqlite:///{Path(folder) / 'empty.db'}"),
            encryption_key=SecretStr(secrets.token_hex(32)),
        )
        alone = settings.model_copy(update={"store": store, "cache": CacheSettings()})
        async with open_resources(alone, Clock(), Telemetry()) as opened:
            yield {key: adapter.check.credentials for key, adapter in opened.adapters.items()}
