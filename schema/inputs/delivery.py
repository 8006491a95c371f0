"""Inputs of delivery templates: to create and to replace."""

from schema.declare import described, public_input
from schema.delivery import DeliveryPayer, DeliveryService, DeliveryValuation
from schema.money import MoneyInput


@public_input
class FeeRuleInput:
    """A shipping fee: one amount for the first units, and one for each further batch of units."""

    start_units: int = described("The number of units that the first fee covers.")
    start_fee: MoneyInput = described("The fee for the first units.")
    additional_units: int = described("The number of units in each further batch.")
    additional_fee: MoneyInput = described("The fee for each further batch.")


@public_input
class RegionalFeeRuleInput:
    """The fee rule of one city, for the classic store as `provinces` names it.

    A Weixin Store also has rules for whole provinces, with an empty city, and for districts.
    """

    country: str = described("The country: 中国.")
    province: str = described("The province or municipality, as named by `provinces`.")
    city: str = described("The city, as named by `provinces`; empty for a whole province.")
    district: str | None = described(
        "The district, in a Weixin Store alone; omit it for the whole city.", default=None
    )
    rule: FeeRuleInput = described("The fee rule there.")


@public_input
class DeliveryFeeInput:
    """The fees of one delivery service."""

    service: DeliveryService = described("The delivery service; each at most once.")
    standard: FeeRuleInput = described("The fee rule, unless a regional one applies.")
    regional: list[RegionalFeeRuleInput] | None = described(
        "Cities with their own fee rules.", default=None
    )


@public_input
class DeliveryTemplateInput:
    """A complete delivery template.

    The classic store accepts only BY_PIECE, a Weixin Store only one service, EXPRESS. What a Weixin
    Store's template has besides, such as its origin, stays; a new one takes the origin and the
    times of shipping of the shop's default template.
    """

    name: str = described("The name.")
    payer: DeliveryPayer = described("Who pays the shipping fee.")
    valuation: DeliveryValuation = described(
        "What the fees are calculated by: BY_PIECE, or in a Weixin Store BY_WEIGHT."
    )
    fees: list[DeliveryFeeInput] = described(
        "The fees of each delivery service; at least one, unless a Weixin Store's seller pays."
    )
