"""After-sales of WeChat's platforms: orders that are refunded or in dispute."""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.ports import (
    AfterSaleQuery,
    ExportsOrders,
    OrderQuery,
    Page,
    Position,
    ReadOptions,
    ReadsOrders,
    after_sale_ids,
)
from schema.after_sale import AfterSale, AfterSaleItem, AfterSaleKind, AfterSaleStatus
from schema.key import Key
from schema.line_ids import positions
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
        wanted = _orders_of(query, self._standing, self._status)
        page = await self._orders.page(wanted, _order_behind(after), first, reading)
        return Page(
            items=tuple(after_sale_of(order, self._status) for order in page.items),
            more=page.more,
            total=page.total,
            provenance=page.provenance,
        )


class ExportedOrdersAsAfterSales:
    """Implements `ExportsAfterSales`, as `OrdersAsAfterSales` implements `ReadsAfterSales`."""

    def __init__(
        self, orders: ExportsOrders, *, standing: OrderStatus, status: AfterSaleStatus
    ) -> None:
        self._orders = orders
        self._standing = standing
        self._status = status

    async def count(self, query: AfterSaleQuery) -> int:
        """How many after-sales the query matches."""
        return await self._orders.count(_orders_of(query, self._standing, self._status))

    async def scan(
        self, query: AfterSaleQuery, after: Position | None, limit: int
    ) -> list[AfterSale]:
        """At most `limit` after-sales after `after`, by the time of their orders, oldest first."""
        wanted = _orders_of(query, self._standing, self._status)
        orders = await self._orders.scan(wanted, _order_behind(after), limit)
        return [after_sale_of(order, self._status) for order in orders]


def _orders_of(query: AfterSaleQuery, standing: OrderStatus, status: AfterSaleStatus) -> OrderQuery:
    """The orders that imply the after-sales of a query."""
    may_match = (query.statuses is None or status in query.statuses) and (
        query.kinds is None or AfterSaleKind.UNKNOWN in query.kinds
    )
    return OrderQuery(
        statuses=frozenset({standing} if may_match else ()),
        created_from=query.created_from,
        created_to=query.created_to,
        beside=query.beside,
    )


def _order_behind(after: Position | None) -> Position | None:
    return None if after is None else Position(after.at, after_sale_ids(after.platform_id)[0])


def after_sale_of(order: Order, status: AfterSaleStatus) -> AfterSale:
    """The after-sale that an order's status implies.

    The platform reports nothing else: id and times are the order's; when it began, its amount and
    whether goods were returned are unknown. The key of a partner order's after-sale has PARTNER
    and the store's app id as its part.
    """
    shop = order.shop
    part = f"{PARTNER}{order.key.part}" if order.key.part else order.platform_id
    key = Key("AfterSale", shop.key_name, order.platform_id, part)
    places = positions(item.platform_product_id for item in order.items)
    return AfterSale(
        key=key,
        order_key=order.key,
        shop=shop,
        platform=order.platform,
        platform_id=order.platform_id,
        status=status,
        platform_status=order.platform_status or "",
        kind=AfterSaleKind.UNKNOWN,
        items=[
            AfterSaleItem(
                after_sale_key=key,
                position=position,
                product_key=item.product_key,
                platform_product_id=item.platform_product_id,
                quantity=item.quantity,
            )
            for item, position in zip(order.items, places, strict=True)
        ],
        created_at=order.created_at,
        listed_at=order.listed_at,
        updated_at=order.updated_at,
    )
