"""Which orders were closed here, where the platform has no word for it."""

from typing import Final

from sqlalchemy import bindparam, select

from gateway.store.engine import Database, Transaction
from gateway.store.tables import order_overlays

_CLOSED: Final = select(order_overlays.c.platform_id).where(
    order_overlays.c.shop == bindparam("in_shop"), order_overlays.c.closed_at.is_not(None)
)


class ClosedOrders:
    """Reads and writes them; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(order_overlays)
        self._close = insert.on_conflict_do_update(
            index_elements=[order_overlays.c.shop, order_overlays.c.platform_id],
            set_={"closed_at": insert.excluded.closed_at},
        )

    async def add(self, transaction: Transaction, shop: str, platform_id: str) -> None:
        """Remembers that an order was closed, now."""
        row = {
            "shop": shop,
            "platform_id": platform_id,
            "closed_at": int(transaction.now),
            "written_at": transaction.now,
        }
        await transaction.connection.execute(self._close, row)

    async def of(self, shop: str) -> frozenset[str]:
        """The platform ids of a shop's closed orders."""
        rows = await self._database.fetch(_CLOSED, {"in_shop": shop})
        return frozenset(row.platform_id for row in rows)
