"""Maps a shipped order of the ledger to the report of its shipping (发货信息录入)."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import structs

from gateway.china_days import CHINA
from gateway.ledger.requirements import InvalidForPlatform, Requirements, Violation
from gateway.platforms.mini_program.mapping.carriers import CARRIER_BY_CODE
from gateway.platforms.mini_program.mapping.order_to_wire import Brand
from gateway.platforms.mini_program.wire import shipping as wire
from gateway.ports.carriers import CARRIER_NAMES, named
from gateway.store.documents import (
    OrderDocument,
    OrderPersonal,
    Payment,
    Shipment,
)

_NAME: Final = "the report of the shipping"
#: Parcels and characters of one report at the most.
MOST_PARCELS: Final = 15
MOST_CHARACTERS: Final = 120
_SHOWN_DIGITS: Final = 4
_MOBILE_DIGITS: Final = 11
_SF: Final = "sf"


def is_identified(payment: Payment | None) -> bool:
    """Whether WeChat Pay can find the payment: its shipping can be reported then."""
    if payment is None or not payment.paid:
        return False
    return bool(payment.reference or (payment.merchant_id and payment.merchant_trade_number))


def order_key(payment: Payment) -> wire.OrderKey:
    """The key of a payment that `is_identified`."""
    if payment.reference:
        return wire.OrderKey(order_number_type=2, transaction_id=payment.reference)
    return wire.OrderKey(
        order_number_type=1,
        mchid=payment.merchant_id,
        out_trade_no=payment.merchant_trade_number,
    )


def shipping_report(
    document: OrderDocument, personal: OrderPersonal, brand: Brand
) -> wire.UploadShipping:
    """The report of all parcels of an order, whose payment is identified.

    The platform keeps no parcel of an earlier report that a later one lacks, as far as is known:
    each report holds them all. `express_company` of a parcel is the carrier's name until the
    delivery looks its code up.

    Raises:
        InvalidForPlatform: the buyer is unknown, there are too many parcels, or SF lacks a number
            of the receiver and of the sender.
    """
    needs = Requirements(_NAME)
    parcels = document.shipments
    if len(parcels) > MOST_PARCELS:
        needs.wrong(f"one payment is shipped in {MOST_PARCELS} parcels at the most", "shipments")
    whole = _is_whole(document)
    split = len(parcels) > 1 or not whole
    assert document.payment is not None  # noqa: S101 - it is identified
    report = wire.UploadShipping(
        order_key=order_key(document.payment),
        logistics_type=1 if parcels else 3,
        delivery_mode=2 if split else 1,
        is_all_delivered=whole if split else None,
        shipping_list=_parcels(document, _contact(document, personal, brand), needs),
        upload_time=_upload_time(document),
        payer=wire.Payer(openid=needs.given(personal.open_id, "openId", instead="")),
    )
    return needs.settle(report)


def with_codes(
    report: wire.UploadShipping, companies: Sequence[wire.DeliveryCompany]
) -> wire.UploadShipping:
    """The report with the platform's codes of its carriers.

    Raises:
        InvalidForPlatform: the platform's list has no such carrier.
    """
    codes = {company.delivery_name: company.delivery_id for company in companies}
    parcels, violations = [], []
    for place, parcel in enumerate(report.shipping_list):
        names = _other_names(parcel.express_company)
        code = next((codes[name] for name in names if name in codes), None)
        if names and code is None:
            message = f"the platform's list of carriers has no {names[0]}"
            violations.append(Violation(("shipments", str(place), "carrierName"), message))
        parcels.append(structs.replace(parcel, express_company=code))
    if violations:
        raise InvalidForPlatform(tuple(violations))
    return structs.replace(report, shipping_list=tuple(parcels))


def _other_names(name: str | None) -> Sequence[str]:
    """The name of a carrier, and the others by which platforms write it; empty: there is none."""
    if not name:
        return ()
    key = named(name).key
    return (name, *(CARRIER_NAMES[key] if key is not None else ()))


def _parcels(
    document: OrderDocument, contact: wire.Contact | None, needs: Requirements
) -> tuple[wire.Parcel, ...]:
    if not document.shipments:
        return (wire.Parcel(item_desc=_described(document, None)),)
    return tuple(
        _parcel(document, shipment, contact, needs, "shipments", str(place))
        for place, shipment in enumerate(document.shipments)
    )


def _parcel(
    document: OrderDocument,
    shipment: Shipment,
    contact: wire.Contact | None,
    needs: Requirements,
    *path: str,
) -> wire.Parcel:
    listed = CARRIER_BY_CODE.get(shipment.carrier_code)
    name = shipment.carrier_name or (listed.name if listed else None)
    if not name or named(name).key != _SF:
        # The others need no number: it stays here.
        contact = None
    elif contact is None:
        needs.wrong("SF needs the receiver's number", "shippingAddress", "mobile")
    return wire.Parcel(
        tracking_no=needs.given(shipment.tracking_number, *path, "trackingNumber", instead=""),
        express_company=needs.given(name, *path, "carrierName", instead=""),
        item_desc=_described(document, shipment),
        contact=contact,
    )


def _contact(document: OrderDocument, personal: OrderPersonal, brand: Brand) -> wire.Contact | None:
    """The receiver's number, else the shop's."""
    address = personal.shipping_address
    number = address and (address.mobile or address.phone)
    if number:
        return wire.Contact(receiver_contact=_masked(number))
    sender = document.brand_phone or brand.phone
    return wire.Contact(consignor_contact=_masked(sender)) if sender else None


def _described(document: OrderDocument, shipment: Shipment | None) -> str:
    """What is delivered, as "T恤*2; 帽子*1", cut to the platform's length."""
    titles = {
        (item.platform_product_id, item.platform_sku_id): item.title for item in document.items
    }
    held: Counter[str] = Counter()
    for one in (shipment.items if shipment is not None else ()) or document.items:
        goods = (one.platform_product_id, one.platform_sku_id)
        held[titles.get(goods, one.platform_product_id)] += one.quantity or _ordered(
            document, goods
        )
    return "; ".join(f"{title}*{count}" for title, count in held.items())[:MOST_CHARACTERS]


def _ordered(document: OrderDocument, goods: tuple[str, str | None]) -> int:
    """How many units the order has of these goods."""
    return sum(
        item.quantity
        for item in document.items
        if (item.platform_product_id, item.platform_sku_id) == goods
    )


def _is_whole(document: OrderDocument) -> bool:
    """Whether the parcels hold all of the order; they do if they do not say what they hold."""
    left = Counter[tuple[str, str | None]]()
    for item in document.items:
        left[item.platform_product_id, item.platform_sku_id] += item.quantity
    for shipment in document.shipments:
        if not shipment.items:
            return True
        for one in shipment.items:
            goods = (one.platform_product_id, one.platform_sku_id)
            left[goods] -= left[goods] if one.quantity is None else one.quantity
    return not document.shipments or all(count <= 0 for count in left.values())


def _masked(number: str) -> str:
    """A number of which the last four digits are told, and of a mobile phone the first three."""
    begin = number[:3] if len(number) == _MOBILE_DIGITS and number.isdigit() else ""
    return f"{begin}****{number[-_SHOWN_DIGITS:]}"


def _upload_time(document: OrderDocument) -> str:
    """When the order was shipped so: the same each time that the same report is sent."""
    shipped = (parcel.shipped_at or 0 for parcel in document.shipments)
    at = document.updated_at or max(shipped, default=0) or document.created_at
    moment = datetime.fromtimestamp(at, UTC).astimezone(CHINA)
    return moment.isoformat(timespec="milliseconds")
