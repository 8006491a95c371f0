"""The orders of a shop that the ledger remembers for its platform."""

from collections.abc import Mapping, Sequence

from gateway.ledger.mapping.order import OrderMapping
from gateway.ledger.paging import Now, first_second, last_second, ledger_page, names
from gateway.ports import OrderQuery, Page, Position, ReadOptions
from gateway.store import orders as store
from schema.order import Order


class LedgerOrders:
    """Implements `ReadsOrders`; every read is of now, so that `ReadOptions` changes nothing."""

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
        wanted = store.StoredOrderQuery(
            statuses=names(query.statuses),
            created_from=first_second(query.created_from),
            created_to=last_second(query.created_to),
            buyer_open_id=query.buyer_open_id,
        )
        behind = None if after is None else store.OrderPosition(*after)
        found = await self._orders.page(self._shop, wanted, after=behind, limit=first + 1)
        orders = [self._public(stored) for stored in found]
        return ledger_page(orders, first, begun=after is not None, now=self._now)

    def _public(self, stored: store.StoredOrder) -> Order:
        return self._mapping.order(stored.document, stored.found)
