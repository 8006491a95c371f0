"""Orders, in the same form on every platform."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Info

from schema.buyer import Buyer, ShippingAddress
from schema.connection import Cursors, Source
from schema.context import RequestContext
from schema.declare import (
    asking,
    derived,
    described,
    guarded,
    loads,
    public_input,
    public_type,
    selected_field,
)
from schema.lazy_fields import lazy_fields
from schema.metadata import MetadataItem
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
    """An order, in the same form on every platform.

    Fields that only one platform has are in `details`.
    """

    buyer_data: strawberry.Private[Buyer | None] = None
    shipping_address_data: strawberry.Private[ShippingAddress | None] = None
    raw_source: strawberry.Private[Callable[[], Any] | None] = None
    #: If the platform reports no time: the unix second that orders it in its shop's list.
    listed_at: strawberry.Private[int | None] = None
    #: When the platform was asked for it, in unix seconds; None: the ledger has it, or what was
    #: read was taken into the index already.
    asked_at: strawberry.Private[float | None] = None
    #: Why buyer and address, if stored, cannot be decrypted.
    unreadable: strawberry.Private[Exception | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform: Platform = described("The platform of the shop.")
    platform_id: str = described("The platform's own id.")
    status: OrderStatus = described("Its current status.")
    platform_status: str | None = described(
        "The platform's own status code, unchanged; null if it sent none.", default=None
    )
    created_at: DateTime | None = described(
        "When it was created; null if the platform does not report it.", default=None
    )
    updated_at: DateTime | None = described(
        "When it was last updated; null if the platform does not report it.", default=None
    )
    paid_at: DateTime | None = described(
        "When it was paid; null if it is unpaid or the platform does not report it.", default=None
    )
    payment_method: PaymentMethod | None = described("How it is paid.", default=None)
    buyer: Buyer | None = guarded(
        "readable_buyer",
        (Scope.PII_READ,),
        description="The buyer; null if the platform does not report one.",
    )
    items: list[OrderItem] = described("The lines of the order.")
    total: Money = described("The amount that the buyer pays.")
    subtotal: Money | None = described(
        "The price of the goods, without shipping; null if the platform does not report it.",
        default=None,
    )
    shipping_fee: Money | None = described(
        "The shipping fee that the buyer pays; null if the platform does not report it.",
        default=None,
    )
    discount: Money | None = described(
        "The total discount; null if the platform does not report it.", default=None
    )
    shipments: list[Shipment] = described("The parcels of the order.")
    shipping_address: ShippingAddress | None = guarded(
        "readable_address",
        (Scope.PII_READ,),
        description="The shipping address; null if the platform does not report it.",
    )
    payment_reference: str | None = described(
        "The payment's transaction id; null if the platform does not report it.", default=None
    )
    after_sales: list[Annotated["AfterSale", strawberry.lazy("schema.after_sale")]] | None = loads(
        "after_sales_of_order",
        by="key",
        description="Its refunds, returns, exchanges and disputes, newest first.",
    )
    mirror_of: Annotated["Order", strawberry.lazy("schema.order")] | None = loads(
        "original_of_order",
        by="key",
        description="The order that this one is a copy of; null if it is none, or if the API key"
        " cannot see its shop.",
    )
    copies: list[Annotated["Order", strawberry.lazy("schema.order")]] | None = loads(
        "copies_of_order",
        by="key",
        description="Its copies in other shops that the API key can see.",
    )
    after_sale_status: Annotated["AfterSaleStatus", strawberry.lazy("schema.after_sale")] | None = (
        described("The overall after-sale status; null if there are no after-sales.", default=None)
    )
    metadata: list[MetadataItem] = loads(
        "metadata",
        by="key",
        description="The integrators' own keys and values, such as a number in an ERP; by key.",
    )
    details: OrderDetails | None = described("Fields that only its platform has.", default=None)
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ, Scope.PII_READ),
        description="The platform's own document, as received.",
    )

    @property
    def readable_buyer(self) -> Buyer | None:
        """The buyer; raises `unreadable`."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.buyer_data

    @property
    def readable_address(self) -> ShippingAddress | None:
        """The address; raises `unreadable`."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.shipping_address_data

    @derived(
        "The pushes of this order to a platform and their outcomes, newest first. Needs"
        " the scope ops:read.",
        needs=(Scope.OPS_READ,),
    )
    async def pushes(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["PushConnection", strawberry.lazy("schema.push")] | None:
        """The pushes of this order, newest first."""
        if not info.context.permits(selected_field(info), (Scope.OPS_READ,)):
            return None
        return await info.context.lists.order_pushes(first, after, self.key)


@public_type
class OrderEdge:
    """An entry of an order connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: Order = described("The entry.")


@public_type
class OrderConnection:
    """One page of orders."""

    cursors: strawberry.Private[Cursors]

    nodes: list[Order] = described("The entries of the page, without their cursors.")
    total_count: int | None = described(
        "The total number of entries; null unless the whole range was read.", default=None
    )
    sources: list[Source] = described(
        "What each shop contributed. If one platform fails, the entries of the other"
        " shops are still returned."
    )

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[OrderEdge]:
        """Each node with the cursor that follows it."""
        return [
            OrderEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class OrderFilter:
    """Filters orders; an omitted field matches all."""

    shops: list[str] | None = described("Only these shops, by key.", default=None)
    platforms: list[Platform] | None = described("Only shops on these platforms.", default=None)
    statuses: list[OrderStatus] | None = described("Any of these statuses.", default=None)
    created_from: DateTime | None = described("Created at or after this time.", default=None)
    created_to: DateTime | None = described("Created before this time.", default=None)
    buyer_open_id: str | None = asking(
        "The buyer's open id in the shop's app.", needs=(Scope.PII_READ,), default=None
    )
    copies: bool | None = described(
        "Left out: every order once, a copy only where the shop of its original is not among those"
        " that are asked and that the API key may see; false: no copies; true: copies only.",
        default=None,
    )
