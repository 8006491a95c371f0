"""A Mini Program's after-sales: the refunded orders of its shopping list."""

from collections.abc import Mapping, Sequence

from gateway.ledger.orders import LedgerOrders
from gateway.platforms.mini_program.mapping.after_sale import refunded_order
from gateway.ports import (
    AfterSaleQuery,
    OrderQuery,
    Page,
    Position,
    Reading,
    after_sale_ids,
)
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from schema.order_status import OrderStatus


class RefundedOrders:
    """Implements `ReadsAfterSales`; an after-sale's own id is its order's."""

    def __init__(self, ledger: LedgerOrders) -> None:
        self._ledger = ledger

    async def get(self, order_id: str, after_sale_id: str, reading: Reading) -> AfterSale | None:
        """One after-sale."""
        if after_sale_id != order_id:
            return None
        found = await self.of_orders([order_id], reading)
        return found[order_id][0] if found else None

    async def of_orders(
        self, order_ids: Sequence[str], reading: Reading
    ) -> Mapping[str, Sequence[AfterSale]]:
        """The after-sale of each order that was refunded."""
        orders = await self._ledger.get_many(order_ids, reading)
        return {
            name: (refunded_order(order),)
            for name, order in orders.items()
            if order.status is OrderStatus.REFUNDED
        }

    async def page(
        self, query: AfterSaleQuery, after: Position | None, first: int, reading: Reading
    ) -> Page[AfterSale]:
        """At most `first` after-sales behind `after`, by the time of their orders."""
        wanted = OrderQuery(
            statuses=frozenset({OrderStatus.REFUNDED}) if _may_match(query) else frozenset(),
            created_from=query.created_from,
            created_to=query.created_to,
        )
        behind = None if after is None else Position(after.at, after_sale_ids(after.platform_id)[0])
        page = await self._ledger.page(wanted, behind, first, reading)
        return Page(
            items=[refunded_order(order) for order in page.items],
            more=page.more,
            total=page.total,
            provenance=page.provenance,
        )


def _may_match(query: AfterSaleQuery) -> bool:
    statuses, kinds = query.statuses, query.kinds
    return (statuses is None or AfterSaleStatus.REFUNDED in statuses) and (
        kinds is None or AfterSaleKind.UNKNOWN in kinds
    )
