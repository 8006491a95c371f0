"""Remembers which question about orders last showed an order, so that it can be asked again."""

from collections.abc import Iterable
from typing import NamedTuple

from gateway.platforms.wechat_store.wire.order import OrdersRequest


class ObservedOrder(NamedTuple):
    """A question, and when its answer was given, in unix seconds."""

    request: OrdersRequest
    at: float


class SeenOrders:
    """At most `most` orders; those seen longest ago are forgotten first."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._change_detector: dict[str, ObservedOrder] = {}

    def note(self, orders: Iterable[str], request: OrdersRequest, at: float) -> None:
        """These orders stood in the answer to this question."""
        observed = ObservedOrder(request, at)
        for order in orders:
            self._change_detector.pop(order, None)
            self._change_detector[order] = observed
        while len(self._change_detector) > self._most:
            del self._change_detector[next(iter(self._change_detector))]

    def of(self, order: str) -> ObservedOrder | None:
        """The last observed of an order."""
        return self._change_detector.get(order)
