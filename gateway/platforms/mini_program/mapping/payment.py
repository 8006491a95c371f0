"""Maps a payment of the shipping management to an order of its own (查询订单列表)."""

from collections.abc import Mapping
from typing import Final

from gateway.ledger.payments import PaidOrder
from gateway.platforms.mini_program.wire import payment as wire
from gateway.platforms.mini_program.wire.base import Loose
from gateway.store.documents import OrderDocument, OrderItem, OrderPersonal, Payment, Shipment
from schema.order_status import OrderStatus

#: `order_state`; 6, the money waits for settlement, was added to the page later.
PAYMENT_STATUS: Final[Mapping[str, OrderStatus]] = {
    "1": OrderStatus.AWAITING_SHIPMENT,
    "2": OrderStatus.SHIPPED,
    "3": OrderStatus.COMPLETED,
    "4": OrderStatus.COMPLETED,
    "5": OrderStatus.REFUNDED,
    "6": OrderStatus.COMPLETED,
}


def paid_order(payment: wire.Payment) -> PaidOrder:
    """The payment as an order with one line, which its description names."""
    transaction = str(payment.transaction_id)
    code = None if payment.order_state is None else str(payment.order_state)
    status = PAYMENT_STATUS.get(code or "", OrderStatus.UNKNOWN)
    amount = payment.paid_amount or 0
    document = OrderDocument(
        platform_id=transaction,
        status=(OrderStatus.IN_DISPUTE if payment.in_complaint else status).name,
        platform_status=code,
        created_at=payment.trade_create_time or payment.pay_time or 0,
        items=(
            OrderItem(
                platform_product_id=transaction,
                title=payment.description or transaction,
                quantity=1,
                unit_price=amount,
            ),
        ),
        total=amount,
        payment=Payment(
            method="WECHAT_PAY",
            paid=True,
            paid_at=payment.pay_time,
            reference=transaction,
            merchant_id=_text(payment.merchant_id),
            merchant_trade_number=_text(payment.merchant_trade_no),
        ),
        shipments=_parcels(payment.shipping),
    )
    return PaidOrder(document, OrderPersonal(open_id=payment.openid))


def _parcels(shipping: wire.Shipping | None) -> tuple[Shipment, ...]:
    """The reported parcels; their carriers are codes of a list of their own."""
    listed = (shipping.shipping_list if shipping is not None else None) or ()
    return tuple(
        Shipment(
            carrier_name=parcel.express_company,
            tracking_number=parcel.tracking_no,
            shipped_at=_second(parcel.upload_time),
        )
        for parcel in listed
        if parcel.tracking_no
    )


def _text(value: Loose | None) -> str | None:
    return None if value is None else str(value) or None


def _second(value: Loose | None) -> int | None:
    """Unix seconds; None if the platform tells something else."""
    text = "" if value is None else str(value)
    return int(text) if text.isascii() and text.isdigit() else None
