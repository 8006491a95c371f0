"""Links between the open ids of one buyer in two shops."""

import strawberry

from schema.connection import Cursors
from schema.declare import derived, described, guarded, public_type
from schema.node import PageInfo
from schema.scalars import DateTime
from schema.scope import Scope


@public_type
class BuyerLink:
    """One buyer in two shops: an open id is valid only in its own app."""

    open_id_data: strawberry.Private[str]
    to_open_id_data: strawberry.Private[str]

    open_id: str = guarded(
        "open_id_data",
        (Scope.PII_READ,),
        description="The buyer's open id in the shop whose orders are copied.",
    )
    to_open_id: str = guarded(
        "to_open_id_data",
        (Scope.PII_READ,),
        description="The buyer's open id in the shop that receives the copies.",
    )
    linked_at: DateTime = described("When the link was imported.")


@public_type
class BuyerLinkEdge:
    """An entry of a buyer link connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: BuyerLink = described("The entry.")


@public_type
class BuyerLinkConnection:
    """One page of buyer links."""

    cursors: strawberry.Private[Cursors]

    nodes: list[BuyerLink] = described("The entries of the page, without their cursors.")
    total_count: int | None = described(
        "The total number of entries; null unless the whole range was read.", default=None
    )

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[BuyerLinkEdge]:
        """Each node with the cursor that follows it."""
        return [
            BuyerLinkEdge(node=node, cursor=self.cursors.at(i)) for i, node in enumerate(self.nodes)
        ]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))
