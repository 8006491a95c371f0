"""Audit log of one process: writes events with what they tell of, or in groups."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

import msgspec
import structlog

from gateway.errors import GatewayError
from gateway.logs import installed_lines
from gateway.store.audit_events import AuditEntry
from gateway.store.engine import Transaction
from gateway.store.store import Store
from schema.key import Key

#: Seconds between two groups: what a killed process loses of its reads and refusals.
FLUSH_EVERY: Final = 0.5
#: Events of one transaction.
_GROUP: Final = 2_000
#: Events that wait while the store is out of reach; about 500 bytes each.
MOST_WAITING: Final = 100_000
#: The actor of a refused key; no key can have this name.
UNKNOWN_ACTOR: Final = "(unknown)"
#: The outcome of an event that is written before a platform is called.
_BEGUN: Final = "BEGUN"

_MESSAGE: Final = "An audit event was recorded."

_logger: Final = logging.getLogger(__name__)
_log = structlog.stdlib.get_logger(__name__)


class Origin(msgspec.Struct, frozen=True):
    """Who does something: the key's name, the id of the request, and the client's address."""

    actor: str
    request_id: str
    peer: str | None = None


class AuditLog:
    """Writes events to the store and to the log.

    Args:
        store: returns the open store.
        now: gives unix seconds.
    """

    def __init__(self, store: Callable[[], Store], now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._waiting: list[AuditEntry] = []
        self._writing = asyncio.Lock()
        self._dropped = 0

    def note(
        self,
        origin: Origin,
        action: str,
        *,
        shops: Iterable[str] = (),
        subject: str | None = None,
        revealed: int = 0,
        outcome: str = "OK",
    ) -> None:
        """Adds an event to the next group, which `flush` writes."""
        if len(self._waiting) >= MOST_WAITING:
            self._dropped += 1
            return
        self._waiting.append(
            AuditEntry(
                at=self._now(),
                actor=origin.actor,
                action=action,
                shops=tuple(shops),
                subject=subject,
                revealed=revealed,
                outcome=outcome,
                request_id=origin.request_id,
                peer=origin.peer,
            )
        )

    async def flush(self) -> None:
        """Writes the events that wait, in groups.

        Raises:
            StoreUnavailable: those that were not written wait on.
        """
        async with self._writing:
            while self._waiting:
                group = self._waiting[:_GROUP]
                async with self._store().transaction() as transaction:
                    await self.append(transaction, group)
                del self._waiting[: len(group)]
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            _log.error(
                "audit.events.dropped",
                message="Audit events were dropped: the store was out of reach for too long.",
                events=dropped,
            )

    async def close(self) -> None:
        """Writes the events that wait; those that cannot be written are logged as lost."""
        try:
            await self.flush()
        except GatewayError as failure:
            _log.error(
                "audit.events.not_written",
                message="Audit events were lost: the store cannot be written at the end.",
                events=len(self._waiting),
                reason=failure.message,
            )

    async def append(self, transaction: Transaction, entries: Sequence[AuditEntry]) -> None:
        """Writes events in the transaction of what they tell of; logged once it is committed."""
        await self._store().audit_events.append(transaction, entries)
        transaction.on_commit.append(partial(_stream, entries))

    def field(
        self, origin: Origin, action: str, shops: Sequence[str], subject: str | None
    ) -> "FieldAudit":
        """The audit of one root field of a mutation; `shops` and `subject` are its arguments."""
        return FieldAudit(self, origin, action, shops, subject)

    async def write(self, entry: AuditEntry) -> None:
        """Writes one event in a transaction of its own; raises StoreUnavailable."""
        async with self._store().transaction() as transaction:
            await self.append(transaction, [entry])

    def now(self) -> float:
        """The time in unix seconds."""
        return self._now()


class FieldAudit:
    """The audit of one root field of a mutation.

    What changes the ledger has one event, in the transaction of the change. What asks a platform
    for a change has two: BEGUN, which is committed before the platform is asked, and the outcome.
    What changes nothing has one, in a group.
    """

    def __init__(
        self,
        log: AuditLog,
        origin: Origin,
        action: str,
        shops: Sequence[str],
        subject: str | None,
    ) -> None:
        self._log = log
        self._origin = origin
        self._action = action
        self._shops = tuple(shops)
        self._subject = subject
        self._committed = False
        self._begun: set[str] = set()
        self._beginning = asyncio.Lock()

    async def changing(self, transaction: Transaction, subjects: Sequence[Key]) -> None:
        """Writes the event in the transaction that changes the subjects."""
        entry = self._entry(transaction.now, shops_of(subjects), subject_of(subjects))
        await self._log.append(transaction, [entry])
        transaction.on_commit.append(self._was_committed)

    async def calling(self, shop: str) -> None:
        """Writes BEGUN before the first call of a shop's platform; raises StoreUnavailable."""
        async with self._beginning:
            if shop not in self._begun:
                subject = self._subject if self._shops == (shop,) else None
                await self._log.write(self._entry(self._log.now(), (shop,), subject, _BEGUN))
                self._begun.add(shop)

    def ended(self, outcome: str, subjects: Sequence[Key] = ()) -> None:
        """Notes the outcome, unless it was written with the change."""
        if self._committed:
            return
        shops = shops_of(subjects) or tuple(sorted(self._begun)) or self._shops
        subject = subject_of(subjects) if subjects else self._subject
        self._log.note(self._origin, self._action, shops=shops, subject=subject, outcome=outcome)

    def _was_committed(self) -> None:
        self._committed = True

    def _entry(
        self, at: float, shops: tuple[str, ...], subject: str | None, outcome: str = "OK"
    ) -> AuditEntry:
        origin = self._origin
        return AuditEntry(
            at=at,
            actor=origin.actor,
            action=self._action,
            shops=shops,
            subject=subject,
            outcome=outcome,
            request_id=origin.request_id,
            peer=origin.peer,
        )


def shops_of(subjects: Iterable[Key]) -> tuple[str, ...]:
    """The shops of these things, each once, in order."""
    return tuple(dict.fromkeys(key.shop for key in subjects))


def subject_of(subjects: Sequence[Key]) -> str | None:
    """The public id of the only thing; None for several or none."""
    return subjects[0].encode() if len(subjects) == 1 else None


def _stream(entries: Iterable[AuditEntry]) -> None:
    if not _logger.isEnabledFor(logging.INFO):
        return
    lines = installed_lines()
    for entry in entries:
        facts = msgspec.structs.asdict(entry)
        if lines is None:
            _log.info("audit.event.recorded", message=_MESSAGE, **facts)
        else:
            facts["request_id"] = lines.redact(entry.request_id)
            lines.write(__name__, "audit.event.recorded", _MESSAGE, **facts)
