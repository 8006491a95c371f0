"""What all shops of a platform have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schema.delivery import Province
from schema.page_link import PageLinkInput
from schema.shipment import Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformTraits:
    """What is asked of a platform instead of which one it is."""

    #: The platform itself keeps the shops' orders: an event is confirmed by reading the order,
    #: and what no event told is found by listing recent ones.
    reconciled: bool = False
    #: Its orders can be copied into shops of platforms that take orders.
    mirrors_from: bool = False
    #: It accepts orders that were made elsewhere.
    accepts_orders: bool = False
    #: The link to a page of its app by the page's path; None where copies bear no links.
    page_link: Callable[[str], PageLinkInput] | None = None
    #: The regions that delivery templates and product origins may name.
    regions: Sequence[Province] = ()
    #: What it knows by codes of its own, in the manual's order; None where it knows none.
    carriers: Sequence[Carrier] | None = None
