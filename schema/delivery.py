"""Delivery templates: shipping fees and the regions that they name."""

from enum import Enum

from schema.declare import described, means, public_enum, public_type
from schema.money import Money
from schema.node import Node
from schema.shop import Shop


@public_enum
class DeliveryPayer(Enum):
    """Who pays the shipping fee."""

    BUYER = means("BUYER", "The buyer.")
    SELLER = means("SELLER", "The seller.")
    UNKNOWN = means("UNKNOWN", "The platform sent an undocumented code; cannot be set.")


@public_enum
class DeliveryValuation(Enum):
    """What the shipping fee is calculated by."""

    BY_PIECE = means("BY_PIECE", "The number of pieces.")
    BY_WEIGHT = means("BY_WEIGHT", "The weight, in a Weixin Store in kilograms; set there alone.")
    BY_VOLUME = means("BY_VOLUME", "The volume; cannot be set.")
    UNKNOWN = means("UNKNOWN", "The platform sent an undocumented code; cannot be set.")


@public_enum
class DeliveryService(Enum):
    """How a parcel is sent."""

    SURFACE_MAIL = means("SURFACE_MAIL", "Surface mail (平邮).")
    EXPRESS = means("EXPRESS", "Courier (快递).")
    EMS = means("EMS", "EMS, the postal express service.")
    UNKNOWN = means("UNKNOWN", "The platform sent an undocumented code; cannot be set.")


@public_type
class FeeRule:
    """A shipping fee: one amount for the first units, and one for each further batch of units."""

    start_units: int = described("The number of units that the first fee covers.")
    start_fee: Money = described("The fee for the first units.")
    additional_units: int = described("The number of units in each further batch.")
    additional_fee: Money = described("The fee for each further batch.")


@public_type
class RegionalFeeRule:
    """The fee rule of one city; in a Weixin Store also of a whole province, or of a district."""

    country: str = described("The country, such as 中国.")
    province: str = described("The province or municipality.")
    city: str = described("The city; empty if the rule is for the whole province.")
    district: str | None = described(
        "The district of a Weixin Store's rule; null if the rule is for the whole city.",
        default=None,
    )
    rule: FeeRule = described("The fee rule there.")


@public_type
class DeliveryFee:
    """The fees of one delivery service."""

    service: DeliveryService = described("The delivery service.")
    standard: FeeRule = described("The fee rule, unless a regional one applies.")
    regional: list[RegionalFeeRule] = described("Cities with their own fee rules.")


@public_type
class DeliveryTemplate(Node):
    """A delivery template: shipping fees that products can share."""

    shop: Shop = described("The shop that it belongs to.")
    platform_id: str = described("The platform's own id.")
    name: str = described("The name.")
    payer: DeliveryPayer = described("Who pays the shipping fee.")
    valuation: DeliveryValuation = described("What the fees are calculated by.")
    fees: list[DeliveryFee] = described("The fees of each delivery service.")


@public_type
class Province:
    """A province or municipality, with its cities."""

    country: str = described("The country, such as 中国.")
    name: str = described("The name.")
    cities: list[str] = described("Its cities.")
