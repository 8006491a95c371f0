"""What was sent to platforms that keep their own copy."""

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
    """PENDING: accepted, kept and being retried.

    DELIVERED: the platform took it. SUPERSEDED: a later push carries it. REJECTED: the platform
    refused it. OUTCOME_UNKNOWN: no answer came, and repeating could do it twice. DEAD: given up
    after a day. DISCARDED: by an operator.
    """

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    SUPERSEDED = "SUPERSEDED"
    REJECTED = "REJECTED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    DEAD = "DEAD"
    DISCARDED = "DISCARDED"


@public_enum
class PushOperation(Enum):
    """What a push does at the platform."""

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

    shop: Shop = described("The shop that it belongs to.")
    operation: PushOperation = described("What it does at the platform.")
    state: PushState = described("How it stands.")
    attempts: int = described("How often it was tried.")
    queued_at: DateTime = described("When it was accepted.")
    delivered_at: DateTime | None = described("When the platform took it.", default=None)
    next_attempt_at: DateTime | None = described("When it is tried again.", default=None)
    last_error: PlatformError | None = described("What went wrong the last time.", default=None)

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
    """A push and its place in the list."""

    cursor: str = described("Give it as `after` to read on behind this entry.")
    node: Push = described("The entry itself.")


@public_type
class PushConnection:
    """A page of pushes."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Push] = described("The entries themselves, without their cursors.")
    total_count: int | None = described(
        "How many there are in all; null unless the whole range was read.", default=None
    )

    @derived("The entries with their cursors.")
    def edges(self) -> list[PushEdge]:
        """Each node with the cursor that leads behind it."""
        return [PushEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)]

    @derived("Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class PushFilter:
    """Which pushes; what is left out means any."""

    shops: list[str] | None = described("Keys of shops.", default=None)
    states: list[PushState] | None = described("Any of these states.", default=None)
    operations: list[PushOperation] | None = described("Any of these operations.", default=None)
    order_id: strawberry.ID | None = described("Those of one order.", default=None)
