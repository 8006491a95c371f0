"""After-sales of WeChat's platforms: orders that are refunded or in dispute."""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.ports import (
    AfterSaleQuery,
    OrderQuery,
    Page,
    Position,
    ReadOptions,
    ReadsOrders,
    after_sale_ids,
)
from schema.after_sale import AfterSale, AfterSaleItem, AfterSaleKind, AfterSaleStatus
from schema.key import Key
from schema.order import Order
from schema.order_status import OrderStatus

#: Prefix of the key part of a partner order's after-sale; the store's app id follows.
PARTNER: Final = "partner:"


class OrdersAsAfterSales:
    """Implements `ReadsAfterSales`; an after-sale's own id is its order's.

    `standing` is the order status that implies an after-sale, `status` that after-sale's status.
    """

    def __init__(
        self, orders: ReadsOrders, *, standing: OrderStatus, status: AfterSaleStatus
    ) -> None:
        self._orders = orders
        self._standing = standing
        self._status = status

    async def get(
        self, order_id: str, after_sale_id: str, reading: ReadOptions
    ) -> AfterSale | None:
        """The after-sale of an order, or None."""
        if after_sale_id != order_id:
            return None
        found = await self.of_orders([order_id], reading)
        return found[order_id][0] if found else None

    async def of_orders(
        self, order_ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, Sequence[AfterSale]]:
        """The after-sale of each order that has one."""
        orders = await self._orders.get_many(order_ids, reading)
        return {
            name: (after_sale_of(order, self._status),)
            for name, order in orders.items()
            if order.status is self._standing
        }

    async def page(
        self, query: AfterSaleQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[AfterSale]:
        """At most `first` after-sales after `after`, by the time of their orders."""
        wanted = OrderQuery(
            statuses=frozenset({self._standing} if self._may_match(query) else ()),
            created_from=query.created_from,
            created_to=query.created_to,
        )
        behind = None if after is None else Position(after.at, after_sale_ids(after.platform_id)[0])
        page = await self._orders.page(wanted, behind, first, reading)
        return Page(
            items=tuple(after_sale_of(order, self._status) for order in page.items),
            more=page.more,
            total=page.total,
            provenance=page.provenance,
        )

    def _may_match(self, query: AfterSaleQuery) -> bool:
        return (query.statuses is None or self._status in query.statuses) and (
            query.kinds is None or AfterSaleKind.UNKNOWN in query.kinds
        )


def after_sale_of(order: Order, status: AfterSaleStatus) -> AfterSale:
    """The after-sale that an order's status implies.

    The platform reports nothing else: id and times are the order's; when it began, its amount and
    whether goods were returned are unknown. The key of a partner order's after-sale has PARTNER
    and the store's app id as its part.
    """
    shop = order.shop
    part = f"{PARTNER}{order.key.part}" if order.key.part else order.platform_id
    return AfterSale(
        key=Key("AfterSale", shop.key_name, order.platform_id, part),
        order_key=order.key,
        shop=shop,
        platform=order.platform,
        platform_id=order.platform_id,
        status=status,
        platform_status=order.platform_status or "",
        kind=AfterSaleKind.UNKNOWN,
        items=[
            AfterSaleItem(
                product_key=item.product_key,
                platform_product_id=item.platform_product_id,
                quantity=item.quantity,
            )
            for item in order.items
        ],
        created_at=order.created_at,
        listed_at=order.listed_at,
        updated_at=order.updated_at,
    )
