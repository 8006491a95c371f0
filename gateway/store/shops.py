"""Shops in the ledger."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from gateway.store.engine import Database, Transaction
from gateway.store.tables import shops

_GET: Final = select(shops).where(shops.c.shop.in_(bindparam("keys", expanding=True)))


@dataclass(frozen=True, slots=True)
class StoredShop:
    """A shop as the ledger has it."""

    shop: str
    #: The page behind the shopping list's cart button.
    cart_path: str | None
    #: Grows by one with each change.
    version: int


class Shops:
    """Reads and writes shops; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = database.upsert(shops).returning(shops.c.version)

    async def set_cart_path(self, transaction: Transaction, shop: str, path: str | None) -> int:
        """Stores the cart page's path; returns the shop's new version."""
        row = {"shop": shop, "cart_path": path, "version": 1, "written_at": transaction.now}
        return int((await transaction.connection.execute(self._put, row)).scalar_one())

    async def get_many(self, keys: Collection[str]) -> dict[str, StoredShop]:
        """The shops that are in the ledger, by their keys."""
        if not keys:
            return {}
        rows = await self._database.fetch(_GET, {"keys": list(keys)})
        return {row.shop: StoredShop(row.shop, row.cart_path, row.version) for row in rows}
