"""Where an order stands and how it is paid."""

from enum import Enum

from schema.declare import public_enum


@public_enum
class OrderStatus(Enum):
    """Where an order stands, on a common scale: each platform knows some of these.

    AWAITING_CONFIRMATION, CONFIRMED and PROCESSING are for goods that are not sent; HIDDEN is
    deleted by the buyer; UNKNOWN stands for a code that no manual lists, which `platformStatus`
    keeps.
    """

    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    CONFIRMED = "CONFIRMED"
    PROCESSING = "PROCESSING"
    AWAITING_SHIPMENT = "AWAITING_SHIPMENT"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    COMPLETED = "COMPLETED"
    CLOSED = "CLOSED"
    REFUNDED = "REFUNDED"
    IN_DISPUTE = "IN_DISPUTE"
    HIDDEN = "HIDDEN"
    UNKNOWN = "UNKNOWN"


@public_enum
class PaymentMethod(Enum):
    """WECHAT_PAY is ONLINE to Baidu; ONLINE is OTHER to the shopping list."""

    ONLINE = "ONLINE"
    CASH_ON_DELIVERY = "CASH_ON_DELIVERY"
    WECHAT_PAY = "WECHAT_PAY"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


@public_enum
class WritableOrderStatus(Enum):
    """What a caller may set. A platform that has no such status answers UNSUPPORTED_BY_PLATFORM."""

    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    CONFIRMED = "CONFIRMED"
    PROCESSING = "PROCESSING"
    AWAITING_SHIPMENT = "AWAITING_SHIPMENT"
    SHIPPED = "SHIPPED"
    COMPLETED = "COMPLETED"
    CLOSED = "CLOSED"
    REFUNDED = "REFUNDED"
    HIDDEN = "HIDDEN"
