"""The products of a shop that the ledger remembers for its platform."""

from collections.abc import Mapping, Sequence

from gateway.ledger.mapping.parts import member
from gateway.ledger.mapping.product import ProductMapping
from gateway.ledger.paging import Now, ledger_page, names
from gateway.ports import Page, ProductQuery, ReadOptions
from gateway.store import products as store
from schema.product import Product
from schema.product_status import ProductStatus


class LedgerProducts:
    """Implements `ReadsProducts` and `ExportsProducts`.

    Every read is of now, so that `ReadOptions` changes nothing.
    """

    def __init__(self, products: store.Products, mapping: ProductMapping, now: Now) -> None:
        self._products = products
        self._mapping = mapping
        self._now = now
        self._shop = mapping.shop.key_name

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Product]:
        """Products by platform id."""
        found = await self._products.get_many(self._shop, ids)
        return {name: self._public(stored) for name, stored in found.items()}

    async def page(
        self, query: ProductQuery, after: str | None, first: int, reading: ReadOptions
    ) -> Page[Product]:
        """At most `first` products behind the platform id `after`."""
        public = await self.scan(query, after, first + 1)
        return ledger_page(public, first, begun=after is not None, now=self._now)

    async def count(self, query: ProductQuery) -> int:
        """How many products the query matches."""
        return await self._products.count(self._shop, _wanted(query))

    async def scan(self, query: ProductQuery, after: str | None, limit: int) -> list[Product]:
        """At most `limit` products behind the platform id `after`."""
        found = await self._products.page(
            self._shop, _wanted(query), after=after or "", limit=limit
        )
        return [self._public(stored) for stored in found]

    async def statuses(
        self, ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, ProductStatus]:
        """The statuses of products."""
        found = await self._products.get_many(self._shop, ids)
        return {
            name: member(stored.status, ProductStatus.UNKNOWN) for name, stored in found.items()
        }

    def _public(self, stored: store.StoredProduct) -> Product:
        return self._mapping.product(stored.document, stored.status)


def _wanted(query: ProductQuery) -> store.StoredProductQuery:
    return store.StoredProductQuery(statuses=names(query.statuses), search=query.search)
