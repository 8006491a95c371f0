"""Ports that ship, close and change orders which the platform itself keeps.

Every method takes a `deadline` and fails like those of `gateway.ports.writing.catalogue`.
"""

from typing import Protocol

from schema.buyer import ShippingAddress
from schema.inputs.order import OrderRepriceInput, OrderShipInput


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


class RepricesOrders(Protocol):
    """Lowers the prices of orders that are not paid yet."""

    async def reprice(self, order: str, given: OrderRepriceInput, deadline: float | None) -> None:
        """Sets the prices of lines and the shipping fee; what is not given stays as it is.

        Raises:
            Absent: there is no such order.
            InputRefused: a rule of the platform is broken; CONFLICT, the order is paid or over.
        """


class AnnotatesOrders(Protocol):
    """Keeps a note of the merchant with an order."""

    async def set_note(self, order: str, note: str, deadline: float | None) -> None:
        """Replaces the merchant's note.

        Raises:
            Absent: there is no such order.
        """


class AnswersAddressRequests(Protocol):
    """Answers buyers who ask for another address."""

    async def answer_address_request(
        self, order: str, deadline: float | None, *, accept: bool
    ) -> None:
        """Gives the order the address that the buyer asks for, or refuses that.

        Raises:
            Absent: there is no such order.
            InputRefused: CONFLICT, the buyer asks for nothing.
        """


class RevealsAddresses(Protocol):
    """Asks the platform for what it masks of a shipping address."""

    async def reveal(self, order: str, deadline: float | None) -> ShippingAddress:
        """The whole address, which may be kept nowhere; the platform counts each order asked for.

        Raises:
            Absent: there is no such order.
            StoreUnavailable: the platform was not asked, as the audit log cannot say who asks.
        """
