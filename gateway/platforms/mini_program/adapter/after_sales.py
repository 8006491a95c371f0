"""Reads after-sales: refunded orders of the shopping list and of partner stores."""

from collections.abc import Mapping, Sequence

from gateway.platforms.mini_program.adapter.orders import MiniProgramOrders
from gateway.platforms.mini_program.adapter.partner_orders import PartnerOrders
from gateway.platforms.mini_program.mapping.status import AFTER_SALE_STATUS
from gateway.ports import AfterSaleQuery, Page, Position, ReadOptions
from gateway.wechat.after_sales import PARTNER, OrdersAsAfterSales
from schema.after_sale import AfterSale


class MiniProgramAfterSales:
    """Implements `ReadsAfterSales`."""

    def __init__(self, orders: MiniProgramOrders, partner: PartnerOrders) -> None:
        ((standing, status),) = AFTER_SALE_STATUS.items()
        self._orders = OrdersAsAfterSales(orders, standing=standing, status=status)
        self._partner = partner

    async def get(
        self, order_id: str, after_sale_id: str, reading: ReadOptions
    ) -> AfterSale | None:
        """The after-sale of an order, or None."""
        if not after_sale_id.startswith(PARTNER):
            return await self._orders.get(order_id, after_sale_id, reading)
        app_id = after_sale_id.removeprefix(PARTNER)
        found = await self._partner.after_sales(app_id, order_id, reading)
        return found[0] if found else None

    async def of_orders(
        self, order_ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, Sequence[AfterSale]]:
        """The after-sale of each order of the shopping list that has one."""
        return await self._orders.of_orders(order_ids, reading)

    async def page(
        self, query: AfterSaleQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[AfterSale]:
        """At most `first` after-sales of both kinds of orders, by the time of their orders."""
        return await self._orders.page(query, after, first, reading)
