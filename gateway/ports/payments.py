"""Port that reads payments: orders as the platform that took their payment keeps them."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

Paid_co = TypeVar("Paid_co", covariant=True)


class ReadsPayments(Protocol[Paid_co]):
    """Payments of one shop, each a `gateway.ledger.payments.PaidOrder`."""

    async def are_kept(self) -> bool:
        """Whether the platform keeps payments of this account; raises PlatformFailure."""

    async def paid_between(self, begin: int, end: int) -> Sequence[Paid_co]:
        """Those paid from one unix second to another, both included.

        Raises:
            PlatformFailure | Overloaded: they cannot be read now.
        """
