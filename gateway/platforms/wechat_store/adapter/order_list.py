"""One answer of merchant/order/getbyfilter: orders from the newest backwards."""

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, Final, NamedTuple

from gateway.platforms.wechat_store.adapter.raw import Entries, RawList
from gateway.platforms.wechat_store.mapping.order import order_from_wire
from gateway.platforms.wechat_store.mapping.scalars import whole
from gateway.platforms.wechat_store.wire.order import Order as WireOrder
from gateway.platforms.wechat_store.wire.order import OrdersResponse
from gateway.ports import Position
from schema.order import Order
from schema.shop import Shop

#: When the calendar ends, in unix seconds: what is told to be later has no time.
_END: Final = 253_402_300_800


class Row(NamedTuple):
    """An order of the list, not yet mapped."""

    position: Position
    place: int
    raw: WireOrder
    #: False where the platform does not tell when it was created.
    dated: bool


class OrderList:
    """Orders that are mapped when they are first asked for; each is there once."""

    __slots__ = ("_dated", "_entries", "_rows")

    def __init__(self, value: OrdersResponse, body: bytes, shop: Shop) -> None:
        def make(raw: WireOrder, source: Callable[[], Any]) -> Order:
            return order_from_wire(raw, shop, source)

        wires = value.order_list or []
        self._entries: Entries[WireOrder, Order] = Entries(wires, make, RawList(body, "order_list"))
        rows = {str(raw.order_id): _row(place, raw) for place, raw in enumerate(wires)}
        self._rows = dict(sorted(rows.items(), key=lambda item: item[1].position, reverse=True))
        self._dated = all(row.dated for row in rows.values())

    def rows(self, begin: int) -> Iterable[Row]:
        """The newest first; what has no time is the oldest of its window, which begins then."""
        if self._dated:
            return self._rows.values()
        placed = (
            row if row.dated else row._replace(position=Position(begin, row.position.platform_id))
            for row in self._rows.values()
        )
        return sorted(placed, key=lambda row: row.position, reverse=True)

    def order(self, row: Row) -> Order:
        """The order of one of this list's rows."""
        order = self._entries[row.place]
        if row.dated:
            return order
        listed = copy(order)
        listed.listed_at = row.position.at
        return listed

    def get(self, order: str) -> Order | None:
        """An order by its id; None where this answer does not have it."""
        row = self._rows.get(order)
        return None if row is None else self._entries[row.place]


def _row(place: int, raw: WireOrder) -> Row:
    at = whole(raw.order_create_time) or 0
    dated = at != 0 and at < _END
    return Row(Position(at if dated else 0, str(raw.order_id)), place, raw, dated)
