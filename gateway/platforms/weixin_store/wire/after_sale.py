"""After-sales (reference, section 4), as read and as written; amounts in fen.

Ids are sent as text: a number is refused with 47001.
"""

from gateway.platforms.weixin_store.wire.base import Flag, Id, Number, Read, Written


class AfterSalesRequest(Written, frozen=True, kw_only=True):
    """Requests ids by creation or by change, one pair of both ends; at most 24 hours."""

    begin_create_time: int | None = None
    end_create_time: int | None = None
    begin_update_time: int | None = None
    end_update_time: int | None = None
    next_key: str | None = None


class AfterSalesResponse(Read, frozen=True, kw_only=True):
    """The answer to `getaftersalelist`; the order of the ids is not documented."""

    after_sale_order_id_list: list[Id] | None = None
    has_more: Flag | None = None
    next_key: str | None = None

    def __post_init__(self) -> None:
        """Refuses an answer with none of its members; an empty list may be left out."""
        if self.after_sale_order_id_list is None and self.has_more is None:
            raise ValueError("Object missing required field `after_sale_order_id_list`")


class AfterSaleRequest(Written, frozen=True, kw_only=True):
    """Requests one after-sale."""

    after_sale_order_id: str


class ProductInfo(Read, frozen=True, kw_only=True):
    """The one line that the after-sale is about."""

    product_id: Id | None = None
    sku_id: Id | None = None
    count: Number | None = None


class RefundInfo(Read, frozen=True, kw_only=True):
    """The refund that is asked for."""

    amount: Number | None = None
    refund_reason: Id | None = None


class ReturnInfo(Read, frozen=True, kw_only=True):
    """The parcel in which the buyer returns the goods; empty texts before."""

    waybill_id: Id | None = None
    delivery_id: Id | None = None
    delivery_name: str | None = None


class Details(Read, frozen=True, kw_only=True):
    """What the buyer wrote, and the buyer's pictures."""

    desc: str | None = None
    receive_product: Flag | None = None
    cancel_time: Number | None = None
    media_id_list: list[Id] | None = None
    tel_number: Id | None = None


class AfterSale(Read, frozen=True, kw_only=True):
    """One after-sale; times in unix seconds.

    `details` is an object in one source and a list in another (B against D). `deadline` is the
    seconds left, or a time, by different sources (C).
    """

    after_sale_order_id: Id
    order_id: Id
    status: Id | None = None
    type: Id | None = None
    sub_type: Id | None = None
    openid: str | None = None
    product_info: ProductInfo | None = None
    refund_info: RefundInfo | None = None
    return_info: ReturnInfo | None = None
    details: Details | list[Details] | None = None
    reason: Id | None = None
    reason_text: str | None = None
    deadline: Number | None = None
    complaint_id: Id | None = None
    create_time: Number | None = None
    update_time: Number | None = None


class AfterSaleResponse(Read, frozen=True, kw_only=True):
    """The answer to `getaftersaleorder`."""

    after_sale_order: AfterSale


class AcceptRequest(Written, frozen=True, kw_only=True):
    """Accepts an after-sale: a refund is paid.

    `accept_type` says which step of a return it is: 1 agrees, which needs `address_id`, 2 pays.
    """

    after_sale_order_id: str
    address_id: str | None = None
    accept_type: int | None = None


class RejectRequest(Written, frozen=True, kw_only=True):
    """Rejects an after-sale, or to send the goods of an exchange."""

    after_sale_order_id: str
    reject_reason_type: int
    reject_reason: str | None = None
    reject_certificates: list[str] | None = None


class NegotiateRequest(Written, frozen=True, kw_only=True):
    """Asks the buyer for something else.

    `type`: 1 refund, 2 return and refund. `merchant_update_type`: 1 withdraw, 2 prove, 3 change.
    `update_reason_type` is a number in the page's table; one source sends it as text (C).
    """

    after_sale_order_id: str
    type: int
    amount: int
    merchant_update_type: int
    update_reason_type: int
    merchant_update_desc: str
    media_ids: list[str] | None = None


class CertificatesRequest(Written, frozen=True, kw_only=True):
    """Pictures that prove a refund made outside the platform, by their media ids."""

    after_sale_order_id: str
    refund_certificates: list[str]
    desc: str


class ExchangeShipmentRequest(Written, frozen=True, kw_only=True):
    """The parcel with the new goods of an exchange."""

    after_sale_order_id: str
    waybill_id: str
    delivery_id: str


class Reason(Read, frozen=True, kw_only=True):
    """A reason of buyers."""

    reason: Id
    reason_text: str | None = None


class ReasonsResponse(Read, frozen=True, kw_only=True):
    """The answer to `reason/get`."""

    reason_list: list[Reason]


class RejectReason(Read, frozen=True, kw_only=True):
    """A reason of shops; `reject_reason` is a text to send to the buyer."""

    reject_reason_type: Id
    reject_reason_type_text: str | None = None
    reject_reason: str | None = None


class RejectReasonsResponse(Read, frozen=True, kw_only=True):
    """The answer to `rejectreason/get`; two sources give the list different names."""

    reason_list: list[RejectReason] | None = None
    reject_reason_list: list[RejectReason] | None = None

    def __post_init__(self) -> None:
        """Refuses an answer with neither."""
        if self.reason_list is None and self.reject_reason_list is None:
            raise ValueError("Object missing required field `reason_list`")
