"""Inbox: events of the platforms, stored before they are acknowledged, then processed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Row, bindparam, exists, func, literal_column, or_, select, update

from gateway.errors import LedgerUnreadable
from gateway.store.crypto import Vault
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.tables import inbox_events

_PENDING: Final = "PENDING"
_DONE: Final = "DONE"
_c = inbox_events.c
#: A literal: the partial indexes of what waits serve no statement with a parameter instead.
_WAITS: Final = _c.state == literal_column("'PENDING'")
_DUE: Final = (
    _WAITS,
    _c.next_attempt_at <= bindparam("at"),
    or_(_c.lease_until.is_(None), _c.lease_until <= bindparam("at")),
)
_IS_DUE: Final = select(exists().where(*_DUE))
_CLAIM: Final = (
    select(inbox_events)
    .where(*_DUE)
    .order_by(_c.next_attempt_at, _c.event_at, _c.event_key)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_OF_EVENT: Final = (_c.shop == bindparam("in_shop"), _c.event_key == bindparam("of_key"))
_LEASE: Final = (
    update(inbox_events)
    .where(*_OF_EVENT)
    .values(
        lease_owner=bindparam("by"),
        lease_until=bindparam("until"),
        attempts=_c.attempts + 1,
    )
)
_SETTLE: Final = (
    update(inbox_events)
    .where(
        *_OF_EVENT,
        _c.lease_owner == bindparam("by"),
        _c.attempts == bindparam("attempt"),
        _WAITS,
    )
    .values(
        state=bindparam("to_state"),
        next_attempt_at=bindparam("next"),
        lease_owner=None,
        lease_until=None,
    )
)
_RELEASE: Final = (
    update(inbox_events)
    .where(_c.lease_owner == bindparam("by"), _WAITS)
    .values(lease_owner=None, lease_until=None)
)
_WAITING: Final = (
    select(func.count()).select_from(inbox_events).where(_c.shop == bindparam("in_shop"), _WAITS)
)
_BACKLOG: Final = (
    select(_c.shop, func.count().label("waiting"), func.min(_c.written_at).label("since"))
    .where(_WAITS)
    .group_by(_c.shop)
)


class EventBody(msgspec.Struct, frozen=True):
    """The content of an event: what it is about, without the buyer.

    An event about an after-sale names the order too, one about a product or a payment nothing else.
    """

    order_id: str | None = None
    partner_app_id: str | None = None
    #: The platform's code, None if the event has none.
    status: str | None = None
    after_sale_id: str | None = None
    product_id: str | None = None
    #: Why the draft of a product was refused; None if it was not.
    draft_refusal: str | None = None
    #: The transaction id of a payment, and the merchant's number and trade number.
    payment: tuple[str | None, str | None, str | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event as received; equal `identity` means the same event, delivered again."""

    shop: str
    kind: str
    identity: tuple[str, ...]
    #: False where the signature does not cover the content.
    trusted: bool
    #: The platform's time, in unix seconds; None: unknown, the time of receipt is used.
    event_at: int | None
    body: EventBody


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEvent:
    """An event leased by one owner."""

    shop: str
    event_key: str
    kind: str
    trusted: bool
    event_at: int
    #: The failure if it was erased, or cannot be decrypted.
    found: EventBody | LedgerUnreadable
    #: Including this one; with the owner it fences writes about it.
    attempt: int
    written_at: float

    @property
    def body(self) -> EventBody:
        """The content; raises LedgerUnreadable if it cannot be read."""
        if isinstance(self.found, LedgerUnreadable):
            raise self.found
        return self.found


class Inbox:
    """Stores, claims and settles events; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._bodies = EncryptedValues(vault, EventBody, column="inbox_events.body")
        self._add = database.insert(inbox_events).on_conflict_do_nothing()

    async def receive(self, transaction: Transaction, event: NewEvent) -> bool:
        """Stores the event; False if it exists already."""
        key = self._vault.stable_id(event.shop, *event.identity).hex()
        row = {
            "shop": event.shop,
            "event_key": key,
            "kind": event.kind,
            "trusted": event.trusted,
            "event_at": int(transaction.now) if event.event_at is None else event.event_at,
            "body": self._bodies.seal(event.body, shop=event.shop, row=key),
            "state": _PENDING,
            "attempts": 0,
            "next_attempt_at": transaction.now,
            "written_at": transaction.now,
        }
        return (await transaction.connection.execute(self._add, row)).rowcount == 1

    async def waiting(self, shop: str) -> int:
        """How many events of the shop are pending."""
        return int((await self._database.fetch(_WAITING, {"in_shop": shop}))[0][0])

    async def backlog(self) -> dict[str, tuple[int, float]]:
        """By shop, how many events are pending, and when the oldest came, in unix seconds."""
        rows = await self._database.fetch(_BACKLOG)
        return {row.shop: (int(row.waiting), float(row.since)) for row in rows}

    async def is_due(self, now: float) -> bool:
        """Whether there may be anything to claim; costs no transaction."""
        return bool((await self._database.fetch(_IS_DUE, {"at": now}))[0][0])

    async def claim(
        self, transaction: Transaction, owner: str, *, lease: float, limit: int
    ) -> list[ClaimedEvent]:
        """At most `limit` due events, leased for so many seconds."""
        values = {"at": transaction.now, "limit": limit}
        rows: Sequence[Row[Any]] = (await transaction.connection.execute(_CLAIM, values)).all()
        for row in rows:
            leased = {
                "in_shop": row.shop,
                "of_key": row.event_key,
                "by": owner,
                "until": transaction.now + lease,
            }
            await transaction.connection.execute(_LEASE, leased)
        return [self._claimed(row) for row in rows]

    async def done(self, transaction: Transaction, owner: str, event: ClaimedEvent) -> bool:
        """Ends an event; False, and nothing is written, if the lease was lost."""
        return await self._settle(transaction, owner, event, _DONE, None)

    async def put_off(
        self, transaction: Transaction, owner: str, event: ClaimedEvent, seconds: float
    ) -> bool:
        """Postpones an event; False, and nothing is written, if the lease was lost."""
        until = transaction.now + seconds
        return await self._settle(transaction, owner, event, _PENDING, until)

    async def release(self, transaction: Transaction, owner: str) -> None:
        """Releases all leases of the owner."""
        await transaction.connection.execute(_RELEASE, {"by": owner})

    async def _settle(
        self,
        transaction: Transaction,
        owner: str,
        event: ClaimedEvent,
        state: str,
        next_attempt_at: float | None,
    ) -> bool:
        values = {
            "in_shop": event.shop,
            "of_key": event.event_key,
            "by": owner,
            "attempt": event.attempt,
            "to_state": state,
            "next": next_attempt_at,
        }
        return (await transaction.connection.execute(_SETTLE, values)).rowcount == 1

    def _claimed(self, row: Row[Any]) -> ClaimedEvent:
        found = self._bodies.attempt(row.body, shop=row.shop, row=row.event_key)
        return ClaimedEvent(
            shop=row.shop,
            event_key=row.event_key,
            kind=row.kind,
            trusted=row.trusted,
            event_at=row.event_at,
            found=LedgerUnreadable("its content was erased") if found is None else found,
            attempt=row.attempts + 1,
            written_at=row.written_at,
        )
