"""What the gateway remembers of orders that a platform keeps: the status that it saw last."""

from typing import Final, NamedTuple

from sqlalchemy import bindparam, update

from gateway.store.engine import Database, Transaction
from gateway.store.tables import order_overlays

_c = order_overlays.c
_SEE: Final = (
    update(order_overlays)
    .where(_c.shop == bindparam("in_shop"), _c.platform_id == bindparam("of_id"))
    .values(status=bindparam("seen"), written_at=bindparam("at"))
)


class Sight(NamedTuple):
    """What a look at an order brought: `status` is what was seen before it, None for nothing."""

    newer: bool
    status: str | None


class OrderOverlays:
    """Reads and writes them; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        insert = database.insert(order_overlays)
        # Nothing changes, but the row is locked, and told as it was.
        self._lock = insert.on_conflict_do_update(
            index_elements=[_c.shop, _c.platform_id], set_={"written_at": _c.written_at}
        ).returning(_c.status, _c.written_at)

    async def see(
        self, transaction: Transaction, shop: str, platform_id: str, status: str, read_at: float
    ) -> Sight:
        """Notes the status of an order that was read at that time, in unix seconds.

        An order that somebody has looked at later keeps what was seen then.
        """
        row = {"shop": shop, "platform_id": platform_id, "written_at": read_at}
        before = (await transaction.connection.execute(self._lock, row)).one()
        if before.written_at > read_at:
            return Sight(newer=False, status=before.status)
        values = {"in_shop": shop, "of_id": platform_id, "seen": status, "at": read_at}
        await transaction.connection.execute(_SEE, values)
        return Sight(newer=True, status=before.status)
