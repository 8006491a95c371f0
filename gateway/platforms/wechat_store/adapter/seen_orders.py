"""Remembers which question about orders last showed an order, so that it can be asked again."""

from collections.abc import Iterable
from typing import NamedTuple

from gateway.platforms.wechat_store.wire.order import OrdersRequest


class Sighting(NamedTuple):
    """A question, and when its answer was given, in unix seconds."""

    request: OrdersRequest
    at: float


class SeenOrders:
    """At most `most` orders; those seen longest ago are forgotten first."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._sightings: dict[str, Sighting] = {}

    def note(self, orders: Iterable[str], request: OrdersRequest, at: float) -> None:
        """These orders stood in the answer to this question."""
        sighting = Sighting(request, at)
        for order in orders:
            self._sightings.pop(order, None)
            self._sightings[order] = sighting
        while len(self._sightings) > self._most:
            del self._sightings[next(iter(self._sightings))]

    def of(self, order: str) -> Sighting | None:
        """The last sighting of an order."""
        return self._sightings.get(order)
