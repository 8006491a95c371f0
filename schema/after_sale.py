"""Refunds, returns, exchanges and disputes."""

from enum import Enum

import strawberry

from schema.connection import Cursors, Source
from schema.declare import derived, described, loads, means, public_enum, public_input, public_type
from schema.key import Key
from schema.money import Money
from schema.node import Node, PageInfo
from schema.order import Order
from schema.page_link import PageLink
from schema.platform import Platform
from schema.product import Product
from schema.scalars import DateTime
from schema.scope import Scope
from schema.shop import Shop


@public_enum
class AfterSaleStatus(Enum):
    """Where an after-sale stands."""

    APPLYING = means("APPLYING", "The buyer asks for it.")
    PROCESSING = means("PROCESSING", "The seller has agreed, and it is under way.")
    REFUNDED = means("REFUNDED", "The money was paid back.")
    EXCHANGED = means("EXCHANGED", "The goods were exchanged.")
    CLOSED = means("CLOSED", "The buyer or the platform ended it.")
    REJECTED = means("REJECTED", "The seller refused it.")
    IN_DISPUTE = means("IN_DISPUTE", "The platform says no more than that there is a dispute.")
    UNKNOWN = means("UNKNOWN", "A code that no manual lists; `platformStatus` keeps it.")


@public_enum
class AfterSaleKind(Enum):
    """What the buyer gets."""

    REFUND_ONLY = means("REFUND_ONLY", "Money, and the goods stay.")
    EXCHANGE = means("EXCHANGE", "Other goods.")
    RETURN_AND_REFUND = means("RETURN_AND_REFUND", "Money, for goods sent back.")
    UNKNOWN = means("UNKNOWN", "The platform does not tell.")


@public_type
class AfterSaleItem:
    """Goods that an after-sale is about."""

    product_key: strawberry.Private[Key | None] = None

    platform_product_id: str = described("The platform's own product id.")
    quantity: int = described("How many.")
    refund: Money | None = described("What is paid back for these goods.", default=None)
    product: Product | None = loads(
        "product",
        by="product_key",
        needs=(Scope.CATALOG_READ,),
        description="The product as it is now; null where the platform no longer has it.",
    )


@public_type
class AfterSale(Node):
    """A refund, return, exchange or dispute.

    Baidu's sub-orders, the shopping list's refunded orders, the WeChat Store's disputes.
    """

    order_key: strawberry.Private[Key]
    #: Where its own time is not told: the unix second at which it stands in its shop's list.
    listed_at: strawberry.Private[int | None] = None

    shop: Shop = described("The shop that it belongs to.")
    platform: Platform = described("The platform that it lives on.")
    platform_id: str = described("The platform's own id.")
    order: Order | None = loads(
        "order", by="order_key", description="The order that it belongs to."
    )
    status: AfterSaleStatus = described("Where it stands.")
    platform_status: str = described("The platform's own status code, kept as it came.")
    kind: AfterSaleKind = described("What the buyer asks for.")
    refund: Money | None = described(
        "What is paid back in all; null for an exchange, or where the platform tells none.",
        default=None,
    )
    items: list[AfterSaleItem] = described("The goods that it is about.")
    created_at: DateTime | None = described(
        "When it was created; null where nobody tells.", default=None
    )
    updated_at: DateTime | None = described("When it last changed.", default=None)
    page: PageLink | None = described("The page that shows it.", default=None)


@public_input
class AfterSaleFilter:
    """Which after-sales; what is left out means any."""

    shops: list[str] | None = described("Keys of shops.", default=None)
    platforms: list[Platform] | None = described("Platforms of the shops.", default=None)
    statuses: list[AfterSaleStatus] | None = described("Any of these statuses.", default=None)
    kinds: list[AfterSaleKind] | None = described("Any of these kinds.", default=None)
    created_from: DateTime | None = described("Created at this moment or later.", default=None)
    created_to: DateTime | None = described("Created before this moment.", default=None)


@public_type
class AfterSaleEdge:
    """An after-sale and its place in the list."""

    cursor: str = described("Give it as `after` to read on behind this entry.")
    node: AfterSale = described("The entry itself.")


@public_type
class AfterSaleConnection:
    """A page of after-sales."""

    cursors: strawberry.Private[Cursors]

    nodes: list[AfterSale] = described("The entries themselves, without their cursors.")
    total_count: int | None = described(
        "How many there are in all; null unless the whole range was read.", default=None
    )
    sources: list[Source] = described(
        "How each shop contributed: one platform's outage never hides the others' answers."
    )

    @derived("The entries with their cursors.")
    def edges(self) -> list[AfterSaleEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            AfterSaleEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))


@public_enum
class WritableAfterSaleStatus(Enum):
    """What a caller may set."""

    APPLYING = means("APPLYING", "The buyer asks for it.")
    PROCESSING = means("PROCESSING", "The seller has agreed, and it is under way.")
    REFUNDED = means("REFUNDED", "The money was paid back.")
    EXCHANGED = means("EXCHANGED", "An exchange that is finished.")
    CLOSED = means("CLOSED", "The buyer or the platform ended it.")
    REJECTED = means("REJECTED", "The seller refused it.")
