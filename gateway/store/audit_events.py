"""The audit log: who did what, and who read personal data; appended, never changed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row, or_, select
from sqlalchemy.sql import ColumnElement, func, insert

from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection, chosen
from gateway.store.tables import audit_events as table

_ADD: Final = insert(table)
#: Up to so many events are counted.
MOST_COUNTED: Final = 10_000


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event, without personal data.

    Args:
        at: when it happened, in unix seconds.
        actor: the key's name; what is no key has a name that no key can have.
        action: a mutation's field, the fields of a query, or a command.
        shops: keys of the shops that it concerns; empty where it concerns none.
        subject: the public id of what was changed; None for several things or none.
        revealed: how many records with personal data were shown.
        outcome: OK, an error's code, or BEGUN before a platform is called.
        request_id: the id of the request, which the log lines carry too.
        peer: the client's address; None for a command.
    """

    at: float
    actor: str
    action: str
    shops: tuple[str, ...] = ()
    subject: str | None = None
    revealed: int = 0
    outcome: str = "OK"
    request_id: str
    peer: str | None = None


class AuditPosition(NamedTuple):
    """The place of an event in the log: its time, and a random number."""

    at: float
    id: int


@dataclass(frozen=True, slots=True)
class StoredAuditEvent:
    """An event and its place in the log."""

    position: AuditPosition
    entry: AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which events; None means any. Of the shops, an event concerns at least one."""

    actors: Collection[str] | None = None
    actions: Collection[str] | None = None
    shops: Collection[str] | None = None
    #: Unix seconds, both inclusive.
    start: float | None = None
    end: float | None = None


class AuditEvents:
    """Appends and reads the events; every method raises StoreUnavailable."""

    def __init__(self, database: Database, random_bits: Callable[[int], int]) -> None:
        """`random_bits` gives a random number of so many bits: two events may have one time."""
        self._database = database
        self._random_bits = random_bits
        position = (table.c.at, table.c.id)
        self._listing = Listing(database, table, position, (("actor",), ("action",), ()))

    async def append(self, transaction: Transaction, entries: Sequence[AuditEntry]) -> None:
        """Adds the events, in the caller's transaction."""
        if entries:
            await transaction.execute_later(_ADD, [self._row(entry) for entry in entries])

    async def get_many(
        self, positions: Collection[AuditPosition]
    ) -> dict[AuditPosition, StoredAuditEvent]:
        """The events that exist, by their places."""
        if not positions:
            return {}
        # SQLite finds no pair of columns by an index whose first one has fractions.
        places = [(table.c.at == place.at) & (table.c.id == place.id) for place in positions]
        rows = await self._database.fetch(select(table).where(or_(*places)))
        return {event.position: event for event in map(_stored, rows)}

    async def page(
        self, query: AuditQuery, *, after: AuditPosition | None = None, limit: int
    ) -> list[StoredAuditEvent]:
        """At most `limit` events before the place `after`, the newest first."""
        rows = await self._listing.page(_selection(query), after=after, limit=limit)
        return [_stored(row) for row in rows]

    async def count(self, query: AuditQuery) -> int | None:
        """How many events the query matches; None: more than `MOST_COUNTED`."""
        some = select(table.c.at).where(*_conditions(query)).limit(MOST_COUNTED + 1).subquery()
        found = await self._database.fetch(select(func.count()).select_from(some))
        return count if (count := int(found[0][0])) <= MOST_COUNTED else None

    def _row(self, entry: AuditEntry) -> dict[str, Any]:
        return {
            "at": entry.at,
            "id": self._random_bits(63),
            "actor": entry.actor,
            "action": entry.action,
            "shops": f",{','.join(entry.shops)}," if entry.shops else "",
            "subject": entry.subject,
            "revealed": entry.revealed,
            "outcome": entry.outcome,
            "request_id": entry.request_id,
            "peer": entry.peer,
        }


def _selection(query: AuditQuery) -> Selection:
    named = chosen(actor=query.actors, action=query.actions)
    return Selection(named, query.start, query.end, _of_shops(query))


def _of_shops(query: AuditQuery) -> tuple[ColumnElement[bool], ...]:
    if query.shops is None:
        return ()
    named = [table.c.shops.contains(f",{shop},", autoescape=True) for shop in query.shops]
    # Without a shop to look for, nothing matches.
    return (or_(*named) if named else table.c.shops.is_(None),)


def _conditions(query: AuditQuery) -> list[ColumnElement[bool]]:
    conditions = list(_of_shops(query))
    if query.actors is not None:
        conditions.append(table.c.actor.in_(list(query.actors)))
    if query.actions is not None:
        conditions.append(table.c.action.in_(list(query.actions)))
    if query.start is not None:
        conditions.append(table.c.at >= query.start)
    if query.end is not None:
        conditions.append(table.c.at <= query.end)
    return conditions


def _stored(row: Row[Any]) -> StoredAuditEvent:
    entry = AuditEntry(
        at=row.at,
        actor=row.actor,
        action=row.action,
        shops=tuple(row.shops.strip(",").split(",")) if row.shops else (),
        subject=row.subject,
        revealed=row.revealed,
        outcome=row.outcome,
        request_id=row.request_id,
        peer=row.peer,
    )
    return StoredAuditEvent(AuditPosition(row.at, row.id), entry)
