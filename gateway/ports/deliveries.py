"""Ports of the outbox: the platform's form of a push, its delivery, and the delivery's result."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Protocol, TypeVar

from gateway.errors import PlatformFailure
from schema.shipment import Carrier


class DeliveryStatus(Enum):
    """The result of one attempt to deliver a push."""

    DELIVERED = "delivered"
    #: Retry: the platform is down or busy, or refuses the shop's credentials.
    AGAIN = "again"
    #: Retry after `retry_after` seconds, or the next day: the platform's quota is spent.
    LATER = "later"
    #: The platform refused it and would refuse it again.
    REJECTED = "rejected"
    #: The answer was lost; the platform may have done it or not.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """The result for one push; `failure` is None where it was delivered.

    `lost` with AGAIN: the answer of this attempt was lost, so the next one must not just repeat it.
    """

    result_status: DeliveryStatus
    failure: PlatformFailure | None = None
    lost: bool = False
    #: What was sent of this push, as JSON in the platform's form; None: nothing was sent.
    request: bytes | None = None
    #: What the platform answered, without what is of other pushes; None: no answer arrived.
    response: bytes | None = None


class BatchKey(NamedTuple):
    """Pushes of equal keys may go out in one call, at most `most` of them."""

    name: Hashable
    most: int


Message_contra = TypeVar("Message_contra", contravariant=True)


class Codes(NamedTuple):
    """The platform's status codes of an order and of all its after-sales, in their order."""

    order: str
    after_sales: tuple[str, ...] = ()


class UnsentField(NamedTuple):
    """A value of a message that the platform's form has no place for.

    `path` is that of a field of the inputs, such as ("items", "0", "categoryPath").
    """

    path: tuple[str, ...]
    message: str = "the platform has no place for it: only the gateway keeps it"


class WireForm(NamedTuple):
    """A message as the platform takes it; `record` is a wire model of that platform.

    None for an order that the gateway alone keeps.
    """

    record: Any
    #: None where the message is not about an order.
    codes: Codes | None = None
    #: What of the message is not in the record.
    unsent: Sequence[UnsentField] = ()


class WritesWireForm(Protocol[Message_contra]):
    """Writes messages as the platform takes them: the one place for its rules and its form."""

    def wire_form(self, message: Message_contra) -> WireForm:
        """The platform's form of a message, whether it is sent or only checked.

        Raises:
            InvalidForPlatform: the platform cannot take it; lists every violation.
        """


class AcceptsOrders(WritesWireForm[Message_contra], Protocol[Message_contra]):
    """Orders that are pushed to the platform, and their after-sales."""

    #: Whether orders are sent to the platform; if not, the gateway alone keeps them, and nothing
    #: but their shipping is reported.
    sends_orders: bool
    #: Whether the platform can delete an order; if not, a deleted order is hidden.
    deletes: bool
    #: Whether orders have after-sales of their own.
    takes_after_sales: bool
    #: Whether a buyer who is not logged in may be named by a swan id.
    takes_swan_ids: bool
    #: Fields of OrderUpdateInput that no update call of the platform has, in camelCase.
    unchangeable: frozenset[str]
    #: The platform's carriers that have codes, in the manual's order.
    carriers: Sequence[Carrier]
    #: Whether it takes an order as shipped only with its parcels, each with its items and the page
    #: that tracks it.
    needs_parcels: bool

    def reports_shipping(self, message: Message_contra) -> bool:
        """Whether shipping this order is reported by a push of its own, SHIPPING_UPLOAD."""


class AcceptsShoppingList(WritesWireForm[Message_contra], Protocol[Message_contra]):
    """Want-to-buy lists, products and the cart page, pushed to the platform."""

    async def listed(self, open_id: str) -> Sequence[tuple[str, str | None]] | None:
        """The products and SKUs on a buyer's list now; None if the platform does not tell them.

        Raises:
            PlatformFailure | Overloaded: it cannot be read now.
        """


class Delivers(Protocol[Message_contra]):
    """Sends the pushes of one shop; a message is a `gateway.outbox.message.OutboxMessage`."""

    def batch(self, message: Message_contra) -> BatchKey:
        """Messages of equal keys may go out in one call."""

    async def deliver(self, messages: Sequence[Message_contra]) -> Sequence[DeliveryResult]:
        """Sends messages of one batch; gives the result of each, in their order.

        Raises:
            PlatformFailure | Overloaded: nothing of it was sent.
        """
