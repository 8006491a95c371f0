"""SQL statements of the outbox, which claim and settle pushes."""

from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from gateway.store.tables import orders, pushes

_mine = pushes.c
#: A literal, since SQLite uses a partial index only where the statement itself has its condition.
_WAITING: Final[ColumnElement[str]] = literal_column("'PENDING'")
_PENDING: Final = _mine.state == _WAITING
_OF_SHOP: Final = _mine.shop == bindparam("in_shop")
_DUE: Final = _mine.next_attempt_at <= bindparam("at")
#: How many due pushes of an operation one statement looks at: some may not be first in their line.
SCANNED: Final = 1_000


def _is_first(candidate: FromClause) -> ColumnElement[bool]:
    """The first unfinished push of what must go one after the other.

    Only while none of the others is being sent: one that was put back precedes it.
    """
    other = pushes.alias("other")
    return ~exists().where(
        other.c.shop == candidate.c.shop,
        other.c.aggregate == candidate.c.aggregate,
        other.c.state == _WAITING,
        or_(
            other.c.id < candidate.c.id,
            (other.c.id > candidate.c.id) & (other.c.lease_until > bindparam("at")),
        ),
    )


def _is_free(candidate: FromClause) -> ColumnElement[bool]:
    return or_(candidate.c.lease_until.is_(None), candidate.c.lease_until <= bindparam("at"))


def _is_held(candidate: FromClause) -> ColumnElement[bool]:
    """The platform said when to retry.

    Quotes inside of a JSON text are escaped, so that only the field itself looks like this.
    """
    return func.coalesce(candidate.c.last_error, "").contains('"held":true', autoescape=True)


_IS_FIRST: Final = _is_first(pushes)
_FREE: Final = _is_free(pushes)
_HELD: Final = _is_held(pushes)


@cache
def due_operations(operations: tuple[str, ...]) -> CompoundSelect[Any]:
    """Which of these operations have a push whose time has come; reads one row of each.

    Made once: every shop asks each second.
    """
    # In the order of the index: else PostgreSQL may read the table, in the hope to find one soon.
    return union_all(
        *(
            select(literal(operation).label("operation")).where(
                select(_mine.id)
                .where(_OF_SHOP, _mine.operation == operation, _PENDING, _DUE)
                .order_by(_mine.next_attempt_at, _mine.id)
                .limit(1)
                .scalar_subquery()
                .is_not(None)
            )
            for operation in operations
        )
    )


def _scanned() -> Select[Any]:
    """The pushes of an operation after a position, in the order of their times."""
    return (
        select(
            _mine.id,
            _mine.shop,
            _mine.aggregate,
            _mine.next_attempt_at,
            _mine.lease_until,
            _mine.last_error,
        )
        .where(
            _OF_SHOP,
            _mine.operation == bindparam("of_operation"),
            _PENDING,
            _mine.next_attempt_at <= bindparam("until"),
            tuple_(_mine.next_attempt_at, _mine.id)
            > tuple_(bindparam("after_time"), bindparam("after_id")),
        )
        .order_by(_mine.next_attempt_at, _mine.id)
    )


def _claimable() -> Select[Any]:
    found = _scanned().limit(SCANNED).subquery("found")
    # In the order of the rows inside: SQLite would sort all of them before it returns the first.
    return (
        select(found.c.id, found.c.next_attempt_at)
        .where(
            _is_free(found),
            or_(found.c.next_attempt_at <= bindparam("at"), ~_is_held(found)),
            _is_first(found),
        )
        .limit(bindparam("limit"))
    )


