"""Orders of partner stores, known only from the platform's events."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, bindparam, case, select

from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection
from gateway.store.tables import partner_orders

_GET: Final = select(partner_orders).where(
    partner_orders.c.shop == bindparam("in_shop"),
    partner_orders.c.app_id == bindparam("of_app"),
    partner_orders.c.order_id == bindparam("of_order"),
)


@dataclass(frozen=True, slots=True)
class PartnerOrder:
    """A partner store's order; its contents are read from the platform."""

    shop: str
    #: The app id of the store that sold it.
    app_id: str
    order_id: str
    #: The event's time, in place of the order's own.
    event_at: int


class PartnerOrderPosition(NamedTuple):
    """Where a page of partner orders ended."""

    event_at: int
    order_id: str
    app_id: str = ""


class PartnerOrders:
    """Reads and writes the announcements; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        columns = partner_orders.c
        position = (columns.event_at, columns.order_id, columns.app_id)
        self._listing = Listing(database, partner_orders, position, (("shop",),))
        insert = database.insert(partner_orders)
        earlier = case(
            (insert.excluded.event_at < columns.event_at, insert.excluded.event_at),
            else_=columns.event_at,
        )
        self._announce = insert.on_conflict_do_update(
            index_elements=[columns.shop, columns.app_id, columns.order_id],
            set_={"event_at": earlier},
        )

    async def announce(self, transaction: Transaction, order: PartnerOrder) -> None:
        """Records that the order exists, with the time of its earliest event."""
        row = {
            "shop": order.shop,
            "app_id": order.app_id,
            "order_id": order.order_id,
            "event_at": order.event_at,
            "written_at": transaction.now,
        }
        await transaction.connection.execute(self._announce, row)

    async def get(self, shop: str, app_id: str, order_id: str) -> PartnerOrder | None:
        """The announcement, None if there is none."""
        values = {"in_shop": shop, "of_app": app_id, "of_order": order_id}
        rows = await self._database.fetch(_GET, values)
        return _announced(rows[0]) if rows else None

    async def page(
        self,
        shop: str,
        *,
        announced_from: int | None = None,
        announced_to: int | None = None,
        after: PartnerOrderPosition | None = None,
        limit: int,
    ) -> list[PartnerOrder]:
        """At most `limit` orders that follow `after`, newest first; the time range is inclusive."""
        selection = Selection({"shop": [shop]}, announced_from, announced_to)
        rows = await self._listing.page(selection, after=after, limit=limit)
        return [_announced(row) for row in rows]


def _announced(row: Row[Any]) -> PartnerOrder:
    return PartnerOrder(row.shop, row.app_id, row.order_id, row.event_at)
