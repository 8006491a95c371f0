"""What a platform takes in through the outbox, and what becomes of it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol, TypeVar

from gateway.errors import PlatformFailure


class DeliveryStatus(Enum):
    """What an attempt to deliver a push came to."""

    DELIVERED = "delivered"
    #: Not now: the platform is down, busy or refuses the shop's credentials.
    AGAIN = "again"
    #: Not before `retry_after` seconds, or the next day: the platform's quota is spent.
    LATER = "later"
    #: The platform refused it, and would again.
    REJECTED = "rejected"
    #: The answer was lost, and nothing tells whether the platform did it.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What became of one push; `failure` is None where it was delivered.

    `lost` with AGAIN: the answer of this attempt was lost, so the next must not simply repeat it.
    """

    result_status: DeliveryStatus
    failure: PlatformFailure | None = None
    lost: bool = False


class BatchKey(NamedTuple):
    """Pushes of equal batches may go out in one call, `most` of them."""

    name: Hashable
    most: int


Message_contra = TypeVar("Message_contra", contravariant=True)


class Codes(NamedTuple):
    """The platform's own codes of where an order and its after-sales stand, in their order."""

    order: str
    after_sales: tuple[str, ...] = ()


class TakesOrders(Protocol[Message_contra]):
    """What a platform takes of orders, told beforehand."""

    #: Whether the platform can forget an order; where it cannot, a deleted one is hidden.
    deletes: bool
    #: Whether orders have after-sales of their own.
    takes_after_sales: bool
    #: Fields of OrderUpdateInput that no call for a change has room for, in camelCase.
    unchangeable: frozenset[str]

    def check(self, message: Message_contra) -> Codes:
        """Writes what would be sent, throws it away, and gives its codes.

        Raises:
            InvalidForPlatform: the platform cannot take it; lists every violation.
        """


class TakesGoods(Protocol[Message_contra]):
    """What a platform takes of want-to-buy lists and of products, told beforehand."""

    def check(self, message: Message_contra) -> None:
        """Writes what would be sent, and throws it away.

        Raises:
            InvalidForPlatform: the platform cannot take it; lists every violation.
        """


class Delivers(Protocol[Message_contra]):
    """Sends what the outbox holds for one shop; a message is a `gateway.outbox.message.Parcel`."""

    def batch(self, message: Message_contra) -> BatchKey:
        """What may go out together with it."""

    async def deliver(self, messages: Sequence[Message_contra]) -> Sequence[DeliveryResult]:
        """Sends messages of one batch; gives the outcome of each, in their order.

        Raises:
            PlatformFailure | Overloaded: nothing of it was sent.
        """
