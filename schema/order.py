"""order."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Info

from schema.buyer import Buyer, ShippingAddress
from schema.connection import Cursors
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
from schema.source import Source

if TYPE_CHECKING:
    from schema.after_sale import AfterSale, AfterSaleStatus
    from schema.push import PushConnection


@public_type
class Order(Node):
    """What every platform tells of an order; what only one of them tells stands in `details`."""

    buyer_data: strawberry.Private[Buyer | None] = None
    shipping_address_data: strawberry.Private[ShippingAddress | None] = None
    raw_source: strawberry.Private[Callable[[], Any] | None] = None

    shop: Shop = described("")
    platform: Platform = described("")
    platform_id: str = described("")
    status: OrderStatus = described("")
    platform_status: str | None = described(
        "The platform's own status code, kept as it came; null where it sent none.", default=None
    )
    created_at: DateTime | None = described("", default=None)
    updated_at: DateTime | None = described("", default=None)
    paid_at: DateTime | None = described("", default=None)
    payment_method: PaymentMethod | None = described("", default=None)
    buyer: Buyer | None = guarded(
        "buyer_data", (Scope.PII_READ,), description="Needs the scope pii:read."
    )
    items: list[OrderItem] = described("")
    total: Money = described("What the buyer pays.")
    subtotal: Money | None = described("", default=None)
    shipping_fee: Money | None = described("", default=None)
    discount: Money | None = described("", default=None)
    shipments: list[Shipment] = described("")
    shipping_address: ShippingAddress | None = guarded(
        "shipping_address_data",
        (Scope.PII_READ,),
        description="Needs the scope pii:read; null with a FORBIDDEN error otherwise.",
    )
    payment_reference: str | None = described("The payment's transaction id.", default=None)
    after_sales: list[Annotated["AfterSale", strawberry.lazy("schema.after_sale")]] | None = loads(
        "after_sales_of_order", by="key", description=""
    )
    after_sale_status: Annotated["AfterSaleStatus", strawberry.lazy("schema.after_sale")] | None = (
        described("Where its after-sales stand together; null where there are none.", default=None)
    )
    details: OrderDetails | None = described("", default=None)
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ, Scope.PII_READ),
        description="The platform's document, as received. Needs the scopes raw:read and pii:read.",
    )

    @derived("Each time this order was pushed to a platform, newest first, and how that went.")
    async def pushes(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["PushConnection", strawberry.lazy("schema.push")] | None:
        """Each time the order was pushed, newest first."""
        if not info.context.permits(selected_field(info), (Scope.OPS_READ,)):
            return None
        return await info.context.lists.order_pushes(first, after, self.key)


@public_type
class OrderEdge:
    """OrderEdge."""

    cursor: str = described("")
    node: Order = described("")


@public_type
class OrderConnection:
    """OrderConnection."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Order] = described("")
    total_count: int | None = described("", default=None)
    sources: list[Source] = described("")

    @derived("")
    def edges(self) -> list[OrderEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            OrderEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class OrderFilter:
    """OrderFilter."""

    shops: list[str] | None = described("", default=None)
    platforms: list[Platform] | None = described("", default=None)
    statuses: list[OrderStatus] | None = described("", default=None)
    created_from: DateTime | None = described("", default=None)
    created_to: DateTime | None = described("", default=None)
    buyer_open_id: str | None = described("", default=None)
