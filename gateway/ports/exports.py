"""Ports that list what the ledger has of a shop, for exports: oldest first, asking no platform."""

from collections.abc import Sequence
from typing import Protocol

from gateway.ports.catalogue import ProductQuery
from gateway.ports.lists import Position
from gateway.ports.orders import AfterSaleQuery, OrderQuery
from schema.after_sale import AfterSale
from schema.order import Order
from schema.product import Product


class ExportsOrders(Protocol):
    """Orders by creation time, then by platform id."""

    async def count(self, query: OrderQuery) -> int:
        """How many orders the query matches."""

    async def scan(self, query: OrderQuery, after: Position | None, limit: int) -> Sequence[Order]:
        """At most `limit` orders that follow `after`."""


class ExportsAfterSales(Protocol):
    """After-sales by creation time, then by their order's id and their own."""

    async def count(self, query: AfterSaleQuery) -> int:
        """How many after-sales the query matches."""

    async def scan(
        self, query: AfterSaleQuery, after: Position | None, limit: int
    ) -> Sequence[AfterSale]:
        """At most `limit` after-sales that follow `after`; positions use `after_sale_place`."""


class ExportsProducts(Protocol):
    """Products by platform id."""

    async def count(self, query: ProductQuery) -> int:
        """How many products the query matches."""

    async def scan(self, query: ProductQuery, after: str | None, limit: int) -> Sequence[Product]:
        """At most `limit` products that follow the platform id `after`."""
