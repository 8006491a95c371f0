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
    means,
    public_enum,
    public_input,
    public_type,
    selected_field,
)
from schema.errors import PlatformError
from schema.key import Key
from schema.node import Node, PageInfo
from schema.order import Order
from schema.product import Product
from schema.scalars import DateTime
from schema.scope import scopes_of
from schema.shop import Shop
from schema.wanted_item import WantedItem


@public_enum
class PushState(Enum):
    """How a push stands."""

    PENDING = means("PENDING", "Accepted and kept; it is sent, or sent again, by itself.")
    DELIVERED = means("DELIVERED", "The platform took it.")
    SUPERSEDED = means("SUPERSEDED", "A later push carries it.")
    REJECTED = means("REJECTED", "The platform refused it; `lastError` has its words.")
    OUTCOME_UNKNOWN = means(
        "OUTCOME_UNKNOWN",
        "No answer came, and sending it again could do it twice: `pushRetry` or `pushDiscard`.",
    )
    DEAD = means("DEAD", "Given up after a day: `pushRetry` or `pushDiscard`.")
    DISCARDED = means("DISCARDED", "An operator gave it up.")


@public_enum
class PushOperation(Enum):
    """What a push does at the platform."""

    ORDER_IMPORT = means("ORDER_IMPORT", "Brings a whole order in.")
    ORDER_UPDATE = means("ORDER_UPDATE", "Changes an order.")
    ORDER_STATUS = means("ORDER_STATUS", "Sets where an order stands.")
    ORDER_DELETE = means(
        "ORDER_DELETE",
        "Deletes an order, or hides it where the platform cannot delete.",
    )
    AFTER_SALE_IMPORT = means("AFTER_SALE_IMPORT", "Adds after-sales to an order.")
    AFTER_SALE_UPDATE = means("AFTER_SALE_UPDATE", "Replaces the after-sales of an order.")
    AFTER_SALE_STATUS = means("AFTER_SALE_STATUS", "Sets where after-sales stand.")
    WANTED_ITEMS_IMPORT = means("WANTED_ITEMS_IMPORT", "Puts lines on a want-to-buy list.")
    WANTED_ITEMS_REMOVE = means("WANTED_ITEMS_REMOVE", "Takes lines off a want-to-buy list.")
    PRODUCTS_SYNC = means("PRODUCTS_SYNC", "Brings product data up to date.")
    CART_PATH = means("CART_PATH", "Sets the page behind the cart button.")


PushSubject = Annotated[
    Order | AfterSale | Product | WantedItem | Shop,
    strawberry.union("PushSubject", description="What a push is about."),
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
