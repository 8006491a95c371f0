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
    """Implements `ReadsProducts`; every read is of now, so that `ReadOptions` changes nothing."""

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
        wanted = store.StoredProductQuery(statuses=names(query.statuses), search=query.search)
        found = await self._products.page(self._shop, wanted, after=after or "", limit=first + 1)
        public = [self._public(stored) for stored in found]
        return ledger_page(public, first, begun=after is not None, now=self._now)

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
