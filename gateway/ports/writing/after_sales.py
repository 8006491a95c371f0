"""Ports that decide on after-sales which the platform itself keeps.

Every method takes a `deadline` and fails like those of `gateway.ports.writing.catalogue`. `given`
names an after-sale that was read just before, as `after_sale`.
"""

from collections.abc import Sequence
from typing import Protocol

from gateway.ports.lists import ReadOptions
from schema.after_sale import AfterSale, RejectReason, ReturnAddress
from schema.inputs.after_sale import (
    AfterSaleAcceptInput,
    AfterSaleNegotiateInput,
    AfterSaleRejectInput,
)


class DecidesAfterSales(Protocol):
    """Accepts, rejects and negotiates after-sales; reads what decisions name."""

    async def reject_reasons(self, reading: ReadOptions) -> Sequence[RejectReason]:
        """The reasons with which an after-sale may be rejected, in the platform's order."""

    async def return_addresses(self, reading: ReadOptions) -> Sequence[ReturnAddress]:
        """The addresses to which goods may be returned, in the platform's order."""

    def check_accept(self, after_sale: AfterSale, given: AfterSaleAcceptInput) -> bool:
        """Whether accepting pays the refund out at once.

        Raises:
            InputRefused: a rule of the platform is broken; CONFLICT, its status does not allow it.
        """

    async def accept(
        self, after_sale: AfterSale, given: AfterSaleAcceptInput, deadline: float | None
    ) -> None:
        """Agrees to the after-sale, or pays it; `check_accept` has passed.

        Raises:
            Absent: there is no such after-sale.
            InputRefused: a rule of the platform is broken.
        """

    async def reject(
        self, after_sale: AfterSale, given: AfterSaleRejectInput, deadline: float | None
    ) -> None:
        """Rejects the after-sale, or to send the goods of an exchange.

        Raises:
            Absent: there is no such after-sale.
            InputRefused: as `check_accept`.
        """

    async def negotiate(
        self, after_sale: AfterSale, given: AfterSaleNegotiateInput, deadline: float | None
    ) -> None:
        """Asks the buyer to withdraw it, to prove it, or to agree to another kind or refund.

        Raises:
            Absent: there is no such after-sale.
            InputRefused: as `check_accept`.
        """

    async def add_certificates(
        self, after_sale: AfterSale, images: Sequence[str], text: str, deadline: float | None
    ) -> None:
        """Adds pictures that prove a refund which was made outside the platform.

        Raises:
            Absent: there is no such after-sale.
            InputRefused: a rule of the platform is broken.
        """

    async def ship_exchange(
        self, after_sale: AfterSale, carrier: str, tracking_number: str, deadline: float | None
    ) -> None:
        """Reports the parcel with the new goods of an exchange.

        Raises:
            Absent: there is no such after-sale.
            InputRefused: as `check_accept`.
        """
