"""Changes of orders, and what they need (reference, sections 3.4 and 3.5); amounts in fen."""

from gateway.platforms.weixin_store.wire.base import Id, Number, Read, Written
from gateway.platforms.weixin_store.wire.order import AddressInfo

#: `deliver_type` of a parcel of a carrier, and of an order of which nothing is sent.
BY_CARRIER = 1
NOTHING_SENT = 3


class Goods(Written, frozen=True, kw_only=True):
    """Units of a SKU in a parcel."""

    product_id: str
    sku_id: str
    product_cnt: int


class Parcel(Written, frozen=True, kw_only=True):
    """A parcel; the goods are given always, even where there is one parcel alone.

    `deliver_type` 1 needs the carrier's code and the number, 3 has neither.
    """

    deliver_type: int
    delivery_id: str | None = None
    waybill_id: str | None = None
    product_infos: list[Goods]


class ParcelsRequest(Written, frozen=True, kw_only=True):
    """The parcels that an order is shipped in, or in place of those that it has."""

    order_id: str
    delivery_list: list[Parcel]


class LinePrice(Written, frozen=True, kw_only=True):
    """The price of a whole line."""

    product_id: str
    sku_id: str
    change_price: int


class PricesRequest(Written, frozen=True, kw_only=True):
    """Prices of an unpaid order; a later request voids an earlier one as a whole."""

    order_id: str
    change_express: bool
    express_fee: int | None = None
    change_order_infos: list[LinePrice]


class NoteRequest(Written, frozen=True, kw_only=True):
    """The merchant's note."""

    order_id: str
    merchant_notes: str


class OneOrderRequest(Written, frozen=True, kw_only=True):
    """Names an order: its address request is answered, or its address decoded."""

    order_id: str


class VirtualNumber(Read, frozen=True, kw_only=True):
    """A number that leads to the buyer until `expiration`, in unix seconds."""

    virtual_number: Id | None = None
    extension: Id | None = None
    expiration: Number | None = None


class DecodeResponse(Read, frozen=True, kw_only=True):
    """The answer to `sensitiveinfo/decode`: the address without its mask.

    The receiver's own number stays masked where a virtual one is lent.
    """

    address_info: AddressInfo
    virtual_number_info: VirtualNumber | None = None


class CarriersRequest(Written, frozen=True, kw_only=True):
    """Asks for carriers; `ewaybill_only`: those with electronic waybills alone."""

    ewaybill_only: bool


class Company(Read, frozen=True, kw_only=True):
    """A carrier."""

    delivery_id: str | None = None
    delivery_name: str | None = None


class CarriersResponse(Read, frozen=True, kw_only=True):
    """The answer to `deliverycompanylist/new/get`."""

    company_list: list[Company] | None
