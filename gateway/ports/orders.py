"""Ports that read orders, after-sales and want-to-buy lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.ports.lists import Page, Position, ReadOptions
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from schema.order import Order
from schema.order_status import OrderStatus
from schema.wanted_item import WantedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which orders: None means any. `created_from` is included, `created_to` is not."""

    statuses: frozenset[OrderStatus] | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    buyer_open_id: str | None = None
    #: False: no copies of other orders; True: copies only; None: copies whose originals are of none
    #: of the shops in `beside`.
    copies: bool | None = None
    #: The shops that the same list reads.
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleQuery:
    """Which after-sales: None means any. `created_from` is included, `created_to` is not."""

    statuses: frozenset[AfterSaleStatus] | None = None
    kinds: frozenset[AfterSaleKind] | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    #: The shops that the same list reads: after-sales of copies of their orders are left out.
    beside: frozenset[str] = frozenset()


def order_position(order: Order) -> Position:
    """The position of an order in its shop's list."""
    if order.created_at is None:
        return Position(order.listed_at or 0, order.platform_id)
    return Position(int(order.created_at.timestamp()), order.platform_id)


class ReadsOrders(Protocol):
    """Orders, newest first."""

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Order]:
        """Orders by platform id."""

    async def page(
        self, query: OrderQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[Order]:
        """At most `first` orders that follow `after`."""


class ListsChangedOrders(Protocol):
    """Lists orders by the time of their last change."""

    async def changed(self, since: int, reading: ReadOptions) -> Sequence[str]:
        """The platform ids of the orders that changed at this unix second or later."""


class FindsOrdersByPhone(Protocol):
    """Finds orders by the receiver's phone number, of which the platform shows a part only."""

    async def by_phone(self, phone: str, reading: ReadOptions) -> Sequence[Order]:
        """Orders whose number may be this one, in no order; `phone` has digits only.

        Some may be of other people: those whose hidden digits alone differ.
        """


class ReadsPartnerOrders(Protocol):
    """Orders of stores for which the shop is a cooperation account."""

    async def get(self, partner_app_id: str, order_id: str, reading: ReadOptions) -> Order | None:
        """One partner order; both ids come with the platform's event."""

    async def after_sales(
        self, partner_app_id: str, order_id: str, reading: ReadOptions
    ) -> Sequence[AfterSale]:
        """The after-sales of a partner order, newest first."""


def after_sale_place(order_id: str, after_sale_id: str) -> str:
    """The id in an after-sale's `Position`: its own is unique within its order only."""
    return f"{order_id}\x1f{after_sale_id}"


def after_sale_ids(place: str) -> tuple[str, str]:
    """The order's id and the after-sale's own, from the result of `after_sale_place`."""
    order_id, _, after_sale_id = place.partition("\x1f")
    return order_id, after_sale_id


def after_sale_position(after_sale: AfterSale) -> Position:
    """The position of an after-sale in its shop's list."""
    created = after_sale.created_at
    at = int(created.timestamp()) if created is not None else after_sale.listed_at or 0
    return Position(at, after_sale_place(after_sale.key.platform_id, after_sale.key.part))


class ReadsAfterSales(Protocol):
    """Refunds, returns and exchanges, newest first; keys are (order id, own id)."""

    async def get(
        self, order_id: str, after_sale_id: str, reading: ReadOptions
    ) -> AfterSale | None:
        """One after-sale."""

    async def of_orders(
        self, order_ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, Sequence[AfterSale]]:
        """The after-sales of orders, newest first; an order without any is absent."""

    async def page(
        self, query: AfterSaleQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[AfterSale]:
        """At most `first` after-sales that follow `after`; positions use `after_sale_place`."""


class ReadsWantedItems(Protocol):
    """One buyer's want-to-buy list, last added line first."""

    async def page(
        self, open_id: str, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[WantedItem]:
        """At most `first` lines that follow `after`; positions use the key's `platform_id`."""

    async def get(self, line: str, reading: ReadOptions) -> WantedItem | None:
        """One line by the `platform_id` of its key."""
