"""What the gateway wrote last of products that their platform answers in another form."""

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
    """What was written of one product."""

    shop: str
    platform_id: str
    #: JSON, in whatever form the platform's adapter keeps it.
    document: str
    #: Of the platform's answer to it; None where it was not read back.
    answer_hash: bytes | None


class ProductOriginals:
    """Reads and writes originals; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = database.upsert(product_originals)

    async def put(self, transaction: Transaction, original: ProductOriginal) -> None:
        """Keeps what was written, in place of what was kept."""
        row = {
            "shop": original.shop,
            "platform_id": original.platform_id,
            "document": original.document,
            "answer_hash": original.answer_hash,
            "written_at": transaction.now,
        }
        await transaction.connection.execute(self._put, row)

    async def delete(self, transaction: Transaction, shop: str, product: str) -> None:
        """Forgets a product."""
        await transaction.connection.execute(_DELETE, {"in_shop": shop, "of_product": product})

    async def get_many(
        self, shop: str, products: Collection[str], within: Transaction | None = None
    ) -> dict[str, ProductOriginal]:
        """Those of the products that something is kept of, by their platform ids."""
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
