"""Orders of all shops: one, several, and the merged list."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from gateway.mutation_progress import WORK, note_buyer
from gateway.ports import Adapter, OrderQuery, Page, Position, ReadOptions
from gateway.services.batch_by_shop import Found, batch_by_shop, key_by_key
from gateway.services.cursor import PageArguments, mark_of
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut, ListRequest
from gateway.services.merge import Merged
from gateway.services.timeline import Timeline
from gateway.services.viewer import Viewer
from schema.key import Key
from schema.order import Order, OrderFilter


class OrderService:
    """Routes queries of orders to the shops' ports."""

    def __init__(self, directory: Directory, fan_out: FanOut) -> None:
        self._directory = directory
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
        self,
        chosen: OrderFilter | None,
        asked: PageArguments,
        viewer: Viewer,
        reading: ReadOptions,
    ) -> Merged[Order]:
        """The merged list, newest first.

        Raises:
            BadUserInput: an unknown shop, or a cursor of another list.
            PlatformFailure | StoreUnavailable | Overloaded: every shop asked failed.
        """
        wanted = chosen or OrderFilter()
        part = ListRequest.marked(wanted, asked, mark_of(wanted), timed=True)
        selected = self._directory.select(viewer, wanted.shops, wanted.platforms)
        query = _query(wanted, beside=shops_of_originals(selected))
        page = await self._list_of(query).page(query, part, viewer, reading)
        for order in page.nodes:
            note_buyer_of(order)
        return page

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


def shops_of_originals(adapters: Iterable[Adapter]) -> frozenset[str]:
    """Those of the shops whose orders may have copies in other shops."""
    return frozenset(one.shop.key_name for one in adapters if one.traits.mirrors_from)


def note_buyer_of(order: Order) -> None:
    """Records whose data an order brings into the response of a running mutation."""
    # The buyer is made when it is first read, which most queries never do.
    if WORK.get() is not None and (buyer := order.buyer_data) is not None:
        note_buyer(order.key.shop, buyer.open_id or buyer.swan_id)


def _query(chosen: OrderFilter, *, beside: frozenset[str]) -> OrderQuery:
    return OrderQuery(
        statuses=frozenset(chosen.statuses) if chosen.statuses is not None else None,
        created_from=chosen.created_from,
        created_to=chosen.created_to,
        buyer_open_id=chosen.buyer_open_id,
        copies=chosen.copies,
        beside=beside,
    )
