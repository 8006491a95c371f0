"""Changes of orders, as subscriptions tell them."""

from enum import Enum

import strawberry

from schema.declare import described, public_enum, public_type
from schema.order import Order
from schema.order_status import OrderStatus
from schema.scalars import DateTime


@public_enum
class OrderChangeCause(Enum):
    """OrderChangeCause."""

    PLATFORM_EVENT = "PLATFORM_EVENT"
    MUTATION = "MUTATION"
    POLL = "POLL"
    MIRROR = "MIRROR"
    DELETED = "DELETED"


@public_type
class OrderChange:
    """OrderChange."""

    cursor: str = described("")
    order_id: strawberry.ID = described("")
    order: Order | None = described("Null once it was deleted.", default=None)
    previous_status: OrderStatus | None = described("", default=None)
    cause: OrderChangeCause = described("")
    at: DateTime = described("")
