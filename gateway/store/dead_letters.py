"""Dead letters of the inbox: events that were given up, and unreadable messages."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Delete, Row, Select, bindparam, delete, select, update

from gateway.errors import LedgerUnreadable
from gateway.store.crypto import Vault
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.inbox import ClaimedEvent, EventBody
from gateway.store.tables import inbox_events

#: The kind of a message that could not be read.
UNREADABLE: Final = "unreadable"
#: The newest dead letters kept of a shop, of signed and of unsigned messages each.
MOST_EVENTS: Final = 2_000
#: The same, of unreadable messages, each of up to 64 KiB.
MOST_MESSAGES: Final = 200
#: Hexadecimal digits of an event's key that identify it.
_ID_DIGITS: Final = 12

_DEAD: Final = "DEAD"
_COLUMN: Final = "inbox_events.body"
_c = inbox_events.c
_GIVE_UP: Final = (
    update(inbox_events)
    .where(
        _c.shop == bindparam("in_shop"),
        _c.event_key == bindparam("of_key"),
        _c.lease_owner == bindparam("by"),
        _c.attempts == bindparam("attempt"),
        _c.state == "PENDING",
    )
    .values(
        state=_DEAD,
        reason=bindparam("because"),
        dead_at=bindparam("at"),
        next_attempt_at=None,
        lease_owner=None,
        lease_until=None,
    )
)
_LETTER: Final = (
    _c.shop == bindparam("in_shop"),
    _c.event_key == bindparam("of_key"),
    _c.state == _DEAD,
)
# Its retry period starts again.
_REQUEUE: Final = (
    update(inbox_events)
    .where(*_LETTER)
    .values(
        state="PENDING",
        attempts=0,
        next_attempt_at=bindparam("at"),
        written_at=bindparam("at"),
        reason=None,
        dead_at=None,
    )
)
_REMOVE: Final = delete(inbox_events).where(*_LETTER)
_NEWEST_FIRST: Final = (_c.dead_at.desc(), _c.event_key)
_PAGE: Final = (
    select(inbox_events)
    .where(_c.state == _DEAD, _c.shop.in_(bindparam("shops", expanding=True)))
    .order_by(*_NEWEST_FIRST)
    .limit(bindparam("most"))
)
_SHOPS: Final = select(_c.shop).where(_c.state == _DEAD).distinct().order_by(_c.shop)
_FIND: Final = (
    select(inbox_events)
    .where(_c.state == _DEAD, _c.event_key.startswith(bindparam("digits")))
    .order_by(_c.shop, _c.event_key)
    .limit(2)
    .with_for_update()
)


def _of_shop(kind: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    same_trust = _c.trusted == bindparam("signed")
    return (_c.shop == bindparam("in_shop"), _c.state == _DEAD, same_trust, kind)


def _drop(kind: ColumnElement[bool]) -> Delete:
    too_many: Select[Any] = (
        select(_c.event_key)
        .where(*_of_shop(kind))
        .order_by(*_NEWEST_FIRST)
        .offset(bindparam("most"))
    )
    return delete(inbox_events).where(*_of_shop(kind), _c.event_key.in_(too_many))


_DROP_MESSAGES: Final = _drop(_c.kind == UNREADABLE)
_DROP_EVENTS: Final = _drop(_c.kind != UNREADABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A dead letter; its times are unix seconds with fractions."""

    shop: str
    event_key: str
    #: The platform's name of the event, or UNREADABLE.
    kind: str
    #: False where the platform's signature does not cover it.
    trusted: bool
    #: Why it is one; repeats no value of it.
    reason: str
    attempts: int
    received_at: float
    dead_at: float
    #: The event; the message if it is unreadable; the failure if neither can be decrypted.
    found: EventBody | bytes | LedgerUnreadable

    @property
    def id(self) -> str:
        """Its id: the first digits of its key."""
        return self.event_key[:_ID_DIGITS]


@dataclass(frozen=True, slots=True)
class Kept:
    """The result of adding a dead letter: whether it is new, and how many older ones it evicted."""

    new: bool
    dropped: int


