"""Payments, as the shipping management keeps them: 查询订单发货状态 (weixin-store.md 9.2)."""

from gateway.platforms.mini_program.wire.base import Loose, Read, Written


class GetPayment(Written, frozen=True, kw_only=True):
    """A payment by its transaction id, or by the merchant's number and its own trade number."""

    transaction_id: str | None = None
    merchant_id: str | None = None
    merchant_trade_no: str | None = None


class ShippedParcel(Read, frozen=True, kw_only=True):
    """A reported parcel; `upload_time` in seconds."""

    tracking_no: str | None = None
    express_company: str | None = None
    goods_desc: str | None = None
    upload_time: Loose | None = None


class Shipping(Read, frozen=True, kw_only=True):
    """What was reported; `finish_shipping`: all of it is on its way."""

    delivery_mode: Loose | None = None
    logistics_type: Loose | None = None
    finish_shipping: bool | None = None
    finish_shipping_count: Loose | None = None
    goods_desc: str | None = None
    shipping_list: tuple[ShippedParcel, ...] | None = None


class Payment(Read, frozen=True, kw_only=True):
    """A payment with its shipping; `paid_amount` in fen, times in seconds.

    `order_state` 1 waits for shipment, 2 shipped, 3 confirmed, 4 complete, 5 refunded, 6 the money
    waits for settlement.
    """

    transaction_id: Loose
    merchant_id: Loose | None = None
    sub_merchant_id: Loose | None = None
    merchant_trade_no: Loose | None = None
    description: str | None = None
    paid_amount: int | None = None
    openid: str | None = None
    trade_create_time: int | None = None
    pay_time: int | None = None
    order_state: Loose | None = None
    in_complaint: bool | None = None
    shipping: Shipping | None = None


class PayTimeRange(Written, frozen=True, kw_only=True):
    """A span of payment, in seconds; both ends belong to it."""

    begin_time: int
    end_time: int


class GetPayments(Written, frozen=True, kw_only=True):
    """A page of payments; `last_index` is that of the page before."""

    pay_time_range: PayTimeRange
    last_index: str | None = None
    page_size: int


class Payments(Read, frozen=True, kw_only=True):
    """A page of payments; `last_index` leads on if `has_more`."""

    order_list: list[Payment] | None = None
    last_index: str | None = None
    has_more: bool = False


class FoundPayment(Read, frozen=True, kw_only=True):
    """The response that contains the payment."""

    order: Payment
