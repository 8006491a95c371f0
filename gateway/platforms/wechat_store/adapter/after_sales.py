"""Reads the disputes over orders, the only after-sales that the platform tells of."""

from collections.abc import Mapping, Sequence

from gateway.platforms.wechat_store.mapping.after_sale import after_sale_of
from gateway.ports import AfterSaleQuery, OrderQuery, Page, Position, Reading, ReadsOrders
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from schema.order import Order
from schema.order_status import OrderStatus


class AfterSales:
    """Fills the port ReadsAfterSales; a dispute has the id of its order."""

    def __init__(self, orders: ReadsOrders) -> None:
        self._orders = orders

    async def get(self, order_id: str, after_sale_id: str, reading: Reading) -> AfterSale | None:
        """The dispute over an order, None where there is none."""
        if order_id != after_sale_id:
            return None
        order = (await self._orders.get_many([order_id], reading)).get(order_id)
        return after_sale_of(order) if order is not None and _disputed(order) else None

    async def of_orders(
        self, order_ids: Sequence[str], reading: Reading
    ) -> Mapping[str, Sequence[AfterSale]]:
        """The dispute over each order that has one."""
        orders = await self._orders.get_many(order_ids, reading)
        return {id_: (after_sale_of(order),) for id_, order in orders.items() if _disputed(order)}

    async def page(
        self, query: AfterSaleQuery, after: Position | None, first: int, reading: Reading
    ) -> Page[AfterSale]:
        """At most `first` disputes behind `after`, by the time of their orders."""
        if not _possible(query):
            return Page(items=(), more=False, total=0)
        wanted = OrderQuery(
            statuses=frozenset({OrderStatus.IN_DISPUTE}),
            created_from=query.created_from,
            created_to=query.created_to,
        )
        orders = await self._orders.page(wanted, after and _order_position(after), first, reading)
        return Page(
            items=[after_sale_of(order) for order in orders.items],
            more=orders.more,
            total=orders.total,
            provenance=orders.provenance,
        )


def _disputed(order: Order) -> bool:
    return order.status is OrderStatus.IN_DISPUTE


def _possible(query: AfterSaleQuery) -> bool:
    return (query.statuses is None or AfterSaleStatus.IN_DISPUTE in query.statuses) and (
        query.kinds is None or AfterSaleKind.UNKNOWN in query.kinds
    )


def _order_position(after: Position) -> Position:
    """A dispute's place holds the order's id twice; see `after_sale_place`."""
    order_id, _, _ = after.platform_id.partition("\x1f")
    return Position(after.at, order_id)
