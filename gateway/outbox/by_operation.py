"""Sends the pushes of one shop by whoever is there for their operation."""

from collections.abc import Mapping, Sequence

from gateway.outbox.parcel import Parcel
from gateway.ports import Delivers, Lot, Outcome


class ByOperation:
    """Implements `Delivers`; `deliveries` has every PushOperation that the platform takes."""

    def __init__(self, deliveries: Mapping[str, Delivers[Parcel]]) -> None:
        self._deliveries = deliveries

    def lot(self, parcel: Parcel) -> Lot:
        """What may go out together with it: of its own operation's kind only."""
        return self._deliveries[parcel.operation].lot(parcel)

    async def deliver(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Sends parcels of one lot; gives the outcome of each, in their order."""
        return await self._deliveries[parcels[0].operation].deliver(parcels)
