"""`gateway migrate` and `gateway erase`: commands on the store."""

import asyncio
import os
import sys
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from gateway.cli.audit import audit_command
from gateway.concurrency.clock import DAY
from gateway.errors import BadUserInput
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store import migrate
from gateway.store.store import Store, open_ledger

#: Seconds that one statement of a command may take: only its user waits for it.
_STATEMENT_TIMEOUT: Final = 3_600.0


def with_store(arguments: Namespace, work: Callable[[Settings, Store], Awaitable[None]]) -> None:
    """Run `work` on the store of `arguments.config`.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has another version.
        StoreUnavailable: the store cannot be reached.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    asyncio.run(_with_open_store(settings, work))


async def _with_open_store(
    settings: Settings, work: Callable[[Settings, Store], Awaitable[None]]
) -> None:
    async with open_ledger(
        settings.store, time.time, statement_timeout=_STATEMENT_TIMEOUT
    ) as store:
        await work(settings, store)


def run_migrate(arguments: Namespace) -> None:
    """Migrate the configured store.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has a newer version.
        StoreUnavailable: the store cannot be reached or written.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    changed = asyncio.run(_migrate_if_needed(settings))
    sys.stdout.write(f"the store is of this version{'' if changed else ' already'}\n")


async def _migrate_if_needed(settings: Settings) -> bool:
    url = settings.store.url.get_secret_value()
    if not await migrate.needs_migration(url):
        return False
    await migrate.upgrade(url)
    # Only now there is surely a table for the event.
    await _with_open_store(settings, _audit_migration)
    return True


async def _audit_migration(settings: Settings, store: Store) -> None:
    async with store.transaction() as transaction:
        await audit_command(settings, store, transaction, "migrate")


def run_erase(arguments: Namespace) -> None:
    """Erase what `arguments` name.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has another version.
        StoreUnavailable: the store cannot be reached.
        BadUserInput: there is no such shop.
    """
    with_store(arguments, partial(_erase, arguments))


async def _erase(arguments: Namespace, settings: Settings, store: Store) -> None:
    async with store.transaction() as transaction:
        if arguments.what == "older":
            erased = await store.personal.erase_older_than(transaction, arguments.days * DAY)
            await audit_command(settings, store, transaction, "erase older")
        else:
            if arguments.shop not in {shop.key for shop in settings.shops}:
                raise BadUserInput(f"there is no shop {arguments.shop!r}")
            erased = await store.personal.erase_buyer(
                transaction, arguments.shop, arguments.buyer_id
            )
            await audit_command(settings, store, transaction, "erase buyer", shops=[arguments.shop])
    width = max(map(len, erased.rows_by_place))
    for place, rows in erased.rows_by_place.items():
        sys.stdout.write(f"{place:{width}}  {rows}\n")
    sys.stdout.write(f"{erased.rows} rows held personal data; it is erased\n")
    for copy in migrate.copies(settings.store.url.get_secret_value()):
        sys.stdout.write(f"not erased: {copy.name}, a copy made before a migration; delete it\n")
