"""shipment."""

from schema.carrier import Carrier
from schema.declare import described, public_type
from schema.page_link import PageLink
from schema.scalars import DateTime


@public_type
class ShipmentItem:
    """ShipmentItem."""

    platform_product_id: str = described("")
    platform_sku_id: str | None = described("", default=None)


@public_type
class Shipment:
    """Shipment."""

    carrier: Carrier | None = described("", default=None)
    tracking_number: str | None = described("", default=None)
    shipped_at: DateTime | None = described("", default=None)
    page: PageLink | None = described("", default=None)
    items: list[ShipmentItem] | None = described("", default=None)
