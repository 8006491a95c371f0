"""SQL statements of the outbox, which claim and settle pushes."""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from gateway.store.tables import orders, pushes

_mine = pushes.c
_other = pushes.alias("other")
#: A literal: the partial indexes of what waits serve no statement with a parameter instead.
_WAITS: Final[ColumnElement[str]] = literal_column("'PENDING'")
_PENDING: Final = _mine.state == _WAITS
#: Only the first unfinished push of what must go one after the other, and only while none of the
#: others is being sent: one that was put back precedes it.
_IS_FIRST: Final = ~exists().where(
    _other.c.shop == _mine.shop,
    _other.c.aggregate == _mine.aggregate,
    _other.c.state == _WAITS,
    or_(
        _other.c.id < _mine.id,
        (_other.c.id > _mine.id) & (_other.c.lease_until > bindparam("at")),
    ),
)
_FREE: Final[ColumnElement[bool]] = or_(
    _mine.lease_until.is_(None), _mine.lease_until <= bindparam("at")
)
_DUE: Final = _mine.next_attempt_at <= bindparam("at")
#: Quotes inside of a JSON text are escaped, so that only the field itself looks like this.
_HELD: Final = func.coalesce(_mine.last_error, "").contains('"held":true', autoescape=True)


def _first(condition: ColumnElement[bool]) -> Select[Any]:
    """Unleased pushes at the head of their line; rows locked by other replicas are skipped."""
    return (
        select(pushes)
        .where(_PENDING, _FREE, condition, _IS_FIRST)
        .order_by(_mine.next_attempt_at, _mine.id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True, of=pushes)
    )


_OF_SHOP: Final = _mine.shop == bindparam("in_shop")
CLAIM_DUE: Final = _first(_OF_SHOP & _DUE)
CLAIM_NAMED: Final = _first(
    tuple_(_mine.shop, _mine.aggregate).in_(bindparam("lines", expanding=True)) & or_(_DUE, ~_HELD)
)
#: PostgreSQL's transactions do not see what others are about to commit: one that begins something
#: in a line locks it to the end. SQLite lets one transaction write at a time.
_LINE: Final = func.hashtextextended(_mine.shop + "/" + _mine.aggregate, bindparam("salt"))
HOLD_LINE: Final = select(func.pg_advisory_xact_lock(_LINE)).where(_mine.id == bindparam("of_id"))
TRY_LINES: Final = select(_mine.id, func.pg_try_advisory_xact_lock(_LINE).label("held")).where(
    _mine.id.in_(bindparam("ids", expanding=True))
)
#: Checked again, by a statement that began after the lines were locked.
LEASE: Final = (
    update(pushes)
    .where(_mine.id.in_(bindparam("ids", expanding=True)), _IS_FIRST)
    .values(
        lease_owner=bindparam("by"),
        lease_until=bindparam("until"),
        attempts=_mine.attempts + 1,
    )
    .returning(_mine.id)
)
IS_DUE: Final = select(exists().where(_OF_SHOP, _PENDING, _DUE, _FREE, _IS_FIRST))
SETTLE: Final = (
    update(pushes)
    .where(
        _mine.id == bindparam("of_id"),
        _mine.lease_owner == bindparam("by"),
        _mine.attempts == bindparam("attempt"),
        _PENDING,
    )
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
GIVE_BACK: Final = (
    update(pushes)
    .where(
        _mine.lease_owner == bindparam("by"),
        _mine.id.in_(bindparam("ids", expanding=True)),
        _PENDING,
    )
    .values(lease_owner=None, lease_until=None)
)
RELEASE_UNSENT: Final = (
    update(pushes)
    .where(
        _mine.lease_owner == bindparam("by"),
        _mine.id.not_in(bindparam("sent", expanding=True)),
        _PENDING,
    )
    .values(lease_owner=None, lease_until=None)
)
#: The owner's name stays, as when a lease expires: the answer was not awaited.
RELEASE_SENT: Final = (
    update(pushes)
    .where(_mine.lease_owner == bindparam("by"), _PENDING)
    .values(lease_until=bindparam("at"))
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
HASTEN: Final = (
    update(pushes)
    .where(_OF_SHOP, _PENDING, ~_DUE, _FREE, ~_HELD)
    .values(next_attempt_at=bindparam("at"))
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
