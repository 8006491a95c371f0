"""Shipments: parcels, their carriers and contents."""

from schema.declare import described, public_type
from schema.page_link import PageLink
from schema.scalars import DateTime


@public_type
class Carrier:
    """A carrier.

    One that the platform does not list has only a name; one that it no longer lists, only a
    code.
    """

    code: str | None = described("The platform's code of the carrier.", default=None)
    name: str | None = described("The carrier's name.", default=None)


@public_type
class ShipmentItem:
    """A product in a parcel."""

    platform_product_id: str = described("The platform's own product id.")
    platform_sku_id: str | None = described(
        "The platform's own SKU id; null or empty if the product has only one SKU.", default=None
    )


@public_type
class Shipment:
    """A parcel of an order."""

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