class DeadLetters:
    """Keeps, finds and requeues dead letters; every method raises StoreUnavailable.

    They are kept as long as other settled events. Only the newest of each shop are kept, so that
    they cannot fill the store.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._bodies = EncryptedValues(vault, EventBody, column=_COLUMN)
        self._add = database.insert(inbox_events).on_conflict_do_nothing()

    async def keep(
        self, transaction: Transaction, shop: str, message: bytes, *, trusted: bool, reason: str
    ) -> Kept:
        """Stores an unreadable message, once."""
        digest = hashlib.sha256(message).hexdigest()
        key = self._vault.stable_id(shop, UNREADABLE, digest).hex()
        row = {
            "shop": shop,
            "event_key": key,
            "kind": UNREADABLE,
            "trusted": trusted,
            "event_at": int(transaction.now),
            "body": self._vault.seal(message, shop=shop, row=key, column=_COLUMN),
            "state": _DEAD,
            "attempts": 0,
            "written_at": transaction.now,
            "reason": reason,
            "dead_at": transaction.now,
        }
        if (await transaction.connection.execute(self._add, row)).rowcount == 0:
            return Kept(new=False, dropped=0)
        values = {"in_shop": shop, "signed": trusted, "most": MOST_MESSAGES}
        dropped = (await transaction.connection.execute(_DROP_MESSAGES, values)).rowcount
        return Kept(new=True, dropped=dropped)

    async def give_up(
        self, transaction: Transaction, owner: str, event: ClaimedEvent, reason: str
    ) -> Kept:
        """Ends an event as a dead letter; nothing is written if its lease was lost."""
        given_up = {
            "in_shop": event.shop,
            "of_key": event.event_key,
            "by": owner,
            "attempt": event.attempt,
            "because": reason,
            "at": transaction.now,
        }
        if (await transaction.connection.execute(_GIVE_UP, given_up)).rowcount == 0:
            return Kept(new=False, dropped=0)
        values = {"in_shop": event.shop, "signed": event.trusted, "most": MOST_EVENTS}
        dropped = (await transaction.connection.execute(_DROP_EVENTS, values)).rowcount
        return Kept(new=True, dropped=dropped)

    async def shops(self) -> list[str]:
        """The shops that have dead letters, in the order of their keys."""
        return [row.shop for row in await self._database.fetch(_SHOPS)]

    async def page(self, shops: Collection[str], *, limit: int) -> list[DeadLetter]:
        """At most `limit` dead letters of these shops, the latest first."""
        rows = await self._database.fetch(_PAGE, {"shops": list(shops), "most": limit})
        return [self._letter(row) for row in rows]

    async def find(self, transaction: Transaction, digits: str) -> list[DeadLetter]:
        """The dead letters whose keys have this prefix, locked: at most two."""
        result = await transaction.connection.execute(_FIND, {"digits": digits})
        return [self._letter(row) for row in result.all()]

    async def requeue(self, transaction: Transaction, letter: DeadLetter) -> bool:
        """Makes an event PENDING again, due at once; False if it is no longer a dead letter."""
        values = _place(letter) | {"at": transaction.now}
        return (await transaction.connection.execute(_REQUEUE, values)).rowcount == 1

    async def remove(self, transaction: Transaction, letter: DeadLetter) -> bool:
        """Removes a dead letter; False if it is no longer one."""
        return (await transaction.connection.execute(_REMOVE, _place(letter))).rowcount == 1

    def _letter(self, row: Row[Any]) -> DeadLetter:
        return DeadLetter(
            shop=row.shop,
            event_key=row.event_key,
            kind=row.kind,
            trusted=row.trusted,
            reason=row.reason,
            attempts=row.attempts,
            received_at=row.written_at,
            dead_at=row.dead_at,
            found=self._found(row),
        )

    def _found(self, row: Row[Any]) -> EventBody | bytes | LedgerUnreadable:
        if row.body is None:
            return LedgerUnreadable("its content was erased")
        try:
            if row.kind == UNREADABLE:
                place = {"shop": row.shop, "row": row.event_key, "column": _COLUMN}
                return self._vault.unseal(row.body, **place)
            body = self._bodies.unseal(row.body, shop=row.shop, row=row.event_key)
        except LedgerUnreadable as failure:
            return failure
        return body if body is not None else LedgerUnreadable("its content was erased")


def _place(letter: DeadLetter) -> dict[str, object]:
    return {"in_shop": letter.shop, "of_key": letter.event_key}
