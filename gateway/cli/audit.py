"""Audit of the command line: its acts leave events in the transaction of what they do."""

import getpass
import os
from collections.abc import Iterable
from secrets import token_hex

from gateway.settings import Settings
from gateway.store.audit_events import AuditEntry
from gateway.store.engine import Transaction
from gateway.store.store import Store


async def audit_command(
    settings: Settings,
    store: Store,
    transaction: Transaction,
    action: str,
    *,
    shops: Iterable[str] = (),
    subject: str | None = None,
) -> None:
    """Writes in the transaction that a command, such as `erase buyer`, does what it does there.

    Nothing if `audit.enabled` is false. Raises StoreUnavailable.
    """
    if not settings.audit.enabled:
        return
    entry = AuditEntry(
        at=transaction.now,
        actor=f"cli:{_user()}",
        action=f"gateway {action}",
        shops=tuple(shops),
        subject=subject,
        request_id=token_hex(16),
    )
    await store.audit_events.append(transaction, [entry])


def _user() -> str:
    """The name of the system's user, or the number of one without a name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
