"""Webhook deliveries: an outbox of messages for endpoints, in lines of one subject each.

Only the first PENDING delivery of a line has a time of its next attempt: what is due needs no
search past those that wait. So a line changes in transactions that hold the lock of its endpoint
alone (`WebhookEndpoints.lock`), else the next of a line could be added and never become first.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from gateway.store.batches import ExpiryRule
from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection, chosen
from gateway.store.webhook_tables import webhook_deliveries, webhook_endpoints

#: Up to so many deliveries are counted.
MOST_COUNTED: Final = 10_000

_d = webhook_deliveries.c
_other = webhook_deliveries.alias("other")


def pending(deliveries: FromClause) -> ColumnElement[bool]:
    """A literal, since SQLite uses a partial index only where the statement has its condition."""
    return deliveries.c.state == literal_column("'PENDING'")


#: No other PENDING delivery of its line is before it.
WITHOUT_LINE_BEFORE: Final[ColumnElement[bool]] = ~exists().where(
    _other.c.endpoint == _d.endpoint,
    _other.c.subject == _d.subject,
    pending(_other),
    _other.c.id < _d.id,
)
_PENDING: Final = pending(webhook_deliveries)
_DUE: Final = _d.next_attempt_at <= bindparam("at")
_FREE: Final = or_(_d.lease_until.is_(None), _d.lease_until <= bindparam("at"))
_OF_ID: Final = _d.id == bindparam("of_id")
_ADD: Final = insert(webhook_deliveries)
_GET: Final = select(webhook_deliveries).where(_d.id.in_(bindparam("ids", expanding=True)))
_LINES: Final = (
    select(_d.subject)
    .where(
        _d.endpoint == bindparam("of_endpoint"),
        _PENDING,
        _d.subject.in_(bindparam("subjects", expanding=True)),
    )
    .distinct()
)
_HAS_DUE: Final = exists().where(_d.endpoint == webhook_endpoints.c.id, _PENDING, _DUE, _FREE)
_DUE_ENDPOINTS: Final = (
    select(webhook_endpoints.c.id)
    .where(webhook_endpoints.c.enabled.is_(True), _HAS_DUE)
    .order_by(webhook_endpoints.c.id)
)
_CLAIM: Final = (
    select(webhook_deliveries)
    .where(_d.endpoint == bindparam("of_endpoint"), _PENDING, _DUE, _FREE)
    .order_by(_d.next_attempt_at, _d.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_LEASE: Final = (
    update(webhook_deliveries)
    .where(_d.id.in_(bindparam("ids", expanding=True)))
    .values(lease_owner=bindparam("by"), lease_until=bindparam("until"), attempts=_d.attempts + 1)
)
#: Only the lease of this attempt: fenced by its owner and its number.
_MINE: Final = (
    _OF_ID,
    _PENDING,
    _d.lease_owner == bindparam("by"),
    _d.attempts == bindparam("attempt"),
)
_SETTLE: Final = (
    update(webhook_deliveries)
    .where(*_MINE)
    .values(
        state=bindparam("to_state"),
        delivered_at=bindparam("delivered"),
        next_attempt_at=bindparam("next"),
        last_status=bindparam("status"),
        last_error=bindparam("error"),
        lease_owner=None,
        lease_until=None,
    )
)
_GIVE_BACK: Final = (
    update(webhook_deliveries)
    .where(*_MINE)
    .values(attempts=_d.attempts - 1, lease_owner=None, lease_until=None)
)
_FIRST_OF_LINE: Final = (
    select(func.min(_other.c.id))
    .where(
        _other.c.endpoint == bindparam("of_endpoint"),
        _other.c.subject == bindparam("of_subject"),
        pending(_other),
    )
    .scalar_subquery()
)
_RELEASE_NEXT: Final = (
    update(webhook_deliveries)
    .where(_d.id == _FIRST_OF_LINE, _d.next_attempt_at.is_(None))
    .values(next_attempt_at=bindparam("at"))
)
_RETRY: Final = (
    update(webhook_deliveries)
    .where(_OF_ID, _d.state == "DEAD")
    .values(state="PENDING", queued_at=bindparam("at"), next_attempt_at=bindparam("next"))
)
#: In the order of the index, from an endpoint on: for one endpoint alone PostgreSQL would walk all
#: deliveries in the order of their times.
_OLDEST: Final = (
    select(case((_d.endpoint == webhook_endpoints.c.id, _d.queued_at)))
    .where(_d.endpoint >= webhook_endpoints.c.id, _PENDING)
    .order_by(_d.endpoint, _d.queued_at)
    .limit(1)
    .scalar_subquery()
)
_SINCE: Final = (
    select(_OLDEST.label("since"))
    .select_from(webhook_endpoints)
    .where(webhook_endpoints.c.enabled.is_(True))
    .subquery()
)
_OLDEST_PENDING: Final = select(func.min(_SINCE.c.since))
#: What is still to be sent stays, however long it waits behind others.
EXPIRED_DELIVERIES: Final = ExpiryRule(
    name="webhook deliveries",
    table=webhook_deliveries,
    since=_d.queued_at,
    due=or_(
        _d.state != "PENDING",
        ~exists().where(
            webhook_endpoints.c.id == _d.endpoint, webhook_endpoints.c.enabled.is_(True)
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhookDelivery:
    """A message for one endpoint; nothing in it is personal."""

    endpoint: int
    #: A WebhookTopic.
    topic: str
    #: The shop that it concerns; None: several, or none.
    shop: str | None
    #: The public id of what changed: its line. None: it is in no line.
    subject: str | None
    #: JSON, as it is signed and sent.
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWebhookDelivery:
    """A delivery without its body; its times are unix seconds with fractions."""

    id: int
    endpoint: int
    topic: str
    shop: str | None
    subject: str | None
    #: A WebhookDeliveryState.
    state: str
    attempts: int
    queued_at: float
    delivered_at: float | None
    #: None also while it waits for the one before it in its line.
    next_attempt_at: float | None
    #: The HTTP status of the last attempt; None: no answer.
    last_status: int | None
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedWebhookDelivery:
    """A delivery leased to one owner."""

    id: int
    endpoint: int
    topic: str
    shop: str | None
    subject: str | None
    body: str
    queued_at: float
    #: Including this one; with the owner it fences writes about it.
    attempt: int


class WebhookSettlement(NamedTuple):
    """What follows an attempt; `state` is a WebhookDeliveryState, times are unix seconds."""

    state: str
    status: int | None = None
    error: str | None = None
    next_attempt_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeliveryQuery:
    """Which deliveries of which endpoints; None means any."""

    endpoints: Collection[int]
    subject: str | None = None
    states: Collection[str] | None = None


class WebhookDeliveries:
    """Records, claims and settles deliveries; every method raises StoreUnavailable.

    What adds to a line, or ends one of it, needs the lock of its endpoint.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        prefixes = (("subject", "endpoint"), ("endpoint", "state"), ("endpoint",))
        self._listing = Listing(database, webhook_deliveries, (_d.id,), prefixes)

    async def record(
        self, transaction: Transaction, deliveries: Sequence[NewWebhookDelivery]
    ) -> None:
        """Queues deliveries as PENDING, each behind those of its line, in the given order.

        The endpoints must be locked.
        """
        taken = await self._taken_lines(transaction, deliveries)
        rows = []
        for one in deliveries:
            line = (one.endpoint, one.subject)
            waits = one.subject is not None and line in taken
            taken.add(line)
            rows.append(
                {
                    "endpoint": one.endpoint,
                    "topic": one.topic,
                    "shop": one.shop,
                    "subject": one.subject,
                    "body": one.body,
                    "state": "PENDING",
                    "attempts": 0,
                    "queued_at": transaction.now,
                    "next_attempt_at": None if waits else transaction.now,
                }
            )
        if rows:
            await transaction.connection.execute(_ADD, rows)

    async def due_endpoints(self, now: float) -> list[int]:
        """The endpoints that are turned on and have something to claim; costs no transaction."""
        return [row.id for row in await self._database.fetch(_DUE_ENDPOINTS, {"at": now})]

    async def claim(
        self, transaction: Transaction, owner: str, endpoint: int, *, lease: float, limit: int
    ) -> list[ClaimedWebhookDelivery]:
        """At most `limit` due deliveries of an endpoint, each the first of its line.

        Leased for so many seconds; none that another owner holds. The longest due come first.
        """
        values = {"of_endpoint": endpoint, "at": transaction.now, "limit": limit}
        rows = (await transaction.connection.execute(_CLAIM, values)).all()
        if rows:
            ids = [row.id for row in rows]
            held = {"ids": ids, "by": owner, "until": transaction.now + lease}
            await transaction.connection.execute(_LEASE, held)
        return [_claimed(row) for row in rows]

    async def settle(
        self,
        transaction: Transaction,
        owner: str,
        delivery: ClaimedWebhookDelivery,
        settlement: WebhookSettlement,
    ) -> bool:
        """Records an attempt, and lets the next of its line go where it is the last one.

        False, and nothing is written, if the lease was lost. The endpoint must be locked.
        """
        delivered = settlement.state == "DELIVERED"
        values = {
            **_of(delivery, owner),
            "to_state": settlement.state,
            "delivered": transaction.now if delivered else None,
            "next": settlement.next_attempt_at,
            "status": settlement.status,
            "error": settlement.error,
        }
        if (await transaction.connection.execute(_SETTLE, values)).rowcount != 1:
            return False
        if settlement.state != "PENDING" and delivery.subject is not None:
            line = {"of_endpoint": delivery.endpoint, "of_subject": delivery.subject}
            await transaction.connection.execute(_RELEASE_NEXT, line | {"at": transaction.now})
        return True

    async def give_back(
        self, transaction: Transaction, owner: str, delivery: ClaimedWebhookDelivery
    ) -> None:
        """Releases the lease of a delivery of which nothing was sent; it was no attempt."""
        await transaction.connection.execute(_GIVE_BACK, _of(delivery, owner))

    async def retry(self, transaction: Transaction, delivery: StoredWebhookDelivery) -> bool:
        """Queues a dead letter again, with a new lifetime, as the next of its line.

        False: it is not DEAD any more. The endpoint must be locked.
        """
        waits = False
        if delivery.subject is not None:
            line = {"of_endpoint": delivery.endpoint, "subjects": [delivery.subject]}
            waits = bool(await self._database.fetch(_LINES, line, transaction))
        values = {
            "of_id": delivery.id,
            "at": transaction.now,
            "next": None if waits else transaction.now,
        }
        return (await transaction.connection.execute(_RETRY, values)).rowcount == 1

    async def get_many(
        self, ids: Collection[int], *, within: Transaction | None = None
    ) -> dict[int, StoredWebhookDelivery]:
        """The deliveries that exist, by their numbers."""
        if not ids:
            return {}
        rows = await self._database.fetch(_GET, {"ids": list(ids)}, within)
        return {row.id: _stored(row) for row in rows}

    async def page(
        self, query: WebhookDeliveryQuery, *, after: int | None = None, limit: int
    ) -> list[StoredWebhookDelivery]:
        """At most `limit` deliveries before the delivery `after`, the newest first."""
        place = None if after is None else (after,)
        rows = await self._listing.page(_selection(query), after=place, limit=limit)
        return [_stored(row) for row in rows]

    async def count(self, query: WebhookDeliveryQuery) -> int | None:
        """How many deliveries the query matches; None: more than `MOST_COUNTED`."""
        conditions = [
            _d[name].in_(list(given)) for name, given in _selection(query).choices.items()
        ]
        some = select(_d.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
        found = await self._database.fetch(select(func.count()).select_from(some))
        return count if (count := int(found[0][0])) <= MOST_COUNTED else None

    async def oldest_pending(self) -> float | None:
        """When the oldest was queued that waits for an endpoint that is on; None: none waits."""
        since = (await self._database.fetch(_OLDEST_PENDING))[0][0]
        return None if since is None else float(since)

    async def _taken_lines(
        self, transaction: Transaction, deliveries: Sequence[NewWebhookDelivery]
    ) -> set[tuple[int, str | None]]:
        """The lines of these deliveries in which something waits."""
        subjects: defaultdict[int, set[str]] = defaultdict(set)
        for one in deliveries:
            if one.subject is not None:
                subjects[one.endpoint].add(one.subject)
        taken: set[tuple[int, str | None]] = set()
        for endpoint, some in subjects.items():
            line = {"of_endpoint": endpoint, "subjects": sorted(some)}
            rows = await self._database.fetch(_LINES, line, transaction)
            taken |= {(endpoint, row.subject) for row in rows}
        return taken


def _of(delivery: ClaimedWebhookDelivery, owner: str) -> dict[str, Any]:
    return {"of_id": delivery.id, "by": owner, "attempt": delivery.attempt}


def _selection(query: WebhookDeliveryQuery) -> Selection:
    subject = None if query.subject is None else [query.subject]
    return Selection(chosen(endpoint=query.endpoints, subject=subject, state=query.states))


def _claimed(row: Row[Any]) -> ClaimedWebhookDelivery:
    return ClaimedWebhookDelivery(
        id=row.id,
        endpoint=row.endpoint,
        topic=row.topic,
        shop=row.shop,
        subject=row.subject,
        body=row.body,
        queued_at=row.queued_at,
        attempt=row.attempts + 1,
    )


def _stored(row: Row[Any]) -> StoredWebhookDelivery:
    return StoredWebhookDelivery(
        id=row.id,
        endpoint=row.endpoint,
        topic=row.topic,
        shop=row.shop,
        subject=row.subject,
        state=row.state,
        attempts=row.attempts,
        queued_at=row.queued_at,
        delivered_at=row.delivered_at,
        next_attempt_at=row.next_attempt_at,
        last_status=row.last_status,
        last_error=row.last_error,
    )
