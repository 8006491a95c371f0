"""Maps after-sales, reject reasons and return addresses from the platform's answers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from gateway.platforms.weixin_store.wire import address, after_sale
from gateway.ports.carriers import named
from gateway.wechat.scalars import moment, money, text, whole, yes
from schema.after_sale import (
    AfterSale,
    AfterSaleItem,
    AfterSaleKind,
    AfterSaleStatus,
    RejectReason,
    ReturnAddress,
)
from schema.after_sale_details import WeixinStoreAfterSaleDetails
from schema.key import Key
from schema.shipment import Carrier, Shipment
from schema.shop import Shop

#: `status`, with the platform's own spelling; any other is UNKNOWN (reference, section 4).
AFTER_SALE_STATUS: Final = {
    "MERCHANT_PROCESSING": AfterSaleStatus.APPLYING,
    "USER_WAIT_CONFIRM_UPDATE": AfterSaleStatus.APPLYING,
    "USER_WAIT_HANDLE_MERCHANT_AFTER_SALE": AfterSaleStatus.APPLYING,
    "USER_WAIT_RETURN": AfterSaleStatus.PROCESSING,
    "MERCHANT_WAIT_RECEIPT": AfterSaleStatus.PROCESSING,
    "MERCHANT_OVERDUE_REFUND": AfterSaleStatus.PROCESSING,
    "PLATFORM_REFUNDING": AfterSaleStatus.PROCESSING,
    "USER_WAIT_CONFIRM": AfterSaleStatus.PROCESSING,
    "WAIT_PACKAGE_INTERCEPT": AfterSaleStatus.PROCESSING,
    "USER_WAIT_RECEIPT": AfterSaleStatus.PROCESSING,
    # The money is still owed.
    "PLATFORM_REFUND_FAIL": AfterSaleStatus.PROCESSING,
    "MERCHANT_REFUND_SUCCESS": AfterSaleStatus.REFUNDED,
    "MERCHANT_RETURN_SUCCESS": AfterSaleStatus.REFUNDED,
    "MERCHANT_EXCHANGE_SUCCESS": AfterSaleStatus.EXCHANGED,
    "USER_CANCELD": AfterSaleStatus.CLOSED,
    "RETURN_CLOSED": AfterSaleStatus.CLOSED,
    "MERCHANT_FAIL": AfterSaleStatus.CLOSED,
    "MERCHANT_REFUND_RETRY_FAIL": AfterSaleStatus.CLOSED,
    "MERCHANT_REJECT_REFUND": AfterSaleStatus.REJECTED,
    "MERCHANT_REJECT_RETURN": AfterSaleStatus.REJECTED,
    "MERCHANT_REJECT_EXCHANGE": AfterSaleStatus.REJECTED,
    "MERCHANT_REJECT_RESHIP": AfterSaleStatus.REJECTED,
}
AFTER_SALE_KIND: Final = {
    "REFUND": AfterSaleKind.REFUND_ONLY,
    "RETURN": AfterSaleKind.RETURN_AND_REFUND,
    "EXCHANGE": AfterSaleKind.EXCHANGE,
}
_OPEN: Final = frozenset({AfterSaleStatus.APPLYING, AfterSaleStatus.PROCESSING})
#: From here on a `deadline` is a time, below it the seconds that are left: 2001, or 32 years.
_FIRST_TIME: Final = 1_000_000_000


def after_sale_from_wire(
    raw: after_sale.AfterSale,
    shop: Shop,
    document: Callable[[], Any],
    answered_at: datetime,
) -> AfterSale:
    """The after-sale; `answered_at` is when the platform sent it."""
    order_id, own_id = str(raw.order_id), str(raw.after_sale_order_id)
    key = Key("AfterSale", shop.key_name, order_id, own_id)
    code = text(raw.status) or ""
    status = AFTER_SALE_STATUS.get(code, AfterSaleStatus.UNKNOWN)
    kind = AFTER_SALE_KIND.get(text(raw.type) or "", AfterSaleKind.UNKNOWN)
    refund = None
    if kind is not AfterSaleKind.EXCHANGE and raw.refund_info is not None:
        refund = money(raw.refund_info.amount)
    return AfterSale(
        key=key,
        order_key=Key("Order", shop.key_name, order_id),
        shop=shop,
        platform=shop.platform,
        platform_id=own_id,
        status=status,
        platform_status=code,
        kind=kind,
        refund=refund,
        items=[_item(raw.product_info, key)] if raw.product_info is not None else [],
        created_at=moment(raw.create_time),
        updated_at=moment(raw.update_time),
        # Newer reasons are numbers without a name: the text says more.
        reason_given=raw.reason_text or text(raw.reason),
        answer_before=_deadline(raw, answered_at) if status in _OPEN else None,
        details=_details(raw, key),
        raw_source=document,
        open_id=raw.openid or None,
    )


def _deadline(raw: after_sale.AfterSale, answered_at: datetime) -> datetime | None:
    """Until when the shop must answer, to the second; sources differ on the unit (C)."""
    number = whole(raw.deadline)
    if number is None or number <= 0:
        return None
    if number >= _FIRST_TIME:
        return moment(number)
    return moment(int(answered_at.timestamp()) + number)


def _item(raw: after_sale.ProductInfo, after_sale_key: Key) -> AfterSaleItem:
    product = text(raw.product_id) or ""
    return AfterSaleItem(
        after_sale_key=after_sale_key,
        product_key=Key("Product", after_sale_key.shop, product) if product else None,
        platform_product_id=product,
        quantity=whole(raw.count) or 0,
    )


def _details(raw: after_sale.AfterSale, key: Key) -> WeixinStoreAfterSaleDetails:
    given = raw.details
    told: Sequence[after_sale.Details] = (
        given if isinstance(given, list) else [given] if given is not None else []
    )
    texts = [one.desc for one in told if one.desc]
    return WeixinStoreAfterSaleDetails(
        reason_code=text(raw.reason),
        description_given="\n".join(texts) or None,
        evidence=[str(media) for one in told for media in one.media_id_list or () if media],
        return_parcel=_parcel(raw.return_info, key),
        complaint_id=_given(raw.complaint_id),
    )


def _given(value: int | str | None) -> str | None:
    """An id as text; None for 0 and for an empty text, by which the platform says "none"."""
    found = text(value)
    return None if found == "0" else found


def _parcel(raw: after_sale.ReturnInfo | None, key: Key) -> Shipment | None:
    if raw is None or not text(raw.waybill_id):
        return None
    code, name = text(raw.delivery_id), raw.delivery_name or None
    carrier = None
    if code or name:
        known = named(name) if name else Carrier()
        carrier = Carrier(code=code, name=name, key=known.key)
    # Its id is made of the after-sale's key: the order's own parcels have the order's.
    return Shipment(order_key=key, carrier=carrier, tracking_number=text(raw.waybill_id))


def reject_reasons_from_wire(raw: after_sale.RejectReasonsResponse) -> Sequence[RejectReason]:
    """The reasons, in the platform's order."""
    listed = raw.reason_list or raw.reject_reason_list or ()
    return [
        RejectReason(
            code=str(one.reject_reason_type),
            text=one.reject_reason_type_text or one.reject_reason or "",
        )
        for one in listed
    ]


def return_address_from_wire(raw: address.Address) -> ReturnAddress | None:
    """The address; None if goods are not returned to it."""
    default = yes(raw.default_recv)
    if not default and not yes(raw.recv_addr):
        return None
    info = raw.address_info or address.AddressInfo()
    parts = (
        info.province_name,
        info.city_name,
        info.county_name,
        info.detail_info,
        text(info.house_number),
    )
    return ReturnAddress(
        platform_id=str(raw.address_id),
        name=info.user_name or None,
        address=" ".join(part for part in parts if part) or None,
        default=default,
    )
