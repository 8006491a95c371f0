"""The audit of the mutation that is running: its event is written with what it changes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol

from gateway.store.engine import Transaction
from schema.key import Key


class MutationAudit(Protocol):
    """Writes the event of one root field of a mutation."""

    async def changing(self, transaction: Transaction, subjects: Sequence[Key]) -> None:
        """Writes the event in the transaction that changes the subjects."""

    async def calling(self, shop: str) -> None:
        """Writes that the shop's platform is about to be asked; raises StoreUnavailable."""


_AUDIT: Final[ContextVar[MutationAudit | None]] = ContextVar("audit", default=None)


@contextmanager
def auditing(audit: MutationAudit) -> Iterator[None]:
    """Within the block, changes are written to the audit log by `audit`."""
    token = _AUDIT.set(audit)
    try:
        yield
    finally:
        _AUDIT.reset(token)


async def audit_change(transaction: Transaction, subjects: Sequence[Key]) -> None:
    """Writes, in the transaction of a change, who made it; nothing outside of a mutation.

    The subjects are named by their public ids; an event of several names their shops alone.
    """
    audit = _AUDIT.get()
    if audit is not None:
        await audit.changing(transaction, subjects)


async def audit_call(shop: str) -> None:
    """Writes, before the platform of a shop is asked for a change, who asks for it.

    Nothing outside of a mutation.

    Raises:
        StoreUnavailable: it cannot be written, so the platform must not be asked.
    """
    audit = _AUDIT.get()
    if audit is not None:
        await audit.calling(shop)
