"""Originals of products as last written, whose platform returns them in another form."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, select

from gateway.store.engine import Database, Transaction
from gateway.store.tables import product_originals

_OF_PRODUCTS: Final = select(product_originals).where(
    product_originals.c.shop == bindparam("in_shop"),
    product_originals.c.platform_id.in_(bindparam("ids", expanding=True)),
)
_DELETE: Final = delete(product_originals).where(
    product_originals.c.shop == bindparam("in_shop"),
    product_originals.c.platform_id == bindparam("of_product"),
)


@dataclass(frozen=True, slots=True)
class ProductOriginal:
    """The original of one product."""

    shop: str
    platform_id: str
    #: JSON, in the adapter's own form.
    document: str
    #: Of the platform's answer to it; None if it was not read back.
    answer_hash: bytes | None


class ProductOriginals:
    """Reads and writes originals; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = database.upsert(product_originals)

    async def put(self, transaction: Transaction, original: ProductOriginal) -> None:
        """Stores an original in place of an older one."""
        row = {
            "shop": original.shop,
            "platform_id": original.platform_id,
            "document": original.document,
            "answer_hash": original.answer_hash,
            "written_at": transaction.now,
        }
        await transaction.connection.execute(self._put, row)

    async def delete(self, transaction: Transaction, shop: str, product: str) -> None:
        """Deletes a product's original."""
        await transaction.connection.execute(_DELETE, {"in_shop": shop, "of_product": product})

    async def get_many(
        self, shop: str, products: Collection[str], within: Transaction | None = None
    ) -> dict[str, ProductOriginal]:
        """The originals that exist, by the products' platform ids."""
        if not products:
            return {}
        values = {"in_shop": shop, "ids": list(products)}
        rows = await self._database.fetch(_OF_PRODUCTS, values, within)
        return {
            row.platform_id: ProductOriginal(
                row.shop, row.platform_id, row.document, row.answer_hash
            )
            for row in rows
        }
