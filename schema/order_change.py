"""Changes of orders, as subscriptions tell them."""

from enum import Enum

import strawberry
from strawberry import Info

from schema.context import RequestContext
from schema.declare import derived, described, means, public_enum, public_type
from schema.key import Key
from schema.order import Order
from schema.order_status import OrderStatus
from schema.scalars import DateTime


@public_enum
class OrderChangeCause(Enum):
    """What made the gateway know of a change."""

    PLATFORM_EVENT = means("PLATFORM_EVENT", "The platform's own push.")
    MUTATION = means("MUTATION", "A call of this API.")
    POLL = means("POLL", "The gateway's look at recent orders.")
    MIRROR = means("MIRROR", "An order of another shop, which this one follows.")
    DELETED = means("DELETED", "The order was deleted; it is gone.")


@public_type
class OrderChange:
    """An order that is new, or stands elsewhere than before."""

    key: strawberry.Private[Key]
    status: strawberry.Private[OrderStatus | None] = None

    cursor: str = described("Give it as `since` to read on behind this change.")
    previous_status: OrderStatus | None = described(
        "Where it stood before; null where it was not known.", default=None
    )
    cause: OrderChangeCause = described("What made the gateway know of it.")
    at: DateTime = described("When the gateway wrote it down.")

    @derived("The order's id.")
    def order_id(self) -> strawberry.ID:
        """The order's id."""
        return strawberry.ID(self.key.encode())

    @derived("The order as it is now. Null once it was deleted.")
    async def order(self, info: Info[RequestContext, None]) -> Order | None:
        """The order, not older than the change."""
        if self.cause is OrderChangeCause.DELETED:
            return None
        return await info.context.changed_order(self.key, self.status, self.at)
