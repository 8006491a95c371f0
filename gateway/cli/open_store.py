"""The configured store, opened for one command."""

import asyncio
import os
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable

from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store.store import Store, open_ledger


def with_store(arguments: Namespace, work: Callable[[Settings, Store], Awaitable[None]]) -> None:
    """Do some work on the store of `arguments.config`.

    Raises:
        ConfigurationError: where the configuration is wrong, or the store of another version.
        StoreUnavailable: where the store cannot be reached.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    asyncio.run(_run(settings, work))


async def _run(settings: Settings, work: Callable[[Settings, Store], Awaitable[None]]) -> None:
    async with open_ledger(settings.store, time.time) as store:
        await work(settings, store)
