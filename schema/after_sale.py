"""After-sales: refunds, returns, exchanges and disputes."""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

import strawberry

from schema.after_sale_details import AfterSaleDetails
from schema.connection import Cursors, Source
from schema.declare import (
    derived,
    described,
    guarded,
    loads,
    means,
    public_enum,
    public_input,
    public_type,
)
from schema.key import Key
from schema.line_ids import line_id
from schema.money import Money
from schema.node import Node, PageInfo
from schema.order import Order
from schema.page_link import PageLink
from schema.platform import Platform
from schema.product import Product
from schema.scalars import JSON, DateTime
from schema.scope import Scope
from schema.shop import Shop


@public_enum
class AfterSaleStatus(Enum):
    """The status of an after-sale."""

    APPLYING = means("APPLYING", "The buyer has requested it.")
    PROCESSING = means("PROCESSING", "The seller has accepted it, and it is in progress.")
    REFUNDED = means("REFUNDED", "The money was refunded.")
    EXCHANGED = means("EXCHANGED", "The goods were exchanged.")
    CLOSED = means("CLOSED", "The buyer or the platform ended it.")
    REJECTED = means("REJECTED", "The seller rejected it.")
    IN_DISPUTE = means(
        "IN_DISPUTE", "The order is in dispute; the platform reports no more than that."
    )
    UNKNOWN = means("UNKNOWN", "The platform sent an undocumented code; see `platformStatus`.")


@public_enum
class AfterSaleKind(Enum):
    """What the buyer receives."""

    REFUND_ONLY = means("REFUND_ONLY", "A refund; the buyer keeps the goods.")
    EXCHANGE = means("EXCHANGE", "Replacement goods.")
    RETURN_AND_REFUND = means("RETURN_AND_REFUND", "A refund for returned goods.")
    UNKNOWN = means("UNKNOWN", "The platform does not report it.")


@public_type
class AfterSaleItem:
    """A product in an after-sale."""

    after_sale_key: strawberry.Private[Key]
    #: Among the after-sale's lines of the same product; 0 for the first.
    position: strawberry.Private[int] = 0
    product_key: strawberry.Private[Key | None] = None

    platform_product_id: str = described("The platform's own product id.")
    quantity: int = described("The number of units.")
    refund: Money | None = described("The refund for this product.", default=None)
    product: Product | None = loads(
        "product",
        by="product_key",
        needs=(Scope.CATALOG_READ,),
        description="The current product; null if the platform no longer has it.",
    )

    @derived(
        "An opaque id, unique over all after-sales and stable: the same line has the same id in"
        " every query."
    )
    def id(self) -> strawberry.ID:
        """Of the after-sale, the product, and the position among lines of equal products."""
        position = str(self.position)
        return line_id("AfterSaleItem", self.after_sale_key, self.platform_product_id, position)


