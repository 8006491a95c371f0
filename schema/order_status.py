"""order_status."""

from enum import Enum

from schema.declare import public_enum


@public_enum
class OrderStatus(Enum):
    """OrderStatus."""

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
