"""`gateway keys`: adds, lists and revokes API keys."""

import os
import secrets
import sys
from argparse import Namespace
from datetime import UTC, datetime
from typing import Final

from gateway.auth.key_manager import KeyManager, scopes_named, shops_named
from gateway.auth.keys_file import KeyRecord
from gateway.cli.table import table
from gateway.registry import PLATFORMS
from gateway.settings import Settings

_HEAD: Final = ("NAME", "ID", "CREATED", "REVOKED", "SHOPS", "SCOPES")


def run(arguments: Namespace) -> None:
    """Do what `arguments.action` says.

    Raises:
        ConfigurationError: the configuration or the keys file is invalid.
        BadUserInput: the name, a scope or a shop is invalid.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    book = KeyManager(settings.auth.keys_file, lambda: datetime.now(UTC), secrets.token_bytes)
    if arguments.action == "add":
        _add(book, settings, arguments)
    elif arguments.action == "list":
        sys.stdout.writelines(table(_HEAD, map(_row, book.records())))
    else:
        record = book.revoke(arguments.name)
        sys.stdout.write(f"{record.name} ({record.id}) is revoked; it stops within five seconds\n")


def _add(book: KeyManager, settings: Settings, arguments: Namespace) -> None:
    scopes = scopes_named(arguments.scopes)
    shops = shops_named(arguments.shops, [shop.key for shop in settings.shops])
    key = book.add(arguments.name, scopes, shops)
    # Alone on standard output, so that a script can take it from there.
    sys.stderr.write(f"The key of {arguments.name}, shown this once; keep it safe:\n")
    sys.stdout.write(f"{key.get_secret_value()}\n")


def _row(record: KeyRecord) -> tuple[str, ...]:
    return (
        record.name,
        record.id,
        _day(record.created_at),
        _day(record.revoked_at),
        ",".join(sorted(record.shops)),
        ",".join(sorted(record.scopes)),
    )


def _day(instant: datetime | None) -> str:
    return "-" if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%d")
