"""The after-sales of the platforms that keep their own copy."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Column, ColumnElement, Row, bindparam, delete, exists, select

from gateway.store.documents import AfterSaleDocument
from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection, chosen
from gateway.store.tables import after_sales, orders

_DOCUMENT: Final = msgspec.json.Decoder(AfterSaleDocument)
#: SQLite finds no rows by pairs of columns with an index.
_GET: Final = select(after_sales).where(
    after_sales.c.shop == bindparam("in_shop"),
    after_sales.c.order_platform_id.in_(bindparam("orders", expanding=True)),
    after_sales.c.platform_id.in_(bindparam("ids", expanding=True)),
)
_OF_ORDERS: Final = (
    select(after_sales)
    .where(
        after_sales.c.shop == bindparam("in_shop"),
        after_sales.c.order_platform_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(after_sales.c.created_at.desc(), after_sales.c.platform_id.desc())
)
_DROP: Final = delete(after_sales).where(
    after_sales.c.shop == bindparam("in_shop"),
    after_sales.c.order_platform_id.in_(bindparam("ids", expanding=True)),
)


class AfterSaleKey(NamedTuple):
    """An after-sale's own id is unique within its order only."""

    order_platform_id: str
    platform_id: str


@dataclass(frozen=True, slots=True)
class StoredAfterSale:
    """An after-sale as the ledger has it."""

    shop: str
    document: AfterSaleDocument
    #: Grows by one with each change.
    version: int
    written_at: float


@dataclass(frozen=True, slots=True)
class StoredAfterSaleQuery:
    """Which after-sales of a shop; None means any. Both times belong to the range."""

    statuses: Collection[str] | None = None
    kinds: Collection[str] | None = None
    created_from: int | None = None
    created_to: int | None = None
    #: Those of copies of these shops' orders are left out.
    not_of: Collection[str] = ()


class AfterSalePosition(NamedTuple):
    """Where a page of after-sales ended."""

    created_at: int
    order_platform_id: str
    platform_id: str


class AfterSales:
    """Reads and writes the after-sales; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = database.upsert(after_sales)
        columns = after_sales.c
        position = (columns.created_at, columns.order_platform_id, columns.platform_id)
        prefixes = (("shop", "status"), ("shop", "kind"), ("shop",))
        self._listing = Listing(database, after_sales, position, prefixes)
        self._scan = replace(self._listing, ascending=True)

    async def put_many(
        self, transaction: Transaction, shop: str, documents: Iterable[AfterSaleDocument]
    ) -> None:
        """Inserts or replaces each after-sale; their orders must be in the ledger."""
        if rows := [_row(transaction, shop, document) for document in documents]:
            await transaction.execute_later(self._put, rows)

    async def delete_of_orders(
        self, transaction: Transaction, shop: str, order_platform_ids: Collection[str]
    ) -> None:
        """Deletes the after-sales of orders, as Baidu does when an order is imported again."""
        if order_platform_ids:
            values = {"in_shop": shop, "ids": list(order_platform_ids)}
            await transaction.connection.execute(_DROP, values)

    async def get_many(
        self, shop: str, keys: Collection[AfterSaleKey]
    ) -> dict[AfterSaleKey, StoredAfterSale]:
        """The after-sales that exist."""
        if not keys:
            return {}
        values = {
            "in_shop": shop,
            "orders": list({key.order_platform_id for key in keys}),
            "ids": list({key.platform_id for key in keys}),
        }
        rows = await self._database.fetch(_GET, values)
        found = {AfterSaleKey(row.order_platform_id, row.platform_id): row for row in rows}
        return {key: _stored(row) for key, row in found.items() if key in keys}

    async def of_orders(
        self,
        shop: str,
        order_platform_ids: Collection[str],
        *,
        within: Transaction | None = None,
    ) -> dict[str, list[StoredAfterSale]]:
        """The after-sales of each order that has some, newest first."""
        found: defaultdict[str, list[StoredAfterSale]] = defaultdict(list)
        if order_platform_ids:
            values = {"in_shop": shop, "ids": list(order_platform_ids)}
            for row in await self._database.fetch(_OF_ORDERS, values, within):
                found[row.order_platform_id].append(_stored(row))
        return dict(found)

    async def page(
        self,
        shop: str,
        query: StoredAfterSaleQuery,
        *,
        after: AfterSalePosition | None = None,
        limit: int,
    ) -> list[StoredAfterSale]:
        """At most `limit` after-sales that follow `after`, newest first by creation time."""
        rows = await self._listing.page(_selection(shop, query), after=after, limit=limit)
        return [_stored(row) for row in rows]

    async def scan(
        self,
        shop: str,
        query: StoredAfterSaleQuery,
        *,
        after: AfterSalePosition | None = None,
        limit: int,
    ) -> list[StoredAfterSale]:
        """Like `page`, oldest first."""
        rows = await self._scan.page(_selection(shop, query), after=after, limit=limit)
        return [_stored(row) for row in rows]

    async def count(self, shop: str, query: StoredAfterSaleQuery) -> int:
        """How many after-sales the query matches; reads all of them."""
        return await self._listing.count(_selection(shop, query))


def of_no_copy(
    shop: Column[Any], order: Column[Any], originals: Collection[str]
) -> tuple[ColumnElement[bool], ...]:
    """The condition that an order, by these columns, is no copy of an order of these shops."""
    if not originals:
        return ()
    copies = orders.c.original_shop.in_(list(originals))
    return (~exists().where(orders.c.shop == shop, orders.c.platform_id == order, copies),)


def _selection(shop: str, query: StoredAfterSaleQuery) -> Selection:
    choices = chosen(shop=[shop], status=query.statuses, kind=query.kinds)
    columns = after_sales.c
    filters = of_no_copy(columns.shop, columns.order_platform_id, query.not_of)
    return Selection(choices, query.created_from, query.created_to, filters=filters)


def _row(transaction: Transaction, shop: str, document: AfterSaleDocument) -> dict[str, Any]:
    return {
        "shop": shop,
        "order_platform_id": document.order_platform_id,
        "platform_id": document.platform_id,
        "created_at": document.created_at,
        "updated_at": document.updated_at,
        "status": document.status,
        "kind": document.kind,
        "document": msgspec.json.encode(document).decode(),
        "version": 1,
        "written_at": transaction.now,
    }


def _stored(row: Row[Any]) -> StoredAfterSale:
    return StoredAfterSale(
        shop=row.shop,
        document=_DOCUMENT.decode(row.document),
        version=row.version,
        written_at=row.written_at,
    )
