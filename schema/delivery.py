"""Delivery templates: what sending a product costs, and the regions that they name."""

from enum import Enum

from schema.declare import described, means, public_enum, public_type
from schema.money import Money
from schema.node import Node
from schema.shop import Shop


@public_enum
class DeliveryPayer(Enum):
    """Who pays for delivery."""

    BUYER = means("BUYER", "The buyer.")
    SELLER = means("SELLER", "The seller.")
    UNKNOWN = means("UNKNOWN", "A code that no manual lists; not to be set.")


@public_enum
class DeliveryValuation(Enum):
    """What a delivery fee counts."""

    BY_PIECE = means("BY_PIECE", "Pieces; the only one that the platform takes.")
    BY_WEIGHT = means("BY_WEIGHT", "Weight; not to be set.")
    BY_VOLUME = means("BY_VOLUME", "Volume; not to be set.")
    UNKNOWN = means("UNKNOWN", "A code that no manual lists; not to be set.")


@public_enum
class DeliveryService(Enum):
    """How a parcel travels."""

    SURFACE_MAIL = means("SURFACE_MAIL", "Surface mail (平邮).")
    EXPRESS = means("EXPRESS", "A dispatcher (快递).")
    EMS = means("EMS", "The post's express service (EMS).")
    UNKNOWN = means("UNKNOWN", "A code that no manual lists; not to be set.")


@public_type
class FeeRule:
    """A fee for the first units and one for each further lot of units."""

    start_units: int = described("How many units the first fee covers.")
    start_fee: Money = described("The fee for the first units.")
    additional_units: int = described("The size of each further lot.")
    additional_fee: Money = described("The fee for each further lot.")


@public_type
class RegionalFeeRule:
    """A fee rule of its own for one city."""

    country: str = described("The country, such as 中国.")
    province: str = described("The province or municipality.")
    city: str = described("The city.")
    rule: FeeRule = described("What it costs there.")


@public_type
class DeliveryFee:
    """What one delivery service costs."""

    service: DeliveryService = described("The delivery service.")
    standard: FeeRule = described("What it costs where no regional rule applies.")
    regional: list[RegionalFeeRule] = described("Cities with fees of their own.")


@public_type
class DeliveryTemplate(Node):
    """A named set of delivery fees that products can share."""

    shop: Shop = described("The shop that it belongs to.")
    platform_id: str = described("The platform's own id.")
    name: str = described("What it is called.")
    payer: DeliveryPayer = described("Who pays.")
    valuation: DeliveryValuation = described("What is counted.")
    fees: list[DeliveryFee] = described("The fees of each delivery service.")


@public_type
class Province:
    """A province or municipality, with its cities."""

    country: str = described("The country, such as 中国.")
    name: str = described("What it is called.")
    cities: list[str] = described("Its cities.")
