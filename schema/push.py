"""push."""

from enum import Enum
from typing import Annotated

import strawberry
from strawberry import Info

from schema.after_sale import AfterSale
from schema.connection import Cursors
from schema.context import RequestContext
from schema.declare import (
    derived,
    described,
    public_enum,
    public_input,
    public_type,
    selected_field,
)
from schema.key import Key
from schema.node import Node, PageInfo
from schema.order import Order
from schema.platform_error import PlatformError
from schema.product import Product
from schema.scalars import DateTime
from schema.scope import scopes_of
from schema.shop import Shop
from schema.wanted_item import WantedItem


@public_enum
class PushState(Enum):
    """PushState."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    SUPERSEDED = "SUPERSEDED"
    REJECTED = "REJECTED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    DEAD = "DEAD"
    DISCARDED = "DISCARDED"


@public_enum
class PushOperation(Enum):
    """PushOperation."""

    ORDER_IMPORT = "ORDER_IMPORT"
    ORDER_UPDATE = "ORDER_UPDATE"
    ORDER_STATUS = "ORDER_STATUS"
    ORDER_DELETE = "ORDER_DELETE"
    AFTER_SALE_IMPORT = "AFTER_SALE_IMPORT"
    AFTER_SALE_UPDATE = "AFTER_SALE_UPDATE"
    AFTER_SALE_STATUS = "AFTER_SALE_STATUS"
    WANTED_ITEMS_IMPORT = "WANTED_ITEMS_IMPORT"
    WANTED_ITEMS_REMOVE = "WANTED_ITEMS_REMOVE"
    PRODUCTS_SYNC = "PRODUCTS_SYNC"
    CART_PATH = "CART_PATH"


PushSubject = Annotated[
    Order | AfterSale | Product | WantedItem | Shop,
    strawberry.union("PushSubject", description="PushSubject."),
]


@public_type
class Push(Node):
    """Something sent to a platform that keeps its own copy: what, where, and how that went."""

    subject_key: strawberry.Private[Key | None] = None

    shop: Shop = described("")
    operation: PushOperation = described("")
    state: PushState = described("")
    attempts: int = described("")
    queued_at: DateTime = described("")
    delivered_at: DateTime | None = described("", default=None)
    next_attempt_at: DateTime | None = described("", default=None)
    last_error: PlatformError | None = described("", default=None)

    @derived("What was pushed; null where it was deleted since.")
    async def subject(self, info: Info[RequestContext, None]) -> PushSubject | None:
        """The thing as it is now; needs the scope that reading it directly would."""
        key = self.subject_key
        if key is None or not info.context.permits(selected_field(info), scopes_of(key)):
            return None
        found: PushSubject | None = await info.context.loaders.node.load(key)
        return found


@public_type
class PushEdge:
    """PushEdge."""

    cursor: str = described("")
    node: Push = described("")


@public_type
class PushConnection:
    """PushConnection."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Push] = described("")
    total_count: int | None = described("", default=None)

    @derived("")
    def edges(self) -> list[PushEdge]:
        """Each node with the cursor that leads behind it."""
        return [PushEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)]

    @derived("")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class PushFilter:
    """PushFilter."""

    shops: list[str] | None = described("", default=None)
    states: list[PushState] | None = described("", default=None)
    operations: list[PushOperation] | None = described("", default=None)
    order_id: strawberry.ID | None = described("", default=None)
