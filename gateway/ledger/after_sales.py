"""The after-sales of a shop that the ledger remembers for its platform."""

from collections.abc import Mapping, Sequence

from gateway.ledger.mapping.after_sale import after_sale
from gateway.ledger.paging import Now, first_second, last_second, ledger_page, names
from gateway.ports import AfterSaleQuery, Page, Position, ReadOptions, after_sale_ids
from gateway.store import after_sales as store
from schema.after_sale import AfterSale
from schema.shop import Shop


class LedgerAfterSales:
    """Implements `ReadsAfterSales` and `ExportsAfterSales`.

    Every read is of now, so that `ReadOptions` changes nothing.
    """

    def __init__(self, after_sales: store.AfterSales, shop: Shop, now: Now) -> None:
        self._after_sales = after_sales
        self._shop = shop
        self._now = now

    async def get(
        self, order_id: str, after_sale_id: str, reading: ReadOptions
    ) -> AfterSale | None:
        """One after-sale."""
        key = store.AfterSaleKey(order_id, after_sale_id)
        found = await self._after_sales.get_many(self._shop.key_name, [key])
        return self._public(found[key]) if key in found else None

    async def of_orders(
        self, order_ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, Sequence[AfterSale]]:
        """The after-sales of orders, newest first; an order without any is absent."""
        found = await self._after_sales.of_orders(self._shop.key_name, order_ids)
        return {order: [self._public(one) for one in theirs] for order, theirs in found.items()}

    async def page(
        self, query: AfterSaleQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[AfterSale]:
        """At most `first` after-sales behind `after`, newest first."""
        found = await self._after_sales.page(
            self._shop.key_name, _wanted(query), after=_behind(after), limit=first + 1
        )
        public = [self._public(stored) for stored in found]
        return ledger_page(public, first, begun=after is not None, now=self._now)

    async def count(self, query: AfterSaleQuery) -> int:
        """How many after-sales the query matches."""
        return await self._after_sales.count(self._shop.key_name, _wanted(query))

    async def scan(
        self, query: AfterSaleQuery, after: Position | None, limit: int
    ) -> list[AfterSale]:
        """At most `limit` after-sales behind `after`, oldest first."""
        found = await self._after_sales.scan(
            self._shop.key_name, _wanted(query), after=_behind(after), limit=limit
        )
        return [self._public(stored) for stored in found]

    def _public(self, stored: store.StoredAfterSale) -> AfterSale:
        return after_sale(stored.document, self._shop)


def _wanted(query: AfterSaleQuery) -> store.StoredAfterSaleQuery:
    return store.StoredAfterSaleQuery(
        statuses=names(query.statuses),
        kinds=names(query.kinds),
        created_from=first_second(query.created_from),
        created_to=last_second(query.created_to),
        not_of=sorted(query.beside),
    )


def _behind(after: Position | None) -> store.AfterSalePosition | None:
    if after is None:
        return None
    order_id, own_id = after_sale_ids(after.platform_id)
    return store.AfterSalePosition(after.at, order_id, own_id)
