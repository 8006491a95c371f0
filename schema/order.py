"""Orders, in the same form on every platform."""

from collections.abc import Awaitable, Callable
from enum import Enum
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
    means,
    public_enum,
    public_input,
    public_type,
    selected_field,
)
from schema.lazy_fields import lazy_fields
from schema.metadata import MetadataInput, MetadataItem
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
    from schema.webhook import WebhookDeliveryConnection


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

    @derived(
        "What webhook endpoints were told of this order, newest first, of those that you can see."
        " Needs the scope ops:read.",
        needs=(Scope.OPS_READ,),
    )
    async def deliveries(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["WebhookDeliveryConnection", strawberry.lazy("schema.webhook")] | None:
        """The deliveries of this order's changes, newest first."""
        if not info.context.permits(selected_field(info), (Scope.OPS_READ,)):
            return None
        return await info.context.lists.order_deliveries(first, after, self.key)


@public_type
class OrderEdge:
    """An entry of an order connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: Order = described("The entry.")


@public_type
class OrderConnection:
    """One page of orders."""

    cursors: strawberry.Private[Cursors]
    #: Counts the entries of all pages; None, like its result: that is not known.
    total: strawberry.Private[Callable[[], Awaitable[int | None]] | None] = None

    nodes: list[Order] = described("The entries of the page, without their cursors.")
    sources: list[Source] = described(
        "What each shop contributed. If one platform fails, the entries of the other"
        " shops are still returned."
    )

    @derived(
        "The exact number of entries on all pages, from the gateway's index or from a list that was"
        " read to its end; null while the index does not reach over the whole range."
    )
    async def total_count(self) -> int | None:
        """How many entries there are on all pages."""
        return None if self.total is None else await self.total()

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


@public_enum
class OrderSortKey(Enum):
    """What a list of orders is sorted by, the highest or the newest first."""

    CREATED_AT = means("CREATED_AT", "By creation time; also if no sort key is given.")
    UPDATED_AT = means(
        "UPDATED_AT",
        "By the time of the last update; an order whose platform reports none counts as updated"
        " when it was created.",
    )
    PAID_AT = means("PAID_AT", "By payment time; those that are not paid come last.")
    TOTAL = means("TOTAL", "By the amount that the buyer pays.")


@public_input
class OrderFilter:
    """Filters orders; an omitted field matches all.

    `shops`, `platforms`, `statuses`, `createdFrom`, `createdTo` and `copies` are asked of the
    platforms; `buyerOpenId` is, where the gateway has no index. The other fields are answered from
    the index, and need `index.enabled`.
    """

    shops: list[str] | None = described("Only these shops, by key.", default=None)
    platforms: list[Platform] | None = described("Only shops on these platforms.", default=None)
    statuses: list[OrderStatus] | None = described("Any of these statuses.", default=None)
    created_from: DateTime | None = described("Created at or after this time.", default=None)
    created_to: DateTime | None = described("Created before this time.", default=None)
    updated_from: DateTime | None = described("Last updated at or after this time.", default=None)
    updated_to: DateTime | None = described("Last updated before this time.", default=None)
    paid_from: DateTime | None = described("Paid at or after this time.", default=None)
    paid_to: DateTime | None = described("Paid before this time.", default=None)
    buyer_open_id: str | None = asking(
        "The buyer's open id in the shop's app.", needs=(Scope.PII_READ,), default=None
    )
    linked_buyers: bool | None = described(
        "With `buyerOpenId`: also the orders of the open ids that buyer links join to it.",
        default=None,
    )
    platform_ids: list[str] | None = described("Any of these platform ids.", default=None)
    search: str | None = described(
        "Words that must all be in the order: of its platform id, of its titles, of its SKU codes,"
        " of its tracking numbers, or its payment reference. With the scope pii:read also a whole"
        " phone number or a receiver's name.",
        default=None,
    )
    open_after_sale: bool | None = described(
        "Orders with an after-sale that is open (true), or without one (false).", default=None
    )
    copies: bool | None = described(
        "If omitted, every order once: a copy only where its original is not among the shops that"
        " are asked and that the API key sees. false: originals only; true: copies only. Counts and"
        " sums follow the same rule.",
        default=None,
    )
    metadata: list[MetadataInput] | None = described(
        "Orders whose metadata holds all of these.", default=None
    )
