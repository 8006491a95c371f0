"""Order statuses and payment methods."""

from enum import Enum

from schema.declare import means, public_enum


@public_enum
class OrderStatus(Enum):
    """The status of an order on a common scale; each platform uses some of these."""

    AWAITING_PAYMENT = means("AWAITING_PAYMENT", "The buyer has not paid yet.")
    AWAITING_CONFIRMATION = means(
        "AWAITING_CONFIRMATION",
        "The seller has not confirmed it yet; virtual goods only.",
    )
    CONFIRMED = means("CONFIRMED", "The seller has confirmed it; virtual goods only.")
    PROCESSING = means("PROCESSING", "The seller is providing it; virtual goods only.")
    AWAITING_SHIPMENT = means("AWAITING_SHIPMENT", "It is paid and not shipped yet.")
    PARTIALLY_SHIPPED = means("PARTIALLY_SHIPPED", "Some of its goods are shipped.")
    SHIPPED = means("SHIPPED", "All of its goods are shipped.")
    COMPLETED = means("COMPLETED", "The buyer has received it, and nothing remains to be done.")
    CLOSED = means("CLOSED", "It was cancelled before it was completed.")
    REFUNDED = means("REFUNDED", "The money was refunded.")
    IN_DISPUTE = means("IN_DISPUTE", "The buyer has opened a dispute (维权中).")
    HIDDEN = means(
        "HIDDEN",
        "The buyer deleted it, or `orderDelete` did on a platform that cannot delete orders.",
    )
    UNKNOWN = means("UNKNOWN", "The platform sent an undocumented code; see `platformStatus`.")


@public_enum
class PaymentMethod(Enum):
    """How an order is paid."""

    ONLINE = means("ONLINE", "Online; sent to the shopping list as OTHER.")
    CASH_ON_DELIVERY = means("CASH_ON_DELIVERY", "Cash on delivery.")
    WECHAT_PAY = means("WECHAT_PAY", "By WeChat Pay; sent to Baidu as ONLINE.")
    OTHER = means("OTHER", "By another method.")
    UNKNOWN = means("UNKNOWN", "The platform does not report it.")


@public_enum
class WritableOrderStatus(Enum):
    """The statuses of an order that can be set.

    UNSUPPORTED_BY_PLATFORM if the platform has no such status.
    """

    AWAITING_PAYMENT = means("AWAITING_PAYMENT", "The buyer has not paid yet.")
    AWAITING_CONFIRMATION = means(
        "AWAITING_CONFIRMATION",
        "The seller has not confirmed it yet; virtual goods only.",
    )
    CONFIRMED = means("CONFIRMED", "The seller has confirmed it; virtual goods only.")
    PROCESSING = means("PROCESSING", "The seller is providing it; virtual goods only.")
    AWAITING_SHIPMENT = means("AWAITING_SHIPMENT", "It is paid and not shipped yet.")
    SHIPPED = means("SHIPPED", "All of its goods are shipped.")
    COMPLETED = means("COMPLETED", "The buyer has received it, and nothing remains to be done.")
    CLOSED = means("CLOSED", "It was cancelled before it was completed.")
    REFUNDED = means("REFUNDED", "The money was refunded.")
    HIDDEN = means("HIDDEN", "The buyer deleted it; Baidu only.")
