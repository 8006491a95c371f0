"""Order overlays: the last status read of a platform's orders, and which were closed here."""

from collections.abc import Collection
from enum import Enum
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, bindparam, func, or_, select, update

from gateway.store.engine import Database, Transaction
from gateway.store.tables import order_overlays

_c = order_overlays.c
_SEE: Final = (
    update(order_overlays)
    .where(_c.shop == bindparam("in_shop"), _c.platform_id == bindparam("of_id"))
    .values(
        status=bindparam("seen"),
        told=bindparam("is_told"),
        written_at=bindparam("at"),
        changed_at=func.coalesce(bindparam("changed", type_=BigInteger), _c.changed_at),
    )
)
_PAY: Final = (
    update(order_overlays)
    .where(
        _c.shop == bindparam("in_shop"), _c.platform_id == bindparam("of_id"), _c.paid_at.is_(None)
    )
    .values(paid_at=bindparam("paid"))
)
_TIMES: Final = select(_c.platform_id, _c.paid_at, _c.shipped_at, _c.changed_at).where(
    _c.shop == bindparam("in_shop"),
    _c.platform_id.in_(bindparam("ids", expanding=True)),
    or_(_c.paid_at.is_not(None), _c.shipped_at.is_not(None), _c.changed_at.is_not(None)),
)

_CLOSED: Final = select(_c.platform_id).where(
    _c.shop == bindparam("in_shop"), _c.closed_at.is_not(None)
)


class Look(Enum):
    """Why an order was read, which decides what its status means for followers.

    NEWS: an event or a mutation. Followers are told of the status unless they know it.
    POLL: only a status that differs from the recorded one is told.
    FIRST_POLL: so is one of an order without a record, which is recorded silently.
    """

    NEWS = "news"
    POLL = "poll"
    FIRST_POLL = "first poll"


class Sight(NamedTuple):
    """The result of recording a read.

    `newer`: no later read was recorded before. `changed`: a change is to be appended, in the same
    transaction. `status` is the recorded one before, None if there was none or it was the same.
    """

    newer: bool
    changed: bool
    status: str | None


class OrderTimes(NamedTuple):
    """What the gateway knows of an order's times, in unix seconds; None: not known."""

    #: By the platform's event of the payment.
    paid_at: int | None
    #: When it was first shipped here.
    shipped_at: int | None
    #: When the change feed last had a change of it.
    changed_at: int | None


class OrderOverlays:
    """Reads and writes them; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(order_overlays)
        self._close = insert.on_conflict_do_update(
            index_elements=[_c.shop, _c.platform_id],
            set_={"closed_at": insert.excluded.closed_at},
        )
        self._ship = insert.on_conflict_do_update(
            index_elements=[_c.shop, _c.platform_id],
            set_={"shipped_at": func.coalesce(_c.shipped_at, insert.excluded.shipped_at)},
        )
        # Nothing changes, but the row is locked and returned as it was.
        self._lock = insert.on_conflict_do_update(
            index_elements=[_c.shop, _c.platform_id], set_={"written_at": _c.written_at}
        ).returning(_c.status, _c.told, _c.written_at)

    async def see(
        self,
        transaction: Transaction,
        shop: str,
        platform_id: str,
        status: str,
        read_at: float,
        look: Look,
    ) -> Sight:
        """Records the status of an order that was read at that time, in unix seconds.

        An order that was read later keeps the status of that read.
        """
        row = {"shop": shop, "platform_id": platform_id, "written_at": read_at}
        before = (await transaction.connection.execute(self._lock, row)).one()
        if before.written_at > read_at:
            return Sight(newer=False, changed=False, status=None)
        known = before.status == status
        changed = _is_told(look, before.status, status, told=before.told)
        values = {
            "in_shop": shop,
            "of_id": platform_id,
            "seen": status,
            "is_told": changed or (known and before.told),
            "at": read_at,
            "changed": int(transaction.now) if changed else None,
        }
        await transaction.connection.execute(_SEE, values)
        return Sight(newer=True, changed=changed, status=None if known else before.status)

    async def close(self, transaction: Transaction, shop: str, platform_id: str) -> None:
        """Records that an order was closed, now: the platform has no status for it."""
        row = {
            "shop": shop,
            "platform_id": platform_id,
            "closed_at": int(transaction.now),
            "written_at": transaction.now,
        }
        await transaction.connection.execute(self._close, row)

    async def pay(
        self, transaction: Transaction, shop: str, platform_id: str, paid_at: int
    ) -> None:
        """Records when an order was paid that was seen before; the first time stays."""
        values = {"in_shop": shop, "of_id": platform_id, "paid": paid_at}
        await transaction.connection.execute(_PAY, values)

    async def ship(self, transaction: Transaction, shop: str, platform_id: str) -> None:
        """Records that an order was shipped, now; the first time stays."""
        row = {
            "shop": shop,
            "platform_id": platform_id,
            "shipped_at": int(transaction.now),
            "written_at": transaction.now,
        }
        await transaction.connection.execute(self._ship, row)

    async def times(
        self, shop: str, platform_ids: Collection[str], *, within: Transaction | None = None
    ) -> dict[str, OrderTimes]:
        """The times of the orders of which one is known, by platform id."""
        if not platform_ids:
            return {}
        values = {"in_shop": shop, "ids": list(platform_ids)}
        rows = await self._database.fetch(_TIMES, values, within)
        return {
            row.platform_id: OrderTimes(row.paid_at, row.shipped_at, row.changed_at) for row in rows
        }

    async def closed(self, shop: str) -> frozenset[str]:
        """The platform ids of a shop's closed orders."""
        rows = await self._database.fetch(_CLOSED, {"in_shop": shop})
        return frozenset(row.platform_id for row in rows)


def _is_told(look: Look, before: str | None, status: str, *, told: bool) -> bool:
    if before == status:
        return look is Look.NEWS and not told
    return before is not None or look is not Look.FIRST_POLL
