"""What the ledger has and the index lacks, in the order in which it was written."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, bindparam, null, select, tuple_

from gateway.store.engine import Database
from gateway.store.index_tables import index_orders, index_products
from gateway.store.tables import orders, products

#: Rows of the ledger that one statement compares with the index.
_COMPARED: Final = 500
_AFTER: Final = tuple_(bindparam("at"), bindparam("after_shop"), bindparam("after_id"))


class WrittenRow(NamedTuple):
    """A row of the ledger, by the order in which it was written; the time in unix seconds."""

    written_at: float
    shop: str
    platform_id: str


def _compared(
    table: Table, deleted_at: ColumnElement[Any], indexed: Table, *also: ColumnElement[bool]
) -> Select[Any]:
    """Rows that follow a position, each with when its entry was seen; null: it has none.

    All shops' rows, of which the index by the time of writing gives the next ones at once. Entries
    are looked up by a subquery: a join may read the whole index, as it expects to need much of it.
    """
    position = (table.c.written_at, table.c.shop, table.c.platform_id)
    seen_at = (
        select(indexed.c.seen_at)
        .where(indexed.c.shop == table.c.shop, indexed.c.platform_id == table.c.platform_id, *also)
        .correlate(table)
        .scalar_subquery()
    )
    return (
        select(*position, deleted_at.label("deleted_at"), seen_at.label("seen_at"))
        .where(tuple_(*position) > _AFTER)
        .order_by(*position)
        .limit(_COMPARED)
    )


_ORDERS: Final = _compared(orders, orders.c.deleted_at, index_orders, index_orders.c.part == "")
_PRODUCTS: Final = _compared(products, null(), index_products)


class Unindexed:
    """Finds rows whose entry is missing, or older than the row; raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def orders(
        self, shops: Collection[str], after: WrittenRow, limit: int
    ) -> list[WrittenRow]:
        """At most `limit` orders that follow `after`; a deleted one that is still in the index."""
        return await self._rows(_ORDERS, shops, after, limit)

    async def products(
        self, shops: Collection[str], after: WrittenRow, limit: int
    ) -> list[WrittenRow]:
        """At most `limit` products that follow `after`."""
        return await self._rows(_PRODUCTS, shops, after, limit)

    async def _rows(
        self, statement: Select[Any], shops: Collection[str], after: WrittenRow, limit: int
    ) -> list[WrittenRow]:
        found: list[WrittenRow] = []
        more = bool(shops)
        while more and len(found) < limit:
            values = {
                "at": after.written_at,
                "after_shop": after.shop,
                "after_id": after.platform_id,
            }
            rows = await self._database.fetch(statement, values)
            for row in rows:
                after = WrittenRow(row.written_at, row.shop, row.platform_id)
                if after.shop in shops and _is_unindexed(row):
                    found.append(after)
            more = len(rows) == _COMPARED
        return found[:limit]


def _is_unindexed(row: Any) -> bool:
    if row.deleted_at is not None:
        return row.seen_at is not None
    return row.seen_at is None or row.seen_at < row.written_at
