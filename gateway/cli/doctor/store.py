"""Checks the store: that it can be reached, is of this version, and on what SQLite it stands."""

import sqlite3
import time
from collections.abc import AsyncIterator
from typing import Final

from gateway.cli.doctor.finding import Finding, failed, ok, warning
from gateway.errors import ConfigurationError, StoreUnavailable
from gateway.registry import platform_of
from gateway.settings import Settings
from gateway.store import migrate
from gateway.store.store import open_ledger

_SUBJECT: Final = "store"
#: The WAL-reset bug (sqlite.org/changes.html) is fixed from each of these up to the second.
_MENDED: Final = (((3, 44, 6), (3, 45, 0)), ((3, 50, 7), (3, 51, 0)), ((3, 51, 3), (99, 0, 0)))


async def store_findings(settings: Settings) -> AsyncIterator[Finding]:
    """What there is to say about the configured store; nothing is changed in it."""
    file = settings.store.sqlite_file
    if file is not None:
        yield sqlite_finding(sqlite3.sqlite_version_info, settings.server.workers)
        if not file.parent.is_dir():
            yield failed(_SUBJECT, f"there is no folder {file.parent}", "make it")
            return
        if not file.exists():
            yield ok(_SUBJECT, f"{file} is not there yet; the first start makes it")
            return
    try:
        for finding in await _contents(settings):
            yield finding
    except StoreUnavailable as error:
        yield failed(_SUBJECT, error.message, "check store.url, and that the database runs")
    except ConfigurationError as error:
        yield failed(_SUBJECT, error.message, "see docs/configuration.md")


async def _contents(settings: Settings) -> list[Finding]:
    url = settings.store.url.get_secret_value()
    if await migrate.needs_migration(url):
        if settings.store.sqlite_file is not None:
            later = "is of an older version; the next start migrates it, after a copy"
            return [ok(_SUBJECT, later)]
        return [failed(_SUBJECT, "is of an older version, or empty", "run `gateway migrate`")]
    takes = [shop.key for shop in settings.shops if platform_of(shop).accepts_orders]
    async with open_ledger(settings.store, time.time) as store:
        await store.ready()
        stranded = await store.pushes.stranded(takes)
    return [
        ok(_SUBJECT, "is writable, of this version, and opens with the encryption key"),
        *(_stranded(shop, waiting) for shop, waiting in stranded.items()),
    ]


def _stranded(shop: str, waiting: int) -> Finding:
    return warning(
        _SUBJECT,
        f"pushes for {shop}, which takes none here, wait for ever: {waiting}",
        "configure the shop as it was, or `gateway pushes discard` them",
    )


def sqlite_finding(version: tuple[int, int, int], workers: int) -> Finding:
    """What there is to say about the SQLite that Python came with."""
    name = f"SQLite {'.'.join(map(str, version))}"
    if not any(first <= version < end for first, end in _MENDED):
        return warning(
            _SUBJECT,
            f"{name} can, very rarely, damage a database that several processes write",
            "keep server.workers = 1, or use PostgreSQL, or SQLite from 3.51.3",
        )
    if workers > 1:
        return warning(
            _SUBJECT,
            f"{workers} processes take turns in writing one SQLite file",
            "use PostgreSQL for more than one process",
        )
    return ok(_SUBJECT, name)
