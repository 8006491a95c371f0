"""Ports that ship and close orders which the platform itself keeps.

Every method takes a `deadline` and fails as those of `gateway.ports.writing.catalogue` do.
"""

from typing import Protocol

from schema.inputs.order import OrderShipInput


class ShipsOrders(Protocol):
    """Tells the platform how an order was sent."""

    async def ship(self, order: str, given: OrderShipInput, deadline: float | None) -> None:
        """Tells how the order was sent, or that nothing is sent.

        Raises:
            Absent: there is no such order.
            InputRefused: a rule of the platform is broken; CONFLICT, the order does not wait for
                its shipment.
        """


class ClosesOrders(Protocol):
    """Ends orders."""

    async def close(self, order: str, deadline: float | None) -> None:
        """Closes the order: it is CLOSED in every answer from then on.

        Raises:
            Absent: there is no such order.
            InputRefused: CONFLICT, the order has come to its end already.
            StoreUnavailable: what the gateway remembers of it could not be written.
        """
