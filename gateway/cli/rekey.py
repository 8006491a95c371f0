"""`gateway store rekey`: encrypts the store with its present key."""

import sys
import time
from collections.abc import Mapping

from gateway.cli.audit import audit_command
from gateway.cli.lazy_command import Arguments
from gateway.cli.progress import ProgressLine
from gateway.cli.store import with_store
from gateway.errors import ConfigurationError
from gateway.settings import Settings
from gateway.store.store import Store


def run(arguments: Arguments) -> None:
    """Rekey the configured store.

    Raises:
        ConfigurationError: the configuration is invalid, the store has another version, or
            something is left under a former key.
        StoreUnavailable: the store cannot be reached.
    """
    with_store(arguments, _rekey)


async def _rekey(settings: Settings, store: Store) -> None:
    # Before the first row: an interrupted run has its event too.
    async with store.transaction() as transaction:
        await audit_command(settings, store, transaction, "store rekey")
    line = ProgressLine(time.monotonic)
    try:
        report = await store.rekeying.run(
            lambda name, seen, total: line.count(name, seen, total, "rows")
        )
    finally:
        line.end()
    for name, rows in report.rewritten.items():
        sys.stdout.write(f"{name:16}  {rows} rewritten\n")
    for name, rows in report.unreadable.items():
        sys.stdout.write(f"{name:16}  {rows} cannot be decrypted with any of the keys\n")
    left = sum(report.left.values())
    sys.stdout.write(f"{left} rows left under a former key\n")
    if left:
        raise ConfigurationError(_advice(report.left))
    async with store.transaction() as transaction:
        await store.rekeying.finish(transaction)
    sys.stdout.write("the store needs no former key any more\n")


def _advice(left: Mapping[str, int]) -> str:
    places = ", ".join(f"{name} ({rows})" for name, rows in left.items())
    return (
        f"left under a former key: {places}; keep store.former_encryption_keys. Check that all"
        " gateways have the new store.encryption_key, then run this command again. Changes of"
        " orders from before an upgrade are deleted after store.changes_days; put links of buyers"
        " from before it again"
    )
