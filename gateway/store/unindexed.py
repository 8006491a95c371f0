"""What the ledger has and the index lacks, in the order in which it was written."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, tuple_

from gateway.store.engine import Database
from gateway.store.index_tables import index_orders, index_products
from gateway.store.tables import orders, products

_AFTER: Final = tuple_(bindparam("at"), bindparam("after_shop"), bindparam("after_id"))


class WrittenRow(NamedTuple):
    """A row of the ledger, by the order in which it was written; the time in unix seconds."""

    written_at: float
    shop: str
    platform_id: str


def _stale(indexed_at: ColumnElement[Any], written_at: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(indexed_at.is_(None), indexed_at < written_at)


def _next(columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    written_at, shop, _ = columns
    return (
        select(*columns)
        # For the index, which the comparison of tuples does not use everywhere.
        .where(written_at >= bindparam("at"), tuple_(*columns) > _AFTER)
        .where(shop.in_(bindparam("shops", expanding=True)))
        .order_by(*columns)
        .limit(bindparam("limit"))
    )


_ORDERS: Final = (
    _next((orders.c.written_at, orders.c.shop, orders.c.platform_id))
    .select_from(
        orders.outerjoin(
            index_orders,
            and_(
                index_orders.c.shop == orders.c.shop,
                index_orders.c.platform_id == orders.c.platform_id,
                index_orders.c.part == "",
            ),
        )
    )
    .where(
        or_(
            and_(
                orders.c.deleted_at.is_(None),
                _stale(index_orders.c.seen_at, orders.c.written_at),
            ),
            and_(orders.c.deleted_at.is_not(None), index_orders.c.number.is_not(None)),
        )
    )
)
_PRODUCTS: Final = (
    _next((products.c.written_at, products.c.shop, products.c.platform_id))
    .select_from(
        products.outerjoin(
            index_products,
            and_(
                index_products.c.shop == products.c.shop,
                index_products.c.platform_id == products.c.platform_id,
            ),
        )
    )
    .where(_stale(index_products.c.seen_at, products.c.written_at))
)


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
        if not shops:
            return []
        values = {
            "shops": list(shops),
            "at": after.written_at,
            "after_shop": after.shop,
            "after_id": after.platform_id,
            "limit": limit,
        }
        rows = await self._database.fetch(statement, values)
        return [WrittenRow(row.written_at, row.shop, row.platform_id) for row in rows]
