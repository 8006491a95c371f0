"""`gateway keys`: adds, lists, changes, rotates and revokes API keys."""

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Final

from gateway.auth import RefundLimit
from gateway.auth.key_manager import KeyManager, scopes_named, shops_named
from gateway.auth.keys_file import EVERY_SHOP, KeyRecord
from gateway.cli.audit import audit_command
from gateway.cli.lazy_command import Arguments
from gateway.cli.table import moment, print_table
from gateway.errors import ConfigurationError, StoreUnavailable
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store import migrate
from gateway.store.store import Store, open_ledger
from schema.money import yuan

_HEAD: Final = (
    "NAME",
    "ID",
    "CREATED",
    "EXPIRES",
    "REVOKED",
    "LAST USED",
    "FROM",
    "REFUNDS",
    "SHOPS",
    "SCOPES",
)

#: Changes the keys file; returns the shops of the key, and what to print afterwards.
_Act = Callable[[], tuple[Collection[str], Callable[[], None]]]


def run(arguments: Arguments) -> None:
    """Do what `arguments.action` says.

    Raises:
        ConfigurationError: the configuration or the keys file is invalid.
        BadUserInput: the name, a scope or a shop is invalid.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    book = KeyManager(settings.auth.keys_file, lambda: datetime.now(UTC), secrets.token_bytes)
    if arguments.action == "list":
        records = book.records()
        uses = asyncio.run(_last_uses(settings)) if records else {}
        if arguments.json:
            facts = [_facts(record, uses.get(record.id)) for record in records]
            sys.stdout.write(f"{json.dumps(facts, indent=2)}\n")
        else:
            print_table(_HEAD, [_row(record, uses.get(record.id)) for record in records])
        return
    acts: dict[str, _Act] = {
        "add": partial(_add, book, settings, arguments),
        "rotate": partial(_rotate, book, arguments),
        "scopes": partial(_set_scopes, book, arguments),
        "revoke": partial(_revoke, book, arguments),
    }
    asyncio.run(_audited(settings, arguments, acts[arguments.action]))


def _add(
    book: KeyManager, settings: Settings, arguments: Arguments
) -> tuple[Collection[str], Callable[[], None]]:
    shops = shops_named(arguments.shops, [shop.key for shop in settings.shops])
    key = book.add(
        arguments.name,
        scopes_named(arguments.scopes),
        shops,
        lifetime=arguments.expires,
        networks=arguments.networks,
        refund_limit=RefundLimit(**(arguments.refund_limit or {})),
    )
    told = f"The key of {arguments.name}, shown this once; keep it safe:\n"
    return shops, partial(_show, told, key.get_secret_value())


def _rotate(book: KeyManager, arguments: Arguments) -> tuple[Collection[str], Callable[[], None]]:
    key, old = book.rotate(arguments.name, arguments.overlap, arguments.expires)
    told = (
        f"The new key of {old.name}, shown this once; keep it safe. The old one ({old.id}) works "
        f"until {_moment(old.expires_at)}:\n"
    )
    return old.shops, partial(_show, told, key.get_secret_value())


def _set_scopes(
    book: KeyManager, arguments: Arguments
) -> tuple[Collection[str], Callable[[], None]]:
    record = book.set_scopes(arguments.name, scopes_named(arguments.scopes))
    told = f"{record.name} has {', '.join(sorted(record.scopes))}, within five seconds\n"
    return record.shops, partial(_say, told)


def _revoke(book: KeyManager, arguments: Arguments) -> tuple[Collection[str], Callable[[], None]]:
    records = book.revoke(arguments.name)
    told = "".join(
        f"{record.name} ({record.id}) is revoked; it stops within five seconds\n"
        for record in records
    )
    return records[-1].shops, partial(_say, told)


def _say(told: str) -> None:
    sys.stdout.write(told)


def _show(told: str, key: str) -> None:
    # Alone on standard output, so that a script can take it from there.
    sys.stderr.write(told)
    sys.stdout.write(f"{key}\n")


async def _audited(settings: Settings, arguments: Arguments, act: _Act) -> None:
    """Does an act, and writes it to the audit log if there is a store to write it to.

    The keys file is changed within the transaction of the event: an event that cannot be written
    leaves the file as it was. A store that is out of reach keeps nobody from revoking a key.
    """
    async with AsyncExitStack() as stack:
        lost = "this is not in the audit log"
        store = await _store(settings, stack, lost) if settings.audit.enabled else None
        if store is None:
            _, tell = act()
        else:
            async with store.transaction() as transaction:
                shops, tell = act()
                await audit_command(
                    settings,
                    store,
                    transaction,
                    f"keys {arguments.action}",
                    shops=() if EVERY_SHOP in shops else sorted(shops),
                    subject=arguments.name,
                )
    tell()


async def _last_uses(settings: Settings) -> Mapping[str, float]:
    """The last use of each key, by its id; empty, with a warning, if it is not known."""
    async with AsyncExitStack() as stack:
        store = await _store(settings, stack, "last uses are not known")
        return {} if store is None else await store.key_uses.all()


async def _store(settings: Settings, stack: AsyncExitStack, lost: str) -> Store | None:
    """The store, if there is one of this version; else None, with a warning of what is `lost`.

    A command on keys makes and migrates none: keys are made before the first start.
    """
    file = settings.store.sqlite_file
    if file is not None and not file.exists():
        return None
    try:
        if await migrate.needs_migration(settings.store.url.get_secret_value()):
            reason = "the store is of another version, or empty"
        else:
            return await stack.enter_async_context(open_ledger(settings.store, time.time))
    except (ConfigurationError, StoreUnavailable) as failure:
        reason = failure.message
    sys.stderr.write(f"{lost}: {reason}\n")
    return None


def _row(record: KeyRecord, used: float | None) -> tuple[str, ...]:
    return (
        record.name,
        record.id,
        _day(record.created_at),
        _moment(record.expires_at),
        _day(record.revoked_at),
        "-" if used is None else moment(used),
        ",".join(sorted(record.networks)) or "-",
        _refunds(record),
        ",".join(sorted(record.shops)),
        ",".join(sorted(record.scopes)),
    )


def _facts(record: KeyRecord, used: float | None) -> dict[str, object]:
    times = {
        "createdAt": record.created_at,
        "expiresAt": record.expires_at,
        "revokedAt": record.revoked_at,
    }
    return {
        "name": record.name,
        "id": record.id,
        **{name: None if at is None else moment(at.timestamp()) for name, at in times.items()},
        "lastUsedAt": None if used is None else moment(used),
        "networks": sorted(record.networks),
        "refundPerCall": None if record.refund_per_call is None else yuan(record.refund_per_call),
        "refundPerDay": None if record.refund_per_day is None else yuan(record.refund_per_day),
        "shops": sorted(record.shops),
        "scopes": sorted(record.scopes),
    }


def _refunds(record: KeyRecord) -> str:
    ceilings = (("call", record.refund_per_call), ("day", record.refund_per_day))
    told = [f"{yuan(fen)}/{per}" for per, fen in ceilings if fen is not None]
    return ",".join(told) or "-"


def _day(instant: datetime | None) -> str:
    return "-" if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%d")


def _moment(instant: datetime | None) -> str:
    return "-" if instant is None else moment(instant.timestamp())
