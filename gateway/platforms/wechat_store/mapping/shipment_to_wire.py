"""From how an order was sent to what the platform takes (manual 6.4)."""

from typing import Final

from gateway.platforms.wechat_store.wire.order import DeliveryRequest
from schema.shipment import Shipment

_NO, _YES = 0, 1
_NOTHING: Final = ""


def shipment_to_wire(order: str, shipment: Shipment | None) -> DeliveryRequest:
    """The request for an order's one parcel, or for an order of which nothing is sent.

    A carrier with a code is one of the platform's table, one without goes by its name.
    """
    if shipment is None:
        return DeliveryRequest(order_id=order, need_delivery=_NO)
    carrier = shipment.carrier
    code = carrier.code if carrier else None
    name = carrier.name if carrier else None
    return DeliveryRequest(
        order_id=order,
        delivery_company=code or name or _NOTHING,
        delivery_track_no=shipment.tracking_number or _NOTHING,
        need_delivery=_YES,
        is_others=_NO if code else _YES,
    )
