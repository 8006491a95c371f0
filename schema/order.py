"""Orders, the same on every platform."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Info

from schema.buyer import Buyer, ShippingAddress
from schema.connection import Cursors, Source
from schema.context import RequestContext
from schema.declare import (
    derived,
    described,
    guarded,
    loads,
    public_input,
    public_type,
    selected_field,
)
from schema.lazy_fields import lazy_fields
from schema.money import Money
from schema.node import Node, PageInfo
from schema.order_details import OrderDetails
from schema.order_item import OrderItem
from schema.order_status import OrderStatus, PaymentMethod
from schema.platform import Platform
from schema.scalars import JSON, DateTime
from schema.scope import Scope
from schema.shipment import Shipment
from schema.shop import Shop

if TYPE_CHECKING:
    from schema.after_sale import AfterSale, AfterSaleStatus
    from schema.push import PushConnection


@lazy_fields("buyer_data", "shipping_address_data", "subtotal", "shipments", "details")
@public_type
class Order(Node):
    """What every platform tells of an order; what only one of them tells stands in `details`."""

    buyer_data: strawberry.Private[Buyer | None] = None
    shipping_address_data: strawberry.Private[ShippingAddress | None] = None
    raw_source: strawberry.Private[Callable[[], Any] | None] = None
    #: Where its own time is not told: the unix second at which it stands in its shop's list.
    listed_at: strawberry.Private[int | None] = None
    #: Why buyer and address, which may be kept, cannot be told.
    unreadable: strawberry.Private[Exception | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform: Platform = described("The platform that it lives on.")
    platform_id: str = described("The platform's own id.")
    status: OrderStatus = described("Where it stands.")
    platform_status: str | None = described(
        "The platform's own status code, kept as it came; null where it sent none.", default=None
    )
    created_at: DateTime | None = described(
        "When it was created; null where nobody tells.", default=None
    )
    updated_at: DateTime | None = described("When it last changed.", default=None)
    paid_at: DateTime | None = described(
        "When it was paid; null where it was not, or the platform does not tell.", default=None
    )
    payment_method: PaymentMethod | None = described("How it is paid.", default=None)
    buyer: Buyer | None = guarded("told_buyer", (Scope.PII_READ,), description="Who ordered it.")
    items: list[OrderItem] = described("What was ordered.")
    total: Money = described("What the buyer pays.")
    subtotal: Money | None = described("The goods alone.", default=None)
    shipping_fee: Money | None = described("What delivery costs the buyer.", default=None)
    discount: Money | None = described("What was taken off.", default=None)
    shipments: list[Shipment] = described("Its parcels.")
    shipping_address: ShippingAddress | None = guarded(
        "told_address",
        (Scope.PII_READ,),
        description="Where it is sent.",
    )
    payment_reference: str | None = described("The payment's transaction id.", default=None)
    after_sales: list[Annotated["AfterSale", strawberry.lazy("schema.after_sale")]] | None = loads(
        "after_sales_of_order",
        by="key",
        description="Its refunds, returns, exchanges and disputes, newest first.",
    )
    after_sale_status: Annotated["AfterSaleStatus", strawberry.lazy("schema.after_sale")] | None = (
        described("Where its after-sales stand together; null where there are none.", default=None)
    )
    details: OrderDetails | None = described("What only its platform tells.", default=None)
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ, Scope.PII_READ),
        description="The platform's document, as received.",
    )

    @property
    def told_buyer(self) -> Buyer | None:
        """The buyer; raises `unreadable`."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.buyer_data

    @property
    def told_address(self) -> ShippingAddress | None:
        """The address; raises `unreadable`."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.shipping_address_data

    @derived(
        "Each time this order was pushed to a platform, newest first, and how that went. Needs the"
        " scope ops:read."
    )
    async def pushes(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["PushConnection", strawberry.lazy("schema.push")] | None:
        """Each time the order was pushed, newest first."""
        if not info.context.permits(selected_field(info), (Scope.OPS_READ,)):
            return None
        return await info.context.lists.order_pushes(first, after, self.key)


@public_type
class OrderEdge:
    """An order and its place in the list."""

    cursor: str = described("Give it as `after` to read on behind this entry.")
    node: Order = described("The entry itself.")


@public_type
class OrderConnection:
    """A page of orders."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Order] = described("The entries themselves, without their cursors.")
    total_count: int | None = described(
        "How many there are in all; null unless the whole range was read.", default=None
    )
    sources: list[Source] = described(
        "How each shop contributed: one platform's outage never hides the others' answers."
    )

    @derived("The entries with their cursors.")
    def edges(self) -> list[OrderEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            OrderEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class OrderFilter:
    """Which orders; what is left out means any."""

    shops: list[str] | None = described("Keys of shops.", default=None)
    platforms: list[Platform] | None = described("Platforms of the shops.", default=None)
    statuses: list[OrderStatus] | None = described("Any of these statuses.", default=None)
    created_from: DateTime | None = described("Created at this moment or later.", default=None)
    created_to: DateTime | None = described("Created before this moment.", default=None)
    buyer_open_id: str | None = described(
        "The open id of its buyer in the shop's app.", default=None
    )
