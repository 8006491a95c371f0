"""Delivery templates to create or to change."""

from schema.declare import described, public_input
from schema.delivery import DeliveryPayer, DeliveryService, DeliveryValuation
from schema.money import MoneyInput


@public_input
class FeeRuleInput:
    """A fee for the first units and one for each further lot of units."""

    start_units: int = described("How many units the first fee covers.")
    start_fee: MoneyInput = described("The fee for the first units.")
    additional_units: int = described("The size of each further lot.")
    additional_fee: MoneyInput = described("The fee for each further lot.")


@public_input
class RegionalFeeRuleInput:
    """A fee rule of its own for one city; see `provinces`."""

    country: str = described("The country: 中国.")
    province: str = described("The province or municipality, as `provinces` calls it.")
    city: str = described("The city, as `provinces` calls it.")
    rule: FeeRuleInput = described("What it costs there.")


@public_input
class DeliveryFeeInput:
    """What one delivery service costs."""

    service: DeliveryService = described("The delivery service; each stands once.")
    standard: FeeRuleInput = described("What it costs where no regional rule applies.")
    regional: list[RegionalFeeRuleInput] | None = described(
        "Cities with fees of their own.", default=None
    )


@public_input
class DeliveryTemplateInput:
    """A delivery template as it shall be, whole. The platform takes BY_PIECE only."""

    name: str = described("What it is called.")
    payer: DeliveryPayer = described("Who pays.")
    valuation: DeliveryValuation = described(
        "What is counted: BY_PIECE; the platform takes nothing else."
    )
    fees: list[DeliveryFeeInput] = described("The fees of each delivery service: at least one.")
