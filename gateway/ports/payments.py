"""Port that reads payments: orders as the platform that took their payment keeps them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

Paid_co = TypeVar("Paid_co", covariant=True)


class PaymentName(NamedTuple):
    """By what an event names a payment: its transaction id, or the merchant's two numbers."""

    transaction_id: str | None = None
    merchant_id: str | None = None
    trade_number: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether a payment can be read by it."""
        return bool(self.transaction_id or (self.merchant_id and self.trade_number))


class ReadsPayments(Protocol[Paid_co]):
    """Payments of one shop, each a `gateway.ledger.payments.PaidOrder`."""

    async def are_kept(self) -> bool:
        """Whether the platform keeps payments of this account; raises PlatformFailure."""

    async def paid_between(self, begin: int, end: int) -> Sequence[Paid_co]:
        """Those paid from one unix second to another, both included.

        Raises:
            PlatformFailure | Overloaded: they cannot be read now.
        """

    async def get(self, name: PaymentName) -> Paid_co | None:
        """One payment, asked for now; None if the platform does not know it (yet).

        Raises:
            PlatformFailure | Overloaded: it cannot be read now.
        """
