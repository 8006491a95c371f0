"""Remembers which question about orders last showed an order, so that it can be asked again."""

from collections.abc import Iterable
from typing import NamedTuple

from gateway.concurrency.lru_cache import LruCache
from gateway.platforms.wechat_store.wire.order import OrdersRequest


class SeenOrder(NamedTuple):
    """A question, and when its answer was given, in unix seconds."""

    request: OrdersRequest
    at: float


class SeenOrders:
    """At most `most` orders; those seen or asked for longest ago are evicted first."""

    def __init__(self, most: int = 10_000) -> None:
        self._seen: LruCache[str, SeenOrder] = LruCache(max_entries=most)

    def note(self, orders: Iterable[str], request: OrdersRequest, at: float) -> None:
        """These orders stood in the answer to this question."""
        seen = SeenOrder(request, at)
        for order in orders:
            self._seen.put(order, seen)

    def of(self, order: str) -> SeenOrder | None:
        """Where an order was last seen; None if it was not, or too long ago."""
        return self._seen.get(order)
