"""Ports that ship and close orders which the platform itself keeps.

Every method takes a `deadline` and fails like those of `gateway.ports.writing.catalogue`.
"""

from typing import Protocol

from schema.inputs.order import OrderShipInput


class ShipsOrders(Protocol):
    """Ships orders."""

    async def ship(self, order: str, given: OrderShipInput, deadline: float | None) -> None:
        """Reports how the order was shipped, or that nothing is shipped.

        Raises:
            Absent: there is no such order.
            InputRefused: a rule of the platform is broken; CONFLICT, the order is not awaiting
                shipment.
        """


class ClosesOrders(Protocol):
    """Closes orders."""

    async def close(self, order: str, deadline: float | None) -> None:
        """Closes the order: it is CLOSED in every answer from then on.

        Raises:
            Absent: there is no such order.
            InputRefused: CONFLICT, the order has ended already.
            StoreUnavailable: the gateway could not record it.
        """