@public_type
class AfterSale(Node):
    """An after-sale: a refund, return, exchange or dispute.

    It is a sub-order at Baidu, a refunded order in the shopping list or of a partner store, a
    dispute in the WeChat Store.
    """

    order_key: strawberry.Private[Key]
    #: If the platform reports no time: the unix second that orders it in its shop's list.
    listed_at: strawberry.Private[int | None] = None
    #: What the buyer wrote, or chose.
    reason_given: strawberry.Private[str | None] = None
    raw_source: strawberry.Private[Callable[[], Any] | None] = None
    #: The buyer, where the platform tells of it beside the order.
    open_id: strawberry.Private[str | None] = None
    #: As of an order.
    asked_at: strawberry.Private[float | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform: Platform = described("The platform of the shop.")
    platform_id: str = described("The platform's own id.")
    order: Order | None = loads(
        "order",
        by="order_key",
        description="The order that it belongs to; null if the order no longer exists.",
    )
    status: AfterSaleStatus = described("Its current status.")
    platform_status: str = described("The platform's own status code, unchanged.")
    kind: AfterSaleKind = described("What the buyer asks for.")
    refund: Money | None = described(
        "The total refund; null for an exchange, or if the platform does not report it.",
        default=None,
    )
    items: list[AfterSaleItem] = described("The products concerned.")
    created_at: DateTime | None = described(
        "When it was created; null if the platform does not report it.", default=None
    )
    updated_at: DateTime | None = described(
        "When it was last updated; null if the platform does not report it.", default=None
    )
    page: PageLink | None = described("The page that shows it.", default=None)
    reason: str | None = guarded(
        "reason_given",
        (Scope.PII_READ,),
        description="The buyer's reason, in the platform's words; null if the platform does not"
        " report it.",
    )
    answer_before: DateTime | None = described(
        "When the shop must have answered; null if the platform sets no deadline, or does not"
        " report it.",
        default=None,
    )
    details: AfterSaleDetails | None = described("Fields that only its platform has.", default=None)
    raw: JSON | None = guarded(
        "raw_source",
        (Scope.RAW_READ, Scope.PII_READ),
        description="The platform's own document, as received; null if it has none for after-sales"
        " alone.",
    )


@public_input
class AfterSaleFilter:
    """Filters after-sales; an omitted field matches all."""

    shops: list[str] | None = described("Only these shops, by key.", default=None)
    platforms: list[Platform] | None = described("Only shops on these platforms.", default=None)
    statuses: list[AfterSaleStatus] | None = described("Any of these statuses.", default=None)
    kinds: list[AfterSaleKind] | None = described("Any of these kinds.", default=None)
    created_from: DateTime | None = described("Created at or after this time.", default=None)
    created_to: DateTime | None = described("Created before this time.", default=None)
    updated_from: DateTime | None = described(
        "Last updated at or after this time; by its creation if the platform does not report the"
        " update. Needs the index.",
        default=None,
    )
    updated_to: DateTime | None = described(
        "Last updated before this time. Needs the index.", default=None
    )
    open: bool | None = described(
        "After-sales that are not settled (APPLYING, PROCESSING, IN_DISPUTE), or only those that"
        " are. Needs the index.",
        default=None,
    )
    answer_before: DateTime | None = described(
        "The shop must answer before this time. Needs the index.", default=None
    )


@public_enum
class AfterSaleSortKey(Enum):
    """What a list of after-sales is sorted by."""

    CREATED_AT = means("CREATED_AT", "By creation, the newest first.")
    UPDATED_AT = means(
        "UPDATED_AT",
        "By the last update, the newest first; by creation if the update is not reported.",
    )
    ANSWER_BEFORE = means(
        "ANSWER_BEFORE", "By deadline, the soonest first; those without a deadline last."
    )


@public_type
class AfterSaleEdge:
    """An entry of an after-sale connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: AfterSale = described("The entry.")


@public_type
class AfterSaleConnection:
    """One page of after-sales."""

    cursors: strawberry.Private[Cursors]
    #: How many entries there are on all pages; None: that is not known.
    total: strawberry.Private[Callable[[], Awaitable[int | None]]]

    nodes: list[AfterSale] = described("The entries of the page, without their cursors.")
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
        return await self.total()

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[AfterSaleEdge]:
        """Each node with the cursor that follows it."""
        return [
            AfterSaleEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))


@public_enum
class WritableAfterSaleStatus(Enum):
    """The statuses of an after-sale that can be set."""

    APPLYING = means("APPLYING", "The buyer has requested it.")
    PROCESSING = means("PROCESSING", "The seller has accepted it, and it is in progress.")
    REFUNDED = means("REFUNDED", "The money was refunded.")
    EXCHANGED = means("EXCHANGED", "The exchange is finished.")
    CLOSED = means("CLOSED", "The buyer or the platform ended it.")
    REJECTED = means("REJECTED", "The seller rejected it.")


@public_enum
class AfterSaleStep(Enum):
    """The two steps in which a shop accepts a return."""

    AGREE = means("AGREE", "Agrees that the goods are returned; nothing is paid yet.")
    PAY = means("PAY", "The goods are back: pays the refund.")


@public_type
class RejectReason:
    """A reason with which a shop may reject an after-sale."""

    code: str = described("The platform's code, as inputs take it.")
    text: str = described("The platform's words.")


@public_type
class ReturnAddress:
    """An address of the shop to which buyers return goods."""

    platform_id: str = described("The platform's own id, as inputs take it.")
    name: str | None = described("The receiver's name.", default=None)
    address: str | None = described("The whole address in one line.", default=None)
    default: bool = described("Whether it is used where none is named.")
