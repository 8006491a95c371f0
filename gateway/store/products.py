"""The products of the platforms whose products cannot be read back."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

import msgspec
from sqlalchemy import Row, bindparam, or_, select

from gateway.store.documents import ProductDocument
from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection, chosen
from gateway.store.tables import products

_DOCUMENT: Final = msgspec.json.Decoder(ProductDocument)
#: The ProductStatus of a product seen only in an order.
_SEEN: Final = "UNKNOWN"
_GET: Final = select(products).where(
    products.c.shop == bindparam("in_shop"),
    products.c.platform_id.in_(bindparam("ids", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product as the ledger has it."""

    shop: str
    document: ProductDocument
    #: A ProductStatus.
    status: str
    #: The document's time, in unix seconds.
    as_of: int
    #: Grows by one with each change.
    version: int
    written_at: float


@dataclass(frozen=True, slots=True)
class ProductEntry:
    """A product to write: its ProductStatus, and the document's time in unix seconds."""

    document: ProductDocument
    status: str
    as_of: int


@dataclass(frozen=True, slots=True)
class StoredProductQuery:
    """Which products of a shop; None means any.

    Every word of `search` must be in the title, in a SKU's code or id, or in the product's id;
    capitals do not count.
    """

    statuses: Collection[str] | None = None
    search: str | None = None


class Products:
    """Reads and writes the products; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        prefixes = (("shop", "status"), ("shop",))
        position = (products.c.platform_id,)
        self._listing = Listing(database, products, position, prefixes, ascending=True)
        insert = database.insert(products)
        written = ("status", "words", "document", "as_of", "written_at")
        self._put = insert.on_conflict_do_update(
            index_elements=[products.c.shop, products.c.platform_id],
            set_={name: insert.excluded[name] for name in written}
            | {"version": products.c.version + 1},
            where=or_(
                (insert.excluded.status != _SEEN) & (products.c.status == _SEEN),
                ((insert.excluded.status != _SEEN) | (products.c.status == _SEEN))
                & (insert.excluded.as_of >= products.c.as_of),
            ),
        )

    async def put_many(
        self, transaction: Transaction, shop: str, entries: Iterable[ProductEntry]
    ) -> None:
        """Replaces each product, or adds it, unless the stored one has more data.

        A synced product has more than one seen in an order, whose status is unknown;
        of two alike, the one of the later time.
        """
        if rows := [_row(transaction, shop, entry) for entry in entries]:
            # Ordered like locks: transactions that write the same products cannot deadlock.
            rows.sort(key=itemgetter("platform_id"))
            await transaction.execute_later(self._put, rows)

    async def get_many(
        self, shop: str, platform_ids: Collection[str], *, within: Transaction | None = None
    ) -> dict[str, StoredProduct]:
        """The products that exist, by platform id."""
        if not platform_ids:
            return {}
        values = {"in_shop": shop, "ids": list(platform_ids)}
        rows = await self._database.fetch(_GET, values, within)
        return {row.platform_id: _stored(row) for row in rows}

    async def page(
        self, shop: str, query: StoredProductQuery, *, after: str = "", limit: int
    ) -> list[StoredProduct]:
        """At most `limit` products that follow the platform id `after`, by platform id."""
        rows = await self._listing.page(_selection(shop, query), after=(after,), limit=limit)
        return [_stored(row) for row in rows]

    async def count(self, shop: str, query: StoredProductQuery) -> int:
        """How many products the query matches; reads all of them."""
        return await self._listing.count(_selection(shop, query))


def _selection(shop: str, query: StoredProductQuery) -> Selection:
    words = (query.search or "").lower().split()
    matching = (products.c.words.contains(word, autoescape=True) for word in words)
    return Selection(chosen(shop=[shop], status=query.statuses), filters=tuple(matching))


def _row(transaction: Transaction, shop: str, entry: ProductEntry) -> dict[str, Any]:
    document = entry.document
    codes = (word for sku in document.skus for word in (sku.code, sku.platform_id) if word)
    words = "\n".join((document.title, document.platform_product_id, *codes)).lower()
    return {
        "shop": shop,
        "platform_id": document.platform_product_id,
        "status": entry.status,
        # The one character that PostgreSQL cannot store.
        "words": words.replace("\0", " "),
        "document": msgspec.json.encode(document).decode(),
        "as_of": entry.as_of,
        "version": 1,
        "written_at": transaction.now,
    }


def _stored(row: Row[Any]) -> StoredProduct:
    return StoredProduct(
        shop=row.shop,
        document=_DOCUMENT.decode(row.document),
        status=row.status,
        as_of=row.as_of,
        version=row.version,
        written_at=row.written_at,
    )
