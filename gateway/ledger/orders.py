"""The orders of a shop that the ledger remembers for its platform."""

from collections.abc import Mapping, Sequence

from gateway.ledger.mapping.order import OrderMapping
from gateway.ledger.paging import Now, first_second, last_second, ledger_page, names
from gateway.ports import OrderQuery, Page, Position, ReadOptions
from gateway.store import orders as store
from schema.order import Order


class LedgerOrders:
    """Implements `ReadsOrders` and `ExportsOrders`.

    Every read is of now, so that `ReadOptions` changes nothing.
    """

    def __init__(self, orders: store.Orders, mapping: OrderMapping, now: Now) -> None:
        self._orders = orders
        self._mapping = mapping
        self._now = now
        self._shop = mapping.shop.key_name

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Order]:
        """Orders by platform id."""
        found = await self._orders.get_many(self._shop, ids)
        return {name: self._public(stored) for name, stored in found.items()}

    async def page(
        self, query: OrderQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[Order]:
        """At most `first` orders behind `after`, newest first."""
        found = await self._orders.page(
            self._shop, await self._wanted(query), after=_behind(after), limit=first + 1
        )
        orders = [self._public(stored) for stored in found]
        return ledger_page(orders, first, begun=after is not None, now=self._now)

    async def count(self, query: OrderQuery) -> int:
        """How many orders the query matches."""
        return await self._orders.count(self._shop, await self._wanted(query))

    async def scan(self, query: OrderQuery, after: Position | None, limit: int) -> list[Order]:
        """At most `limit` orders behind `after`, oldest first."""
        found = await self._orders.scan(
            self._shop, await self._wanted(query), after=_behind(after), limit=limit
        )
        return [self._public(stored) for stored in found]

    def _public(self, stored: store.StoredOrder) -> Order:
        return self._mapping.order(stored.document, stored.found)

    async def _wanted(self, query: OrderQuery) -> store.StoredOrderQuery:
        return store.StoredOrderQuery(
            statuses=names(query.statuses),
            created_from=first_second(query.created_from),
            created_to=last_second(query.created_to),
            buyer_open_id=query.buyer_open_id,
            original_shops=await self._original_shops(query),
        )

    async def _original_shops(self, query: OrderQuery) -> list[str] | None:
        """The shops whose orders' copies the query matches, "" for no copies; None: any."""
        if query.copies is None and not query.beside - {self._shop}:
            return None
        known = await self._orders.original_shops(self._shop)
        wanted = [one for one in known if _matches_copies_of(one, query)]
        return None if wanted == known else wanted


def _matches_copies_of(original_shop: str, query: OrderQuery) -> bool:
    if not original_shop:
        return query.copies is not True
    return query.copies is True or (query.copies is None and original_shop not in query.beside)


def _behind(after: Position | None) -> store.OrderPosition | None:
    return None if after is None else store.OrderPosition(*after)
