"""`gateway migrate` and `gateway erase`: commands on the store."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from gateway.cli.audit import audit_command
from gateway.cli.lazy_command import Arguments
from gateway.cli.progress import ProgressLine
from gateway.concurrency.clock import DAY
from gateway.errors import BadUserInput
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store import migrate
from gateway.store.erasure import Erased
from gateway.store.personal import CACHES_DROPPED_WITHIN, COPIES
from gateway.store.store import Store, open_ledger
from gateway.upstream.cache import erase_shared_answers
from gateway.upstream.shared_store import open_store

#: Seconds that one statement of a command may take: only its user waits for it.
_STATEMENT_TIMEOUT: Final = 3_600.0
_DROPPED: Final = f"dropped by running gateways within {CACHES_DROPPED_WITHIN} s"


def with_store(arguments: Arguments, work: Callable[[Settings, Store], Awaitable[None]]) -> None:
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


def run_migrate(arguments: Arguments) -> None:
    """Migrate the configured store.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has a newer version.
        StoreUnavailable: the store cannot be reached or written.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    sys.stdout.write(f"the store is {asyncio.run(_migrate_if_needed(settings))}\n")


async def _migrate_if_needed(settings: Settings) -> str:
    """Returns what the store is, in words."""
    url = settings.store.url.get_secret_value()
    if not await migrate.needs_migration(url) and not await migrate.lacks_indexes(url):
        if (await migrate.version(url)).is_newer:
            return "of a newer version, whose tables serve this one too"
        return "of this version already"
    line = ProgressLine(time.monotonic)
    try:
        await migrate.upgrade(url, partial(_tell_index, line))
    finally:
        line.end()
    # Only now there is surely a table for the event.
    await _with_open_store(settings, _audit_migration)
    return "of this version"


def _tell_index(line: ProgressLine, name: str, place: int, total: int) -> None:
    if line.on_terminal:
        line.count(f"index {name}", place, total, "indexes")
        return
    sys.stdout.write(f"index {place} of {total}: {name}\n")
    sys.stdout.flush()


async def _audit_migration(settings: Settings, store: Store) -> None:
    async with store.transaction() as transaction:
        await audit_command(settings, store, transaction, "migrate")


def run_erase(arguments: Arguments) -> None:
    """Erase what `arguments` name.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has another version.
        StoreUnavailable: the store cannot be reached.
        BadUserInput: there is no such shop.
    """
    with_store(arguments, partial(_erase, arguments))


async def _erase(arguments: Arguments, settings: Settings, store: Store) -> None:
    try:
        if arguments.action == "older":
            erased = await _erase_older(settings, store, arguments.days * DAY)
        else:
            erased = await _erase_buyer(settings, store, arguments.shop, arguments.buyer_id)
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.stderr.write("What is erased stays erased; run the command again to erase the rest.\n")
        raise
    sys.stdout.write(f"{erased.rows} rows held personal data; it is erased\n")
    for copy in migrate.copies(settings.store.url.get_secret_value()):
        sys.stdout.write(f"not erased: {copy.name}, a copy made before a migration; delete it\n")


async def _erase_older(settings: Settings, store: Store, seconds: float) -> Erased:
    await _audit_erasure(settings, store, "erase older")
    totals = await store.personal.count_older_than(seconds)
    line = ProgressLine(time.monotonic)

    def progress(place: str, rows: int) -> None:
        line.count(place, rows, max(rows, totals[place]), "rows")

    try:
        erased = await store.personal.erase_older_than(seconds, progress)
    finally:
        line.end()
    _show_places(erased.rows_by_place)
    return erased


async def _erase_buyer(settings: Settings, store: Store, shop: str, buyer_id: str) -> Erased:
    if shop not in {one.key for one in settings.shops}:
        raise BadUserInput(f"there is no shop {shop!r}")
    await _audit_erasure(settings, store, "erase buyer", shop)
    # Before the last commit, after which running gateways drop what they have read from it.
    shared = await _erase_shared_answers(settings, shop)
    line = ProgressLine(time.monotonic)
    try:
        erased = await store.personal.erase_buyer(
            shop, buyer_id, lambda place, rows: line.show(f"{place}: {rows} rows")
        )
    finally:
        line.end()
    _show_places({**erased.rows_by_place, **dict(zip(COPIES, (shared, _DROPPED), strict=True))})
    return erased


async def _audit_erasure(settings: Settings, store: Store, action: str, *shops: str) -> None:
    # Before the first row: an interrupted run has its event too.
    async with store.transaction() as transaction:
        await audit_command(settings, store, transaction, action, shops=shops)


async def _erase_shared_answers(settings: Settings, shop: str) -> str:
    """Deletes the platform's answers from Redis; returns what was reached, in words."""
    if settings.cache.is_memory:
        return "not used"
    shared = open_store(settings.cache.url.get_secret_value())
    try:
        deleted = await erase_shared_answers(shared, shop)
    finally:
        await shared.aclose()
    return "not reached: try again" if deleted is None else str(deleted)


def _show_places(reached: Mapping[str, object]) -> None:
    width = max(map(len, reached))
    for place, found in reached.items():
        sys.stdout.write(f"{place:{width}}  {found}\n")
