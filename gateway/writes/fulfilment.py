"""Ports that ship and close orders which the platform itself keeps.

Every method takes a `deadline` and fails as those of `gateway.writes.catalogue` do.
"""

from typing import Protocol

from schema.inputs.order import OrderShipInput
from schema.order import Order


class ShipsOrders(Protocol):
    """Tells the platform how an order was sent."""

    async def ship(self, order: str, given: OrderShipInput, deadline: float | None) -> Order:
        """The order as the platform has it afterwards.

        Raises:
            Absent: there is no such order.
            InputRefused: a rule of the platform is broken; CONFLICT, the order does not wait for
                its shipment.
        """


class ClosesOrders(Protocol):
    """Ends orders."""

    async def close(self, order: str, deadline: float | None) -> Order:
        """The order as the platform has it afterwards, with the status CLOSED.

        Raises:
            Absent: there is no such order.
            InputRefused: CONFLICT, the order has come to its end already.
        """
