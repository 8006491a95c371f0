"""Orders of all shops: one, several, and the merged list."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from gateway.mutation_progress import WORK, note_buyer
from gateway.ports import Adapter, OrderQuery, Page, Position, ReadOptions
from gateway.services.batch_by_shop import Found, batch_by_shop, key_by_key
from gateway.services.cursor import PageArguments
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut, ListRequest
from gateway.services.index_reach import refuse_without_index
from gateway.services.indexed_lists import CountedPage
from gateway.services.indexed_orders import IndexedOrderService
from gateway.services.merge import Merged
from gateway.services.order_listings import (
    OrderListing,
    check_filter,
    query_of,
)
from gateway.services.timeline import Timeline
from gateway.services.viewer import Viewer
from schema.key import Key
from schema.order import Order, OrderFilter


class OrderService:
    """Routes queries of orders to the shops' ports."""

    def __init__(self, directory: Directory, fan_out: FanOut, indexed: IndexedOrderService) -> None:
        self._directory = directory
        self._indexed = indexed
        self._list: Timeline[Order, OrderQuery] = Timeline(
            fan_out=fan_out,
            ability="orders",
            port=lambda adapter: adapter.orders,
            name=lambda order: order.platform_id,
        )

    async def get_many(
        self, keys: Sequence[Key], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Found[Order]]:
        """Orders in the order of their keys; a failing shop affects only its own keys."""

        async def load(adapter: Adapter, mine: Sequence[Key]) -> dict[Key, Found[Order]]:
            found: dict[Key, Found[Order]] = {}
            if reading.indexed and needs_index(adapter, adapter.exports_orders):
                found |= await self._indexed.get_many(adapter, mine, viewer)
                mine = [] if adapter.exports_orders is None else without(mine, found)
            plain = [key for key in mine if not key.part]
            if plain and adapter.orders is not None:
                orders = await adapter.orders.get_many([key.platform_id for key in plain], reading)
                found |= {
                    key: orders[key.platform_id] for key in plain if key.platform_id in orders
                }
            if (partner := adapter.partner_orders) is not None:
                found |= await key_by_key(
                    [key for key in mine if key.part],
                    lambda key: partner.get(key.part, key.platform_id, reading),
                )
            return found

        found = await batch_by_shop(self._directory, viewer, keys, load)
        for order in found:
            if isinstance(order, Order):
                note_buyer_of(order)
        return found

    async def partner(
        self, shop: str, partner_app_id: str, platform_id: str, viewer: Viewer, reading: ReadOptions
    ) -> Order | None:
        """An order of a store for which the shop is a cooperation account."""
        port = self._directory.need(
            shop, viewer, lambda adapter: adapter.partner_orders, "partner-store orders"
        )
        order = await port.get(partner_app_id, platform_id, reading)
        if order is not None:
            note_buyer_of(order)
        return order

    async def page(
        self, listing: OrderListing, asked: PageArguments, viewer: Viewer, reading: ReadOptions
    ) -> CountedPage[Order]:
        """A page of the merged list, from the platforms; what they cannot answer, from the index.

        Raises:
            BadUserInput: an unknown shop, a cursor of another list, or an argument that needs the
                index where it is off.
            PlatformFailure | StoreUnavailable | Overloaded: every shop asked failed.
        """
        check_filter(listing.chosen)
        arguments = listing.indexed_arguments(asked)
        if not self._indexed.enabled:
            refuse_without_index(arguments)
        if arguments or await self._has_buyers(listing.chosen, viewer):
            page = await self._indexed.page(listing, asked, viewer, reading)
        else:
            page = await self._plain(listing, asked, viewer, reading)
        for order in page.nodes:
            note_buyer_of(order)
        return CountedPage(page, self._total_of(page, listing, viewer, reading))

    async def _has_buyers(self, chosen: OrderFilter, viewer: Viewer) -> bool:
        """Whether a buyer is asked for whose orders the index has: not before it is filled."""
        if chosen.buyer_open_id is None or not self._indexed.enabled:
            return False
        selected = self._directory.select(viewer, chosen.shops, chosen.platforms)
        shops = [adapter.shop.key_name for adapter in selected if adapter.orders is not None]
        reaches = await self._indexed.reaches(shops)
        return all(shop in reaches and reaches[shop].done for shop in shops)

    async def _plain(
        self, listing: OrderListing, asked: PageArguments, viewer: Viewer, reading: ReadOptions
    ) -> Merged[Order]:
        chosen = listing.chosen
        request = ListRequest.marked(chosen, asked, listing.mark, timed=True)
        selected = self._directory.select(viewer, chosen.shops, chosen.platforms)
        query = query_of(chosen, beside=shops_of_originals(selected))
        return await self._list_of(query).page(query, request, viewer, reading)

    def _total_of(
        self, page: Merged[Order], listing: OrderListing, viewer: Viewer, reading: ReadOptions
    ) -> Callable[[], Awaitable[int | None]]:
        async def total() -> int | None:
            if page.total is not None or not self._indexed.enabled:
                return page.total
            return await self._indexed.count(listing, viewer, reading)

        return total

    def _list_of(self, query: OrderQuery) -> Timeline[Order, OrderQuery]:
        if query.copies is not True:
            return self._list
        # No platform is asked for copies of which it has none.
        return replace(
            self._list,
            port=lambda adapter: (
                _NO_ORDERS if adapter.orders and not adapter.accepts_orders else adapter.orders
            ),
        )


class _NoOrders:
    """The copies in a shop that has none."""

    async def page(
        self,
        query: OrderQuery,  # noqa: ARG002 - as in the port, like the next three
        after: Position | None,  # noqa: ARG002
        first: int,  # noqa: ARG002
        reading: ReadOptions,  # noqa: ARG002
    ) -> Page[Order]:
        """Nothing."""
        return Page(items=(), more=False, total=0)


_NO_ORDERS: Final = _NoOrders()


def needs_index(adapter: Adapter, in_ledger: object | None) -> bool:
    """Whether the ledger has not all that the shop has of a kind; `in_ledger` exports the kind."""
    return in_ledger is None or adapter.partner_orders is not None


def without(keys: Sequence[Key], found: Collection[Key]) -> Sequence[Key]:
    """Those of the keys that are looked up in the ledger alone, and are not found yet."""
    return [key for key in keys if not key.part and key not in found]


def shops_of_originals(adapters: Iterable[Adapter]) -> frozenset[str]:
    """Those of the shops whose orders may have copies in other shops."""
    return frozenset(one.shop.key_name for one in adapters if one.traits.mirrors_from)


def note_buyer_of(order: Order) -> None:
    """Records whose data an order brings into the response of a running mutation."""
    # The buyer is made when it is first read, which most queries never do.
    if WORK.get() is not None and (buyer := order.buyer_data) is not None:
        note_buyer(order.key.shop, buyer.open_id or buyer.swan_id)
