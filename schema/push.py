"""Data sent to platforms that keep their own copy."""

from enum import Enum
from typing import Annotated, Any, Final, NamedTuple

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
from schema.scalars import JSON, DateTime
from schema.scope import Scope, scopes_of
from schema.shop import Shop
from schema.wanted_item import WantedItem


@public_enum
class PushState(Enum):
    """The state of a push."""

    PENDING = means("PENDING", "Accepted and stored; the gateway sends it, and retries if needed.")
    DELIVERED = means("DELIVERED", "The platform accepted it.")
    SUPERSEDED = means("SUPERSEDED", "A later push contains its changes.")
    REJECTED = means("REJECTED", "The platform rejected it; see `lastError`.")
    OUTCOME_UNKNOWN = means(
        "OUTCOME_UNKNOWN",
        "No answer arrived, and sending it again could apply it twice. Use `pushRetry`"
        " or `pushDiscard`.",
    )
    DEAD = means(
        "DEAD",
        "Dead letter: given up after a day of failed attempts. Use `pushRetry` or `pushDiscard`.",
    )
    DISCARDED = means("DISCARDED", "An operator discarded it.")


@public_enum
class PushOperation(Enum):
    """What a push changes on the platform."""

    ORDER_IMPORT = means("ORDER_IMPORT", "Imports a whole order.")
    ORDER_UPDATE = means("ORDER_UPDATE", "Updates an order.")
    ORDER_STATUS = means("ORDER_STATUS", "Sets the status of an order.")
    ORDER_DELETE = means(
        "ORDER_DELETE",
        "Deletes an order, or hides it if the platform cannot delete orders.",
    )
    AFTER_SALE_IMPORT = means("AFTER_SALE_IMPORT", "Adds after-sales to an order.")
    AFTER_SALE_UPDATE = means("AFTER_SALE_UPDATE", "Replaces the after-sales of an order.")
    AFTER_SALE_STATUS = means("AFTER_SALE_STATUS", "Sets the status of after-sales.")
    SHIPPING_UPLOAD = means(
        "SHIPPING_UPLOAD", "Reports the shipping of a paid order, whose money is settled after it."
    )
    WANTED_ITEMS_IMPORT = means("WANTED_ITEMS_IMPORT", "Adds lines to a want-to-buy list.")
    WANTED_ITEMS_REMOVE = means("WANTED_ITEMS_REMOVE", "Removes lines from a want-to-buy list.")
    PRODUCTS_SYNC = means("PRODUCTS_SYNC", "Updates product data.")
    CART_PATH = means("CART_PATH", "Sets the page that the cart button opens.")


PushSubject = Annotated[
    Order | AfterSale | Product | WantedItem | Shop,
    strawberry.union("PushSubject", description="What a push is about."),
]


class PushCall(NamedTuple):
    """The last call of a push, as decoded JSON; None: nothing was sent, no answer arrived."""

    request: Any = None
    response: Any = None


#: What a call holds is the platform's own document, with the buyer.
CALL_SCOPES: Final = (Scope.OPS_READ, Scope.RAW_READ, Scope.PII_READ)
_CALL_SCOPES: Final = " Needs the scopes ops:read, raw:read and pii:read."
_NO_CALL: Final = PushCall()


@public_type
class Push(Node):
    """Data sent to a platform that keeps its own copy, and the outcome."""

    subject_key: strawberry.Private[Key | None] = None

    shop: Shop = described("The shop that it belongs to.")
    operation: PushOperation = described("What it changes on the platform.")
    state: PushState = described("Its current state.")
    attempts: int = described("The number of attempts so far.")
    queued_at: DateTime = described("When it was accepted.")
    delivered_at: DateTime | None = described(
        "When the platform accepted it; null until then.", default=None
    )
    next_attempt_at: DateTime | None = described(
        "When it is sent next; null if it is not waiting for an attempt.", default=None
    )
    last_error: PlatformError | None = described(
        "The error of the last failed attempt; null if there was none.", default=None
    )
    queued_by: str | None = described(
        "Who queued it: the name of an API key, or the mirror, as in `mirror of flagship`; null if"
        " it is not known.",
        default=None,
    )

    @derived(
        "What was sent last, in the platform's form; null before the first attempt, and once it is"
        " past its retention." + _CALL_SCOPES,
        needs=CALL_SCOPES,
    )
    async def request(self, info: Info[RequestContext, None]) -> JSON | None:
        """The last call, without what it sent of other pushes."""
        return (await self._call(info)).request

    @derived(
        "What the platform answered last; null if no answer arrived, and once it is past its"
        " retention." + _CALL_SCOPES,
        needs=CALL_SCOPES,
    )
    async def response(self, info: Info[RequestContext, None]) -> JSON | None:
        """The answer to the last call, without what it says of other pushes."""
        return (await self._call(info)).response

    async def _call(self, info: Info[RequestContext, None]) -> PushCall:
        if not info.context.permits(selected_field(info), CALL_SCOPES):
            return _NO_CALL
        call: PushCall | None = await info.context.related("push_call", self.key, info.path)
        if call is None:
            return _NO_CALL
        info.context.revealed.append(self)
        return call

    @derived(
        "What was pushed, as it is now; null if it was deleted. Needs the scope that"
        " reading the object directly needs.",
        # Those of all objects that it may be.
        needs=(Scope.ORDERS_READ, Scope.CATALOG_READ),
    )
    async def subject(self, info: Info[RequestContext, None]) -> PushSubject | None:
        """The current object; needs the scope that reading it directly needs."""
        key = self.subject_key
        if key is None or not info.context.permits(selected_field(info), scopes_of(key)):
            return None
        found: PushSubject | None = await info.context.related("node", key, info.path)
        return found


@public_type
class PushEdge:
    """An entry of a push connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: Push = described("The entry.")


@public_type
class PushConnection:
    """One page of pushes."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Push] = described("The entries of the page, without their cursors.")
    total_count: int | None = described(
        "The total number of entries; null unless the whole range was read.", default=None
    )

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[PushEdge]:
        """Each node with the cursor that follows it."""
        return [PushEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class PushFilter:
    """Filters pushes; an omitted field matches all."""

    shops: list[str] | None = described("Only these shops, by key.", default=None)
    states: list[PushState] | None = described("Any of these states.", default=None)
    operations: list[PushOperation] | None = described("Any of these operations.", default=None)
    order_id: strawberry.ID | None = described("Only pushes of this order.", default=None)
    queued_from: DateTime | None = described(
        "Only pushes accepted at this time or later. With it or `queuedTo`, a push that was retried"
        " counts by the time of the retry, and `totalCount` is null unless one page holds all.",
        default=None,
    )
    queued_to: DateTime | None = described("Only pushes accepted before this time.", default=None)
