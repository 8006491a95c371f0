"""Orders from the index: lists by any filter and order, and how many there are."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from gateway.errors import LedgerUnreadable
from gateway.ports import Adapter, IndexesOrders, KeptDocument, ReadOptions
from gateway.services.cursor import PageArguments, Place
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut, ListRequest
from gateway.services.index_reach import reaches_over
from gateway.services.indexed_lists import (
    IndexedList,
    IndexedRows,
    IndexSlice,
    slice_of,
    with_nodes,
)
from gateway.services.merge import Merged, SortOrder
from gateway.services.order_listings import BuyerId, OrderListing, question_of
from gateway.services.phone_search import FoundByPhone, orders_by_phone
from gateway.services.viewer import Viewer
from gateway.store.index_pages import IndexPage, IndexPlace
from gateway.store.index_progress import IndexReach
from gateway.store.indexed_orders import IndexedOrder
from gateway.store.order_questions import OrderQuestion
from gateway.store.store import Store
from schema.key import Key
from schema.order import Order

#: The index's name for orders.
_ORDERS: Final = "orders"
#: The shop, the platform's id and the partner store's app id, empty if there is none.
RowKey = tuple[str, str, str]


class IndexedOrderService:
    """Answers lists and counts of orders from the index."""

    def __init__(
        self,
        directory: Directory,
        fan_out: FanOut,
        store: Store,
        now: Callable[[], float],
        *,
        on: bool,
    ) -> None:
        """`now` returns unix seconds; where the index is not `on`, only `enabled` may be read."""
        self.enabled = on
        self._fan_out = fan_out
        self._directory = directory
        self._rows = IndexedRows(fan_out, store, now)
        self._store = store

    async def page(
        self, listing: OrderListing, asked: PageArguments, viewer: Viewer, reading: ReadOptions
    ) -> Merged[Order]:
        """A page of the merged list.

        Raises:
            BadUserInput: an unknown shop, or a cursor of another list.
            StoreUnavailable: the index cannot be read.
        """
        request = ListRequest.marked(
            listing.chosen,
            asked,
            listing.mark,
            timed=True,
            default_order=listing.default_order,
        )
        found = await self._by_phone(listing, viewer, reading)
        question = await self.question(listing, viewer, found.orders)

        async def read(shop: str, place: Place, count: int) -> IndexPage[IndexedOrder]:
            return await self._store.indexed_orders.page(
                shop, question, _index_place(place), count, backwards=asked.backwards
            )

        listed = IndexedList(
            ability="orders",
            progress=_ORDERS,
            has=has_orders,
            read=read,
            order=SortOrder(_rank, _place, reverse=listing.reverse),
            failures=found.failures,
        )
        rows = await self._rows.page(listed, request, question.shops, viewer, reading)
        orders, unreadable = await self._orders(rows.nodes, viewer, reading)
        return with_nodes(rows, orders, unreadable)

    async def _by_phone(
        self, listing: OrderListing, viewer: Viewer, reading: ReadOptions
    ) -> FoundByPhone:
        chosen = listing.chosen
        selected = self._directory.select(viewer, chosen.shops, chosen.platforms)
        return await orders_by_phone(chosen.search, selected, viewer, self._fan_out, reading)

    async def question(
        self, listing: OrderListing, viewer: Viewer, found: Collection[tuple[str, str]] = ()
    ) -> OrderQuestion:
        """What the index is asked for the viewer.

        `found`: what platforms found by the search, by shop and platform id.

        Raises:
            BadUserInput: an unknown shop.
            StoreUnavailable: the links of the buyer cannot be read.
        """
        chosen = listing.chosen
        selected = self._directory.select(viewer, chosen.shops, chosen.platforms)
        shops = [adapter.shop.key_name for adapter in selected]
        buyers: Collection[BuyerId] | None = None
        if chosen.buyer_open_id is not None:
            buyers = [(shop, chosen.buyer_open_id) for shop in shops]
            if chosen.linked_buyers:
                seen = [adapter.shop.key_name for adapter in self._directory.all(viewer)]
                of_any = [(shop, chosen.buyer_open_id) for shop in seen]
                buyers = await self._store.buyer_links.joined(of_any)
        return replace(question_of(listing, shops, buyers, viewer), found=found)

    async def reaches(self, shops: Collection[str]) -> Mapping[str, IndexReach]:
        """How far the index of each shop's orders reaches; absent: it was not begun."""
        return await self._store.index_progress.of_shops(_ORDERS, shops)

    async def count(
        self, listing: OrderListing, viewer: Viewer, reading: ReadOptions
    ) -> int | None:
        """How many orders there are; None while the index does not reach over the range asked.

        Also None if a platform that has to be asked as well fails.

        Raises:
            BadUserInput: an unknown shop.
            StoreUnavailable: the index cannot be read.
        """
        found = await self._by_phone(listing, viewer, reading)
        if found.failures:
            return None
        question = await self.question(listing, viewer, found.orders)
        adapters = [self._directory.get(shop, viewer) for shop in question.shops]
        kept = [adapter.shop.key_name for adapter in adapters if has_orders(adapter)]
        if not reaches_over(await self.reaches(kept), kept, question.created_from):
            return None
        return await self._store.indexed_orders.count(question.shops, question)

    async def slice(
        self, shop: str, question: OrderQuestion, after: Place, limit: int, viewer: Viewer
    ) -> IndexSlice[Order]:
        """At most `limit` orders of the shop that follow a place; None: the first.

        Reads no platform. Raises StoreUnavailable.
        """
        rows = await self._store.indexed_orders.page(shop, question, _index_place(after), limit)
        orders, unreadable = await self._orders(rows.items, viewer, ReadOptions())
        return slice_of(rows, orders, unreadable, _place)

    async def get_many(
        self, adapter: Adapter, keys: Sequence[Key], viewer: Viewer
    ) -> Mapping[Key, Order]:
        """The orders of a shop that the index has of these; reads no platform.

        Raises StoreUnavailable.
        """
        shop, wanted = adapter.shop.key_name, set(keys)
        ids = list(dict.fromkeys(key.platform_id for key in keys))
        question = OrderQuestion(shops=[shop], platform_ids=ids)
        # An id may be one of a partner store's orders, too.
        rows = await self._store.indexed_orders.page(shop, question, None, 2 * len(ids))
        orders, _ = await self._orders(rows.items, viewer, ReadOptions())
        return {order.key: order for order in orders if order is not None and order.key in wanted}

    async def count_of(self, shop: str, question: OrderQuestion) -> int:
        """How many orders of the shop there are; raises StoreUnavailable."""
        return await self._store.indexed_orders.count([shop], question)

    async def _orders(
        self, rows: Sequence[IndexedOrder], viewer: Viewer, reading: ReadOptions
    ) -> tuple[list[Order | None], Counter[str]]:
        """The orders of the rows, None if there is none, and by shop how many are unreadable."""
        unreadable: Counter[str] = Counter()
        found: dict[RowKey, Order] = {}
        in_ledger: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows:
            port = self._directory.get(row.shop, viewer).index_orders
            if row.document is None or port is None:
                in_ledger[row.shop].append(row.platform_id)
                continue
            try:
                found[_key(row)] = _order(row, row.document, port)
            except ValueError:
                # Of another version, until it is read again.
                unreadable[row.shop] += 1
        for shop, ids in in_ledger.items():
            ledger = self._directory.get(shop, viewer).orders
            known = {} if ledger is None else await ledger.get_many(ids, reading)
            found |= {(shop, name, ""): order for name, order in known.items()}
        return [found.get(_key(row)) for row in rows], unreadable


def has_orders(adapter: Adapter) -> bool:
    """Whether the platform has orders, so that the index has them too."""
    return adapter.orders is not None


def _order(row: IndexedOrder, document: str, port: IndexesOrders) -> Order:
    personal = None if isinstance(row.personal, LedgerUnreadable) else row.personal
    order = port.order(KeptDocument(row.platform_id, document, row.part, personal))
    if isinstance(row.personal, LedgerUnreadable):
        order.unreadable = row.personal
    return order


def _key(row: IndexedOrder) -> RowKey:
    return (row.shop, row.platform_id, row.part)


def _rank(row: IndexedOrder) -> int:
    return -int(row.place.value)


def _place(row: IndexedOrder) -> Place:
    return (row.place.value, row.platform_id)


def _index_place(place: Place) -> IndexPlace | None:
    match place:
        case (int(value), str(name)):
            return IndexPlace(value, name)
        case _:
            return None
