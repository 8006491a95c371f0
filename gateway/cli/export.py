"""`gateway export`: writes out what is held of a person, or objects of the ledger."""

import os
import sys
from functools import partial
from importlib import import_module
from typing import Final

import orjson

from gateway.cli.audit import audit_command
from gateway.cli.lazy_command import Arguments
from gateway.cli.store import with_store
from gateway.errors import BadUserInput
from gateway.settings import Settings
from gateway.store.personal_export import export_buyer
from gateway.store.store import Store

_OWNER_ONLY: Final = 0o600


def run(arguments: Arguments) -> None:
    """Write the rows of a buyer, or objects of the ledger, as JSON lines.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has another version.
        StoreUnavailable: the store cannot be reached.
        BadUserInput: there is no such shop, or no such field.
        OSError: the file exists, or cannot be written.
    """
    if arguments.action != "buyer":
        # Loads the whole schema.
        import_module("gateway.cli.export_objects").run(arguments)
        return
    with_store(arguments, partial(_export, arguments))


async def _export(arguments: Arguments, settings: Settings, store: Store) -> None:
    shop = arguments.shop
    if shop not in {one.key for one in settings.shops}:
        raise BadUserInput(f"there is no shop {shop!r}")
    # A file that is there keeps its content and its mode.
    file = os.open(arguments.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(file, "wb") as out:
        async with store.transaction() as transaction:
            places = await export_buyer(transaction, store.vault, shop, arguments.buyer_id)
            await audit_command(settings, store, transaction, "export buyer", shops=[shop])
        for rows in places.values():
            out.writelines(orjson.dumps(row) + b"\n" for row in rows)
    width = max(map(len, places))
    for place, rows in places.items():
        sys.stdout.write(f"{place:{width}}  {len(rows)}\n")
    total = sum(map(len, places.values()))
    sys.stdout.write(f"{total} rows written to {arguments.out}\n")
