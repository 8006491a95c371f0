"""Shipments: parcels, their carriers and contents."""

from schema.declare import described, public_type
from schema.page_link import PageLink
from schema.scalars import DateTime


@public_type
class Carrier:
    """A carrier the platform does not list has a name only; one it no longer lists, a code only."""

    code: str | None = described("The platform's code.", default=None)
    name: str | None = described("The carrier's name.", default=None)


@public_type
class ShipmentItem:
    """Goods in a parcel."""

    platform_product_id: str = described("The platform's own product id.")
    platform_sku_id: str | None = described(
        "The platform's own SKU id; null or empty where the product has one SKU only.", default=None
    )


@public_type
class Shipment:
    """A parcel, on its way or there."""

    carrier: Carrier | None = described("Who carries it.", default=None)
    tracking_number: str | None = described("The waybill number.", default=None)
    shipped_at: DateTime | None = described("When it was sent.", default=None)
    page: PageLink | None = described("The page that shows it.", default=None)
    items: list[ShipmentItem] | None = described(
        "What is in it; null where the platform does not tell.", default=None
    )
