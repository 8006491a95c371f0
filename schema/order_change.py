"""Order changes, as subscriptions deliver them."""

from enum import Enum

import strawberry
from strawberry import Info

from schema.context import RequestContext
from schema.declare import derived, described, means, public_enum, public_type
from schema.key import Key
from schema.node import PageInfo
from schema.order import Order
from schema.order_status import OrderStatus
from schema.scalars import DateTime
from schema.shipment import Shipment


@public_enum
class OrderChangeCause(Enum):
    """How the gateway learned of a change."""

    PLATFORM_EVENT = means("PLATFORM_EVENT", "The platform sent an event.")
    MUTATION = means("MUTATION", "A mutation of this API changed it.")
    POLL = means("POLL", "The gateway polled recent orders.")
    MIRROR = means("MIRROR", "An order of another shop changed, and this is its copy.")
    DELETED = means("DELETED", "The order was deleted.")


@public_type
class OrderChange:
    """A new order, or an order whose status changed."""

    key: strawberry.Private[Key]

    cursor: str = described("Pass as `since` to get the changes that follow.")
    status: OrderStatus | None = described(
        "The status after the change; null if the order was deleted.", default=None
    )
    platform_status: str | None = described(
        "The platform's own code of that status; null if the change does not tell it.",
        default=None,
    )
    paid_at: DateTime | None = described(
        "When the order was paid; null if the change does not tell it.", default=None
    )
    parcel: Shipment | None = described(
        "The parcel that was sent; null if the change does not tell one.", default=None
    )
    previous_status: OrderStatus | None = described(
        "The status before the change; null if it was not known.", default=None
    )
    cause: OrderChangeCause = described("How the gateway learned of the change.")
    at: DateTime = described("When the gateway recorded the change.")

    @derived("The order's id.")
    def order_id(self) -> strawberry.ID:
        """The order's id."""
        return strawberry.ID(self.key.encode())

    @derived("The order as it is now; null if it was deleted.")
    async def order(self, info: Info[RequestContext, None]) -> Order | None:
        """The order, at least as recent as the change."""
        if self.cause is OrderChangeCause.DELETED:
            return None
        return await info.context.changed_order(self.key, self.status, self.at, info.path)


@public_type
class OrderChangePage:
    """Changes of orders, oldest first."""

    nodes: list[OrderChange] = described("The changes of the page.")
    page_info: PageInfo = described(
        "The bounds of the page. `endCursor` is always there, also of an empty page: the `since` of"
        " the next one, and of `orderChanged`."
    )
