"""Remembers which request last returned an order, so that it can be repeated."""

from collections.abc import Iterable
from typing import NamedTuple

from gateway.concurrency.lru_cache import LruCache
from gateway.platforms.wechat_store.wire.order import OrdersRequest


class SeenOrder(NamedTuple):
    """A request, and when it was answered, in unix seconds."""

    request: OrdersRequest
    at: float


class SeenOrders:
    """LRU cache of at most `most` orders."""

    def __init__(self, most: int = 10_000) -> None:
        self._seen: LruCache[str, SeenOrder] = LruCache(max_entries=most)

    def note(self, orders: Iterable[str], request: OrdersRequest, at: float) -> None:
        """Records that these orders were in the answer to this request."""
        seen = SeenOrder(request, at)
        for order in orders:
            self._seen.put(order, seen)

    def of(self, order: str) -> SeenOrder | None:
        """Where an order was last seen; None if never, or if it was evicted."""
        return self._seen.get(order)
