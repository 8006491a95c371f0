"""Where an order stands and how it is paid."""

from enum import Enum

from schema.declare import means, public_enum


@public_enum
class OrderStatus(Enum):
    """Where an order stands, on a common scale: each platform knows some of these."""

    AWAITING_PAYMENT = means("AWAITING_PAYMENT", "The buyer has not paid.")
    AWAITING_CONFIRMATION = means(
        "AWAITING_CONFIRMATION",
        "The seller has still to confirm it; for goods that are not sent.",
    )
    CONFIRMED = means("CONFIRMED", "The seller has confirmed it; for goods that are not sent.")
    PROCESSING = means("PROCESSING", "It is being done; for goods that are not sent.")
    AWAITING_SHIPMENT = means("AWAITING_SHIPMENT", "It is still to be sent.")
    PARTIALLY_SHIPPED = means("PARTIALLY_SHIPPED", "Some of its goods are sent.")
    SHIPPED = means("SHIPPED", "All of it is sent.")
    COMPLETED = means("COMPLETED", "The buyer has it, and nothing is left to do.")
    CLOSED = means("CLOSED", "It was ended before it was completed.")
    REFUNDED = means("REFUNDED", "The money was paid back.")
    IN_DISPUTE = means("IN_DISPUTE", "The buyer complains (维权中).")
    HIDDEN = means(
        "HIDDEN",
        "The buyer deleted it, or `orderDelete` did where the platform cannot delete.",
    )
    UNKNOWN = means("UNKNOWN", "A code that no manual lists; `platformStatus` keeps it.")


@public_enum
class PaymentMethod(Enum):
    """How an order is paid."""

    ONLINE = means("ONLINE", "Online; to the shopping list it is OTHER.")
    CASH_ON_DELIVERY = means("CASH_ON_DELIVERY", "When the goods arrive.")
    WECHAT_PAY = means("WECHAT_PAY", "By WeChat Pay; to Baidu it is ONLINE.")
    OTHER = means("OTHER", "In some other way.")
    UNKNOWN = means("UNKNOWN", "The platform does not tell.")


@public_enum
class WritableOrderStatus(Enum):
    """What a caller may set. A platform that has no such status answers UNSUPPORTED_BY_PLATFORM."""

    AWAITING_PAYMENT = means("AWAITING_PAYMENT", "The buyer has not paid.")
    AWAITING_CONFIRMATION = means(
        "AWAITING_CONFIRMATION",
        "The seller has still to confirm it; for goods that are not sent.",
    )
    CONFIRMED = means("CONFIRMED", "The seller has confirmed it; for goods that are not sent.")
    PROCESSING = means("PROCESSING", "It is being done; for goods that are not sent.")
    AWAITING_SHIPMENT = means("AWAITING_SHIPMENT", "It is still to be sent.")
    SHIPPED = means("SHIPPED", "All of it is sent.")
    COMPLETED = means("COMPLETED", "The buyer has it, and nothing is left to do.")
    CLOSED = means("CLOSED", "It was ended before it was completed.")
    REFUNDED = means("REFUNDED", "The money was paid back.")
    HIDDEN = means("HIDDEN", "The buyer deleted it; Baidu only.")
