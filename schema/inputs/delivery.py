"""Delivery templates to create or to change."""

from schema.declare import described, public_input
from schema.delivery import DeliveryPayer, DeliveryService, DeliveryValuation
from schema.inputs.money import MoneyInput


@public_input
class FeeRuleInput:
    """FeeRuleInput."""

    start_units: int = described("")
    start_fee: MoneyInput = described("")
    additional_units: int = described("")
    additional_fee: MoneyInput = described("")


@public_input
class RegionalFeeRuleInput:
    """RegionalFeeRuleInput."""

    country: str = described("")
    province: str = described("")
    city: str = described("")
    rule: FeeRuleInput = described("")


@public_input
class DeliveryFeeInput:
    """DeliveryFeeInput."""

    service: DeliveryService = described("")
    standard: FeeRuleInput = described("")
    regional: list[RegionalFeeRuleInput] | None = described("", default=None)


@public_input
class DeliveryTemplateInput:
    """The platform takes BY_PIECE only."""

    name: str = described("")
    payer: DeliveryPayer = described("")
    valuation: DeliveryValuation = described("")
    fees: list[DeliveryFeeInput] = described("")
