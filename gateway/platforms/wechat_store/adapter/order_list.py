"""One answer of merchant/order/getbyfilter: orders from the newest backwards."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gateway.platforms.wechat_store.adapter.entries import Entries
from gateway.platforms.wechat_store.adapter.raw import RawList
from gateway.platforms.wechat_store.mapping.order import order_from_wire
from gateway.platforms.wechat_store.mapping.scalars import whole
from gateway.platforms.wechat_store.wire.order import Order as WireOrder
from gateway.platforms.wechat_store.wire.order import OrdersResponse
from gateway.ports import Position
from schema.order import Order
from schema.shop import Shop


class Row(NamedTuple):
    """An order of the list, not yet mapped."""

    position: Position
    place: int
    raw: WireOrder


class OrderList:
    """Orders that are mapped when they are first asked for; each is there once."""

    __slots__ = ("_entries", "_rows")

    def __init__(self, value: OrdersResponse, body: bytes, shop: Shop) -> None:
        def make(raw: WireOrder, source: Callable[[], Any]) -> Order:
            return order_from_wire(raw, shop, source)

        wires = value.order_list or []
        self._entries: Entries[WireOrder, Order] = Entries(wires, make, RawList(body, "order_list"))
        rows = {str(raw.order_id): _row(place, raw) for place, raw in enumerate(wires)}
        self._rows = dict(sorted(rows.items(), key=lambda item: item[1].position, reverse=True))

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def order(self, row: Row) -> Order:
        """The order of one of this list's rows."""
        return self._entries[row.place]

    def get(self, order: str) -> Order | None:
        """An order by its id; None where this answer does not have it."""
        row = self._rows.get(order)
        return None if row is None else self._entries[row.place]


def _row(place: int, raw: WireOrder) -> Row:
    return Row(Position(whole(raw.order_create_time) or 0, str(raw.order_id)), place, raw)
