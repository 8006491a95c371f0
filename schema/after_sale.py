"""after_sale."""

from enum import Enum

import strawberry

from schema.connection import Cursors
from schema.declare import derived, described, loads, public_enum, public_input, public_type
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
from schema.source import Source


@public_enum
class AfterSaleStatus(Enum):
    """AfterSaleStatus."""

    APPLYING = "APPLYING"
    PROCESSING = "PROCESSING"
    REFUNDED = "REFUNDED"
    EXCHANGED = "EXCHANGED"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    IN_DISPUTE = "IN_DISPUTE"
    UNKNOWN = "UNKNOWN"


@public_enum
class AfterSaleKind(Enum):
    """AfterSaleKind."""

    REFUND_ONLY = "REFUND_ONLY"
    EXCHANGE = "EXCHANGE"
    RETURN_AND_REFUND = "RETURN_AND_REFUND"
    UNKNOWN = "UNKNOWN"


@public_type
class AfterSaleItem:
    """AfterSaleItem."""

    product_key: strawberry.Private[Key | None] = None

    platform_product_id: str = described("")
    quantity: int = described("")
    refund: Money | None = described("", default=None)
    product: Product | None = loads(
        "product", by="product_key", needs=(Scope.CATALOG_READ,), description=""
    )


@public_type
class AfterSale(Node):
    """A refund, return or exchange: Baidu's sub-orders, the shopping list's refunded orders, the WeChat Store's disputes."""

    order_key: strawberry.Private[Key]

    shop: Shop = described("")
    platform: Platform = described("")
    platform_id: str = described("")
    order: Order | None = loads("order", by="order_key", description="")
    status: AfterSaleStatus = described("")
    platform_status: str = described("")
    kind: AfterSaleKind = described("")
    refund: Money | None = described("", default=None)
    items: list[AfterSaleItem] = described("")
    created_at: DateTime | None = described("", default=None)
    updated_at: DateTime | None = described("", default=None)
    page: PageLink | None = described("", default=None)


@public_input
class AfterSaleFilter:
    """AfterSaleFilter."""

    shops: list[str] | None = described("", default=None)
    platforms: list[Platform] | None = described("", default=None)
    statuses: list[AfterSaleStatus] | None = described("", default=None)
    kinds: list[AfterSaleKind] | None = described("", default=None)
    created_from: DateTime | None = described("", default=None)
    created_to: DateTime | None = described("", default=None)


@public_type
class AfterSaleEdge:
    """AfterSaleEdge."""

    cursor: str = described("")
    node: AfterSale = described("")


@public_type
class AfterSaleConnection:
    """AfterSaleConnection."""

    cursors: strawberry.Private[Cursors]

    nodes: list[AfterSale] = described("")
    total_count: int | None = described("", default=None)
    sources: list[Source] = described("")

    @derived("")
    def edges(self) -> list[AfterSaleEdge]:
        """Each node with the cursor that leads behind it."""
        return [
            AfterSaleEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("")
    def page_info(self) -> PageInfo:
        """Where this page begins and ends."""
        return self.cursors.page_info(len(self.nodes))
