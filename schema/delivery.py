"""delivery."""

from enum import Enum

from schema.declare import described, public_enum, public_type
from schema.money import Money
from schema.node import Node
from schema.shop import Shop


@public_enum
class DeliveryPayer(Enum):
    """DeliveryPayer."""

    BUYER = "BUYER"
    SELLER = "SELLER"
    UNKNOWN = "UNKNOWN"


@public_enum
class DeliveryValuation(Enum):
    """DeliveryValuation."""

    BY_PIECE = "BY_PIECE"
    BY_WEIGHT = "BY_WEIGHT"
    BY_VOLUME = "BY_VOLUME"
    UNKNOWN = "UNKNOWN"


@public_enum
class DeliveryService(Enum):
    """DeliveryService."""

    SURFACE_MAIL = "SURFACE_MAIL"
    EXPRESS = "EXPRESS"
    EMS = "EMS"
    UNKNOWN = "UNKNOWN"


@public_type
class FeeRule:
    """FeeRule."""

    start_units: int = described("")
    start_fee: Money = described("")
    additional_units: int = described("")
    additional_fee: Money = described("")


@public_type
class RegionalFeeRule:
    """RegionalFeeRule."""

    country: str = described("")
    province: str = described("")
    city: str = described("")
    rule: FeeRule = described("")


@public_type
class DeliveryFee:
    """DeliveryFee."""

    service: DeliveryService = described("")
    standard: FeeRule = described("")
    regional: list[RegionalFeeRule] = described("")


@public_type
class DeliveryTemplate(Node):
    """DeliveryTemplate."""

    shop: Shop = described("")
    platform_id: str = described("")
    name: str = described("")
    payer: DeliveryPayer = described("")
    valuation: DeliveryValuation = described("")
    fees: list[DeliveryFee] = described("")
