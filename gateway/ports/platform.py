"""What all shops of a platform have in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from schema.after_sale import AfterSaleStatus
from schema.delivery import Province
from schema.order_status import OrderStatus
from schema.page_link import PageLinkInput
from schema.shipment import Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformTraits:
    """Traits of a platform, checked instead of its name."""

    #: The platform itself keeps the shops' orders: an event is confirmed by reading the order,
    #: and missed changes are found by listing recent ones.
    reconciled: bool = False
    #: Its orders can be copied into shops of platforms that take orders.
    mirrors_from: bool = False
    #: It accepts orders that were made elsewhere.
    accepts_orders: bool = False
    #: The link to a page of its app by the page's path; None if copies have no links.
    page_link: Callable[[str], PageLinkInput] | None = None
    #: The status of an order's only after-sale by the order's own, where the platform reports no
    #: more of after-sales than that.
    implied_after_sales: Mapping[OrderStatus, AfterSaleStatus] = field(default_factory=dict)
    #: The regions that delivery templates and product origins may name.
    regions: Sequence[Province] = ()
    #: The carriers that have codes, in the manual's order; None if there are none.
    carriers: Sequence[Carrier] | None = None
