"""`gateway migrate`: brings the store to this version."""

import asyncio
import os
import sys
from argparse import Namespace

from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store import migrate


def run(arguments: Namespace) -> None:
    """Migrate the configured store.

    Raises:
        ConfigurationError: where the configuration is wrong, or the store is of a newer version.
        StoreUnavailable: where the store cannot be reached or written.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    changed = asyncio.run(_migrated(settings.store.url.get_secret_value()))
    sys.stdout.write(f"the store is of this version{'' if changed else ' already'}\n")


async def _migrated(url: str) -> bool:
    if not await migrate.needs_migration(url):
        return False
    await migrate.upgrade(url)
    return True
