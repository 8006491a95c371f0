"""Maps an address that the platform gave without its mask (reference, section 3.4)."""

from gateway.platforms.weixin_store.mapping.order import address_from_wire
from gateway.platforms.weixin_store.wire.order_write import DecodeResponse, VirtualNumber
from gateway.wechat.scalars import moment, text
from schema.buyer import ShippingAddress


def whole_address(raw: DecodeResponse) -> ShippingAddress:
    """The address; `masked` stays true where a number is lent and the buyer's own is hidden."""
    address = address_from_wire(raw.address_info)
    lent = raw.virtual_number_info
    if lent is not None and (number := _number(lent)) is not None:
        address.virtual_phone = number
        address.virtual_phone_expires_at = moment(lent.expiration)
    return address


def _number(lent: VirtualNumber) -> str | None:
    """The number, with its extension behind a hyphen."""
    number, extension = text(lent.virtual_number), text(lent.extension)
    return f"{number}-{extension}" if number and extension else number
