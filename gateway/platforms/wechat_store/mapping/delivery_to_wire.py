"""From delivery templates to what the platform takes (manual 3.1, 3.3)."""

from typing import Final

from gateway.platforms.wechat_store.mapping.delivery import PAYER, SERVICE, VALUATION
from gateway.platforms.wechat_store.wire.express import (
    NewFee,
    NewRegionalRule,
    NewRule,
    NewTemplate,
)
from schema.delivery import DeliveryFee, DeliveryTemplate, FeeRule, RegionalFeeRule

SERVICE_IDS: Final = {service: number for number, service in SERVICE.items()}
PAYER_CODES: Final = {payer: number for number, payer in PAYER.items()}
VALUATION_CODES: Final = {valuation: number for number, valuation in VALUATION.items()}


def template_to_wire(template: DeliveryTemplate) -> NewTemplate:
    """A template's whole document; nothing in it is UNKNOWN."""
    return NewTemplate(
        name=template.name,
        assumer=PAYER_CODES[template.payer],
        valuation=VALUATION_CODES[template.valuation],
        top_fee=[_fee(fee) for fee in template.fees],
    )


def _fee(fee: DeliveryFee) -> NewFee:
    return NewFee(
        type=SERVICE_IDS[fee.service],
        normal=_rule(fee.standard),
        custom=[_regional(rule) for rule in fee.regional],
    )


def _rule(rule: FeeRule) -> NewRule:
    return NewRule(
        start_standards=rule.start_units,
        start_fees=rule.start_fee.fen,
        add_standards=rule.additional_units,
        add_fees=rule.additional_fee.fen,
    )


def _regional(regional: RegionalFeeRule) -> NewRegionalRule:
    rule = regional.rule
    return NewRegionalRule(
        start_standards=rule.start_units,
        start_fees=rule.start_fee.fen,
        add_standards=rule.additional_units,
        add_fees=rule.additional_fee.fen,
        dest_country=regional.country,
        dest_province=regional.province,
        dest_city=regional.city,
    )
