"""Shipments: parcels, their carriers and contents."""

from enum import Enum

import strawberry

from schema.declare import derived, described, means, public_enum, public_type
from schema.key import Key
from schema.line_ids import line_id
from schema.page_link import PageLink
from schema.scalars import DateTime


@public_enum
class ShipmentKind(Enum):
    """How an order gets to its buyer. What a platform does not know is a user error."""

    CARRIER = means("CARRIER", "By a carrier, with a tracking number.")
    SAME_CITY = means("SAME_CITY", "By a courier within the city.")
    VIRTUAL = means("VIRTUAL", "Nothing is sent: the goods are virtual.")
    PICKUP = means("PICKUP", "The buyer picks it up.")


@public_type
class Carrier:
    """A carrier.

    One that the platform does not list has only a name; one that it no longer lists, only a
    code.
    """

    code: str | None = described("The platform's code of the carrier.", default=None)
    name: str | None = described("The carrier's name.", default=None)
    key: str | None = described(
        "The gateway's key of the carrier, such as `sf`, `yunda` or `zto`: the same on every"
        " platform. Inputs take it in place of a code. Null for a carrier without a key.",
        default=None,
    )


@public_type
class ShipmentItem:
    """A product in a parcel."""

    platform_product_id: str = described("The platform's own product id.")
    platform_sku_id: str | None = described(
        "The platform's own SKU id; null or empty if the product has only one SKU.", default=None
    )
    quantity: int | None = described(
        "The number of units in the parcel; null if it is not known.", default=None
    )


@public_type
class Shipment:
    """A parcel of an order."""

    order_key: strawberry.Private[Key]
    #: Within the order; a corrected parcel keeps it.
    number: strawberry.Private[int] = 1

    carrier: Carrier | None = described(
        "The carrier; null if the platform does not report it.", default=None
    )
    tracking_number: str | None = described(
        "The tracking number; null if the platform does not report it.", default=None
    )
    shipped_at: DateTime | None = described(
        "When it was shipped; null if the platform does not report it.", default=None
    )
    page: PageLink | None = described("The page that shows it.", default=None)
    items: list[ShipmentItem] | None = described(
        "The products in the parcel; null if the platform does not report them.", default=None
    )

    @derived("An opaque id, unique over all orders and stable: a corrected parcel keeps its id.")
    def id(self) -> strawberry.ID:
        """Of the order, and the parcel's number in it."""
        return line_id("Shipment", self.order_key, str(self.number))
