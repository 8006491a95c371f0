"""Retention: which rows of each table are past their time, and their deletion in batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, bindparam, exists, func, or_

from gateway.concurrency.clock import DAY, Clock
from gateway.store.batches import Batches, ExpiryRule, Guard, Progress
from gateway.store.bulk_operations import BulkOperations
from gateway.store.coordination import LastDone, Leases
from gateway.store.engine import Database, Transaction
from gateway.store.personal import EXCHANGES, PLACES
from gateway.store.tables import (
    HAS_NO_PAYLOAD,
    HAS_PAYLOAD,
    audit_events,
    idempotency_keys,
    inbox_events,
    object_changes,
    order_changes,
    pushes,
)
from gateway.store.webhook_deliveries import EXPIRED_DELIVERIES

#: The name of the lease, and of the last round that was done.
_NAME: Final = "retention"
#: Seconds that a lease lasts; each batch renews it.
_LEASE: Final = 60.0
_NO_LIMIT: Final = 36_500 * DAY
#: Seconds that rows with personal data are kept at the most, whatever the configuration says. The
#: outcome of a mutation is kept for its idempotency key; a day is promised.
_KEPT: Final = {idempotency_keys.name: 2 * DAY}
#: Seconds that a processed event is kept to detect repetitions; platforms repeat for some hours.
_EVENTS: Final = 30 * DAY
#: Seconds that a push keeps what was sent.
_SENT_KEPT: Final = 7 * DAY
#: Pieces of a result that one transaction deletes: each may have a megabyte.
_PIECES: Final = 10

_RESULTS: Final = "results of bulk operations"
_OPERATIONS: Final = "bulk operations"

_p = pushes.c
_other = pushes.alias("other")
#: A push that was put off is delivered long after it was queued.
_ENDED: Final[ColumnElement[bool]] = func.coalesce(_p.delivered_at, _p.queued_at) < bindparam(
    "before"
)
#: What an operator may still have to look at: the pushes of such an order stay together.
_OPEN: Final = exists().where(
    _other.c.shop == _p.shop,
    _other.c.order_id == _p.order_id,
    _other.c.state.in_(("PENDING", "REJECTED", "OUTCOME_UNKNOWN", "DEAD")),
)
CHANGES: Final = ExpiryRule(
    name="changes",
    table=order_changes,
    since=order_changes.c.written_at,
    in_sequence=True,
)
OBJECT_CHANGES: Final = ExpiryRule(
    name="changes of other objects",
    table=object_changes,
    since=object_changes.c.written_at,
    in_sequence=True,
)
SETTLED_EVENTS: Final = ExpiryRule(
    name="settled events",
    table=inbox_events,
    since=inbox_events.c.written_at,
    due=inbox_events.c.state != "PENDING",
)
AUDIT: Final = ExpiryRule(name="audit events", table=audit_events, since=audit_events.c.at)
#: What was sent, of pushes that need nobody any more. One that was discarded may be retried.
_SENT: Final = ExpiryRule(
    name="what pushes sent",
    table=pushes,
    since=_p.queued_at,
    listed=HAS_PAYLOAD,
    due=_p.state.in_(("DELIVERED", "SUPERSEDED")) & _ENDED,
    values={"payload": "", "personal": None, "buyer": None, "told": None},
)
_DISCARDED: Final = ExpiryRule(
    name="discarded pushes",
    table=pushes,
    since=_p.queued_at,
    listed=HAS_PAYLOAD,
    due=(_p.state == "DISCARDED") & ~_OPEN,
)
_DELIVERED: Final = ExpiryRule(
    name="delivered pushes",
    table=pushes,
    since=_p.queued_at,
    listed=HAS_NO_PAYLOAD,
    due=or_(_p.state == "DELIVERED", _p.state == "SUPERSEDED") & _ENDED & ~_OPEN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPeriods:
    """How long each kind of data is kept, in days."""

    personal: int
    changes: int
    pushes: int
    bulk: int
    audit: int


class LeaseLost(Exception):
    """Another process does the work from now on."""


class Retention:
    """Erases and deletes what is past its time; every method raises StoreUnavailable."""

    def __init__(self, database: Database, bulk: BulkOperations, clock: Clock) -> None:
        self._database = database
        self._bulk = bulk
        self._clock = clock
        self._leases = Leases(database)
        self._done = LastDone(database, _NAME)

    async def begin(self, owner: str) -> bool:
        """Whether this process may delete now; False: another one does."""
        async with self._database.transaction() as transaction:
            return await self._leases.take(transaction, _NAME, owner, _LEASE) is not None

    async def end(self, owner: str, done_at: float | None) -> None:
        """Lets others delete; `done_at` is when a round that is done began, in unix seconds."""
        async with self._database.transaction() as transaction:
            await self._leases.release(transaction, _NAME, owner)
            if done_at is not None:
                await self._done.note(transaction, _NAME, done_at)

    async def last_done(self) -> float | None:
        """When the last round that was done began, in any process; None: never."""
        return await self._done.last(_NAME)

    async def overdue(self, periods: RetentionPeriods) -> Mapping[str, float]:
        """For how many seconds the oldest row that should be gone has been past its time.

        By the names of the rules, 0 where there is none; bulk operations are left out.
        """
        now = self._database.now()
        found: dict[str, float] = {}
        for rule, seconds in rules(periods):
            oldest = await rule.oldest(self._database.fetch, now - seconds)
            found[rule.name] = 0.0 if oldest is None else max(0.0, now - seconds - oldest)
        return found

    async def apply(self, rule: ExpiryRule, seconds: float, owner: str, progress: Progress) -> int:
        """Changes the rows of a rule that are older than so many seconds; returns how many.

        Raises LeaseLost.
        """
        before = self._database.now() - seconds
        return await rule.apply(self._batches(owner), before, progress)

    async def expire_bulk(self, periods: RetentionPeriods, owner: str, progress: Progress) -> None:
        """Deletes old results of bulk operations, then the operations.

        What an operation was stays as long as a push. Raises LeaseLost.
        """
        batches = self._batches(owner)
        results = periods.bulk * DAY
        operations = max(periods.bulk, periods.pushes) * DAY
        deleted = 0
        more: int = await self._bulk.has_expired(self._database.now() - results)
        while more:
            async with batches.transaction() as transaction:
                more = await self._bulk.expire_results(transaction, results, _PIECES)
            deleted += more
            progress(_RESULTS, deleted)
        deleted = 0
        more = await self._bulk.has_ended(self._database.now() - operations)
        while more:
            async with batches.transaction() as transaction:
                more = await self._bulk.prune(transaction, operations, batches.size)
            deleted += more
            progress(_OPERATIONS, deleted)

    def _batches(self, owner: str) -> Batches:
        return Batches(self._database, self._clock, self._guard(owner))

    def _guard(self, owner: str) -> Guard:
        async def renew(transaction: Transaction) -> None:
            if await self._leases.take(transaction, _NAME, owner, _LEASE) is None:
                raise LeaseLost

        return renew


def rules(periods: RetentionPeriods) -> Sequence[tuple[ExpiryRule, float]]:
    """Each rule with the seconds that it leaves a row."""
    of_pushes = periods.pushes * DAY
    # A call goes with its push, by which erasure finds it.
    kept = {**_KEPT, EXCHANGES.table.name: min(_SENT_KEPT, of_pushes)}
    return (
        *(
            (place.by_age, min(periods.personal * DAY, kept.get(place.table.name, _NO_LIMIT)))
            for place in PLACES
            if place.by_age is not None
        ),
        (CHANGES, periods.changes * DAY),
        (OBJECT_CHANGES, periods.changes * DAY),
        (EXPIRED_DELIVERIES, periods.changes * DAY),
        (SETTLED_EVENTS, _EVENTS),
        (AUDIT, periods.audit * DAY),
        (_SENT, min(_SENT_KEPT, of_pushes)),
        (_DISCARDED, of_pushes),
        (_DELIVERED, of_pushes),
    )