CLAIMABLE: Final = _claimable()
#: The last row that CLAIMABLE looks at, if it looks at as many as it may.
SCANNED_TO: Final = _scanned().offset(SCANNED - 1).limit(1)
#: Those of the numbered pushes that nobody else is about to change.
NUMBERED: Final = (
    select(_mine.id, _mine.lease_owner)
    .where(_mine.id.in_(bindparam("ids", expanding=True)), _PENDING, _FREE)
    .with_for_update(skip_locked=True, of=pushes)
)
LEASED: Final = select(pushes).where(_mine.id.in_(bindparam("ids", expanding=True)))
FIRST_OF_LINES: Final = (
    select(pushes)
    .where(
        _OF_SHOP,
        _mine.aggregate.in_(bindparam("aggregates", expanding=True)),
        _PENDING,
        _FREE,
        or_(_DUE, ~_HELD),
        _IS_FIRST,
    )
    .order_by(_mine.next_attempt_at, _mine.id)
    .with_for_update(skip_locked=True, of=pushes)
)
#: PostgreSQL's transactions do not see what others are about to commit: one that begins something
#: in a line locks it to the end. SQLite lets one transaction write at a time.
_LINE: Final = func.hashtextextended(_mine.shop + "/" + _mine.aggregate, bindparam("salt"))
HOLD_LINE: Final = select(func.pg_advisory_xact_lock(_LINE)).where(_mine.id == bindparam("of_id"))
TRY_LINES: Final = select(_mine.id, func.pg_try_advisory_xact_lock(_LINE).label("held")).where(
    _mine.id.in_(bindparam("ids", expanding=True))
)
#: Checked again, by a statement that began after the lines were locked.
LEASE_FREE: Final = (
    update(pushes)
    .where(_mine.id.in_(bindparam("ids", expanding=True)), _PENDING, _FREE, _IS_FIRST)
    .values(
        lease_owner=bindparam("by"),
        lease_until=bindparam("until"),
        attempts=_mine.attempts + 1,
    )
)
LEASE: Final = LEASE_FREE.returning(_mine.id)
#: Only the lease of this attempt: fenced by its owner and its number.
_MINE: Final = (
    (_mine.lease_owner == bindparam("by")) & (_mine.attempts == bindparam("attempt")) & _PENDING
)
DELIVERED: Final = (
    update(pushes)
    .where(_mine.id.in_(bindparam("ids", expanding=True)), _MINE)
    .values(
        state="DELIVERED",
        delivered_at=bindparam("delivered"),
        next_attempt_at=None,
        lease_owner=None,
        lease_until=None,
    )
    .returning(_mine.id)
)
SETTLE: Final = (
    update(pushes)
    .where(_mine.id == bindparam("of_id"), _MINE)
    .values(
        state=bindparam("to_state"),
        delivered_at=bindparam("delivered"),
        next_attempt_at=bindparam("next"),
        last_error=bindparam("error"),
        told=bindparam("error_told"),
        lease_owner=None,
        lease_until=None,
    )
)
_HELD_BY: Final = (
    _mine.id.in_(bindparam("ids", expanding=True))
    & (_mine.lease_owner == bindparam("by"))
    & _PENDING
)
GIVE_BACK: Final = update(pushes).where(_HELD_BY).values(lease_owner=None, lease_until=None)
#: The owner's name stays, as when a lease expires: the answer was not awaited.
END_LEASE: Final = update(pushes).where(_HELD_BY).values(lease_until=bindparam("at"))
RENEW: Final = (
    update(pushes).where(_HELD_BY).values(lease_until=bindparam("until")).returning(_mine.id)
)
_SUPERSEDABLE: Final = (
    _mine.operation.in_(bindparam("operations", expanding=True))
    & _PENDING
    & _mine.lease_owner.is_(None)
    & ~func.coalesce(_mine.last_error, "").contains('"lost":true', autoescape=True)
)
SUPERSEDE: Final = (
    update(pushes)
    .where(
        _mine.shop == bindparam("in_shop"),
        _mine.aggregate == bindparam("in_aggregate"),
        _mine.id != bindparam("but"),
        _SUPERSEDABLE,
    )
    .values(state="SUPERSEDED", next_attempt_at=None, lease_owner=None, lease_until=None)
)
SUPERSEDE_LINES: Final = (
    update(pushes)
    .where(
        _mine.shop == bindparam("in_shop"),
        _mine.aggregate.in_(bindparam("in_aggregates", expanding=True)),
        _SUPERSEDABLE,
    )
    .values(state="SUPERSEDED", next_attempt_at=None, lease_owner=None, lease_until=None)
)
COVERED: Final = select(
    exists().where(
        _mine.shop == bindparam("in_shop"),
        _mine.aggregate == bindparam("in_aggregate"),
        _mine.id > bindparam("behind"),
        _mine.operation.in_(bindparam("operations", expanding=True)),
        _PENDING,
    )
)
#: Lock an order's row before its pushes: another order of locks can deadlock.
LOCK_ORDER: Final = (
    select(orders.c.platform_id)
    .join(pushes, (orders.c.shop == _mine.shop) & (orders.c.platform_id == _mine.order_id))
    .where(_mine.id == bindparam("of_id"))
    .with_for_update(of=orders)
)
LOCK: Final = select(pushes).where(_mine.id == bindparam("of_id")).with_for_update()
PUT_BACK: Final = (
    update(pushes)
    .where(_mine.id == bindparam("of_id"))
    .values(
        state="PENDING",
        payload=bindparam("new_payload"),
        buyer=bindparam("new_buyer"),
        personal=bindparam("new_personal"),
        last_error=bindparam("error"),
        told=bindparam("error_told"),
        queued_at=bindparam("at"),
        next_attempt_at=bindparam("at"),
        lease_owner=None,
        lease_until=None,
    )
)
HOLD: Final = (
    update(pushes)
    .where(_mine.id == bindparam("of_id"))
    .values(next_attempt_at=None, last_error=bindparam("error"), told=bindparam("error_told"))
)
WAITING: Final = (
    select(pushes)
    .where(
        _mine.shop == bindparam("in_shop"),
        _mine.aggregate == bindparam("in_aggregate"),
        _PENDING,
        _mine.next_attempt_at.is_(None),
    )
    .order_by(_mine.id)
    .with_for_update()
)
DISCARD: Final = (
    update(pushes)
    .where(_mine.id == bindparam("of_id"))
    .values(state="DISCARDED", next_attempt_at=None, lease_owner=None, lease_until=None)
)
