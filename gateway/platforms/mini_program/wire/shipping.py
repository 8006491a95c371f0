"""Shipping reports: 发货信息录入 (weixin-store.md 9.2), and the carriers that they name."""

from typing import Literal

from gateway.platforms.mini_program.wire.base import Read, Written


class OrderKey(Written, frozen=True, kw_only=True):
    """A payment: 2 by its transaction id, 1 by the merchant's number and its own trade number."""

    order_number_type: Literal[1, 2]
    transaction_id: str | None = None
    mchid: str | None = None
    out_trade_no: str | None = None


class Contact(Written, frozen=True, kw_only=True):
    """The receiver's or the sender's number, masked but for its last four digits; SF needs it."""

    receiver_contact: str | None = None
    consignor_contact: str | None = None


class Parcel(Written, frozen=True, kw_only=True):
    """A parcel, or what is delivered without one; `item_desc` of 120 characters at the most."""

    tracking_no: str | None = None
    #: The carrier's delivery_id in the list of get_delivery_list.
    express_company: str | None = None
    item_desc: str
    contact: Contact | None = None


class Payer(Written, frozen=True, kw_only=True):
    """The buyer, by the open id of the Mini Program."""

    openid: str


class UploadShipping(Written, frozen=True, kw_only=True):
    """All parcels of a payment, 1 to 15.

    `logistics_type` 1 carrier, 3 nothing is delivered; `delivery_mode` 1 one parcel, 2 split.
    `upload_time` is RFC 3339 with milliseconds and offset: the later of two reports counts.
    """

    order_key: OrderKey
    logistics_type: Literal[1, 3]
    delivery_mode: Literal[1, 2]
    is_all_delivered: bool | None = None
    shipping_list: tuple[Parcel, ...]
    upload_time: str
    payer: Payer


class GetDeliveryList(Written, frozen=True, kw_only=True):
    """Asks for all carriers; the body is an empty object."""


class DeliveryCompany(Read, frozen=True, kw_only=True):
    """A carrier; the list holds more than a thousand."""

    delivery_id: str = ""
    delivery_name: str = ""


class DeliveryList(Read, frozen=True, kw_only=True):
    """All carriers."""

    delivery_list: list[DeliveryCompany] | None = None
