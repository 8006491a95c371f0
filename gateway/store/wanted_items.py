"""The buyers' want-to-buy lists, as imported into the shopping list."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row, bindparam, delete, func, select

from gateway.store.crypto import Vault
from gateway.store.documents import FoundOpenId, WantedItemDocument
from gateway.store.encrypted_values import EncryptedOpenIds
from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection
from gateway.store.tables import wanted_items

_DOCUMENT: Final = msgspec.json.Decoder(WantedItemDocument)
_GET: Final = select(wanted_items).where(
    wanted_items.c.shop == bindparam("in_shop"),
    wanted_items.c.item_id.in_(bindparam("ids", expanding=True)),
)
_REMOVE: Final = (
    delete(wanted_items)
    .where(
        wanted_items.c.shop == bindparam("in_shop"),
        wanted_items.c.item_id.in_(bindparam("ids", expanding=True)),
    )
    .returning(wanted_items.c.item_id)
)
_CLEAR: Final = (
    delete(wanted_items)
    .where(
        wanted_items.c.shop == bindparam("in_shop"),
        wanted_items.c.buyer.in_(bindparam("of_buyers", expanding=True)),
    )
    .returning(wanted_items.c.item_id)
)


@dataclass(frozen=True, slots=True)
class StoredWantedItem:
    """A line of a want-to-buy list as the ledger has it."""

    shop: str
    #: Stable for buyer, product and SKU, and reveals none of them.
    item_id: str
    #: The buyer's open id.
    found: FoundOpenId
    document: WantedItemDocument
    #: The document's, or else the time of the first import; in unix seconds.
    added_at: int
    #: Grows by one with each change.
    version: int
    written_at: float


class WantedItemPosition(NamedTuple):
    """Where a page of wanted items ended."""

    added_at: int
    item_id: str


class WantedItemKey(NamedTuple):
    """Unique per buyer."""

    platform_product_id: str
    platform_sku_id: str | None = None


class WantedItems:
    """Reads and writes the want-to-buy lists; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._open_id = EncryptedOpenIds(vault, column="wanted_items.open_id")
        columns = wanted_items.c
        position = (columns.added_at, columns.item_id)
        self._listing = Listing(database, wanted_items, position, (("shop", "buyer"),))
        insert = database.insert(wanted_items)
        written = ("open_id", "document", "written_at")
        self._put = insert.on_conflict_do_update(
            index_elements=[columns.shop, columns.item_id],
            set_={name: insert.excluded[name] for name in written}
            | {
                "added_at": func.coalesce(bindparam("given_added_at"), columns.added_at),
                "version": columns.version + 1,
            },
        )

    def item_id(self, shop: str, open_id: str, key: WantedItemKey) -> str:
        """The line's id in the ledger."""
        sku = "" if key.platform_sku_id is None else key.platform_sku_id
        return self._vault.stable_id(shop, open_id, key.platform_product_id, sku)[:16].hex()

    async def put_many(
        self,
        transaction: Transaction,
        shop: str,
        open_id: str,
        documents: Iterable[WantedItemDocument],
    ) -> None:
        """Inserts or replaces each line of the buyer's list."""
        if rows := [self._row(transaction, shop, open_id, document) for document in documents]:
            await transaction.connection.execute(self._put, rows)

    async def remove(
        self,
        transaction: Transaction,
        shop: str,
        open_id: str,
        keys: Iterable[WantedItemKey],
    ) -> list[str]:
        """Removes lines from the buyer's list; returns the ids of those that were on it."""
        ids = [self.item_id(shop, open_id, key) for key in keys]
        if not ids:
            return []
        result = await transaction.connection.execute(_REMOVE, {"in_shop": shop, "ids": ids})
        return list(result.scalars())

    async def clear(self, transaction: Transaction, shop: str, open_id: str) -> list[str]:
        """Clears the buyer's list; returns the ids of its lines."""
        values = {"in_shop": shop, "of_buyers": self._vault.blind_indexes(shop, open_id)}
        return list((await transaction.connection.execute(_CLEAR, values)).scalars())

    async def get_many(
        self, shop: str, item_ids: Collection[str], within: Transaction | None = None
    ) -> dict[str, StoredWantedItem]:
        """The lines that exist, by their ids in the ledger."""
        if not item_ids:
            return {}
        values = {"in_shop": shop, "ids": list(item_ids)}
        rows = await self._database.fetch(_GET, values, within=within)
        return {row.item_id: self._stored(row) for row in rows}

    async def page(
        self, shop: str, open_id: str, *, after: WantedItemPosition | None = None, limit: int
    ) -> list[StoredWantedItem]:
        """At most `limit` lines of the buyer's list that follow `after`, newest first."""
        rows = await self._listing.page(self._selection(shop, open_id), after=after, limit=limit)
        return [self._stored(row) for row in rows]

    def _selection(self, shop: str, open_id: str) -> Selection:
        return Selection({"shop": [shop], "buyer": self._vault.blind_indexes(shop, open_id)})

    def _row(
        self, transaction: Transaction, shop: str, open_id: str, document: WantedItemDocument
    ) -> dict[str, Any]:
        key = WantedItemKey(document.platform_product_id, document.platform_sku_id)
        item_id = self.item_id(shop, open_id, key)
        added_at = document.added_at
        return {
            "shop": shop,
            "item_id": item_id,
            "buyer": self._vault.blind_index(shop, open_id),
            "open_id": self._open_id.seal(open_id, shop=shop, row=item_id),
            "added_at": int(transaction.now) if added_at is None else added_at,
            "given_added_at": added_at,
            "document": msgspec.json.encode(document).decode(),
            "version": 1,
            "written_at": transaction.now,
        }

    def _stored(self, row: Row[Any]) -> StoredWantedItem:
        return StoredWantedItem(
            shop=row.shop,
            item_id=row.item_id,
            found=self._open_id.attempt(row.open_id, shop=row.shop, row=row.item_id),
            document=_DOCUMENT.decode(row.document),
            added_at=row.added_at,
            version=row.version,
            written_at=row.written_at,
        )
