"""One response of merchant/order/getbyfilter: orders, newest first."""

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, Final, NamedTuple

from gateway.concurrency.sliced_work import Steps
from gateway.platforms.wechat_store.adapter.raw import Entries, RawList
from gateway.platforms.wechat_store.mapping.order import order_from_wire
from gateway.platforms.wechat_store.wire.order import Order as WireOrder
from gateway.platforms.wechat_store.wire.order import OrdersResponse
from gateway.ports import Position
from gateway.wechat.scalars import whole
from schema.order import Order
from schema.shop import Shop

#: The end of the calendar, in unix seconds: an order with a later time counts as undated.
_END: Final = 253_402_300_800


class Row(NamedTuple):
    """An order of the list, not yet mapped."""

    position: Position
    place: int
    raw: WireOrder
    #: False if the platform does not report when it was created.
    dated: bool


class OrderList:
    """Orders, mapped on first access, without duplicates."""

    __slots__ = ("_dated", "_entries", "_rows")

    def __init__(
        self, value: OrdersResponse, body: bytes, shop: Shop, asked_at: float | None = None
    ) -> None:
        def make(raw: WireOrder, source: Callable[[], Any]) -> Order:
            order = order_from_wire(raw, shop, source)
            order.asked_at = asked_at
            return order

        wires = value.order_list or []
        self._entries: Entries[WireOrder, Order] = Entries(wires, make, RawList(body, "order_list"))
        rows = {str(raw.order_id): _row(place, raw) for place, raw in enumerate(wires)}
        self._rows = dict(sorted(rows.items(), key=lambda item: item[1].position, reverse=True))
        self._dated = all(row.dated for row in rows.values())

    def prepare(self) -> Steps[None]:
        """Make what raw documents need, for a list too long to make it at once."""
        yield from self._entries.scan()

    def rows(self, begin: int) -> Iterable[Row]:
        """Newest first; undated orders count as created at `begin`, where the window begins."""
        if self._dated:
            return self._rows.values()
        placed = (
            row if row.dated else row._replace(position=Position(begin, row.position.platform_id))
            for row in self._rows.values()
        )
        return sorted(placed, key=lambda row: row.position, reverse=True)

    def order(self, row: Row) -> Order:
        """The order in one of this list's rows."""
        order = self._entries[row.place]
        if row.dated:
            return order
        listed = copy(order)
        listed.listed_at = row.position.at
        return listed

    def get(self, order: str) -> Order | None:
        """An order by its id; None if it is not in this response."""
        row = self._rows.get(order)
        return None if row is None else self._entries[row.place]


def _row(place: int, raw: WireOrder) -> Row:
    at = whole(raw.order_create_time) or 0
    dated = at != 0 and at < _END
    return Row(Position(at if dated else 0, str(raw.order_id)), place, raw, dated)
