"""Maps delivery templates and flat rates to the public types, and back (manual 3, 1.1)."""

from collections.abc import Sequence
from typing import Final

from gateway.platforms.wechat_store.wire.express import (
    Fee,
    NewFee,
    NewRegionalRule,
    NewRule,
    NewTemplate,
    RegionalRule,
    Rule,
    Template,
)
from gateway.platforms.wechat_store.wire.product import Express
from gateway.wechat.scalars import money, shown, whole
from schema.delivery import (
    DeliveryFee,
    DeliveryPayer,
    DeliveryService,
    DeliveryTemplate,
    DeliveryValuation,
    FeeRule,
    RegionalFeeRule,
)
from schema.key import Key
from schema.money import Money
from schema.product_details import FlatRate
from schema.shop import Shop

#: The table after manual 1.1.
SERVICE: Final = {
    10000027: DeliveryService.SURFACE_MAIL,
    10000028: DeliveryService.EXPRESS,
    10000029: DeliveryService.EMS,
}
#: Manual 3.1, Assumer.
PAYER: Final = {0: DeliveryPayer.BUYER, 1: DeliveryPayer.SELLER}
#: Manual 3.1, Valuation; 0 if omitted.
VALUATION: Final = {
    0: DeliveryValuation.BY_PIECE,
    1: DeliveryValuation.BY_WEIGHT,
    2: DeliveryValuation.BY_VOLUME,
}

_NO_RULE: Final = Rule()


def template_from_wire(raw: Template, shop: Shop) -> DeliveryTemplate:
    """A delivery template."""
    platform_id = str(raw.id)
    payer = whole(raw.assumer)
    return DeliveryTemplate(
        key=Key("DeliveryTemplate", shop.key_name, platform_id),
        shop=shop,
        platform_id=platform_id,
        name=shown(raw.name) or "",
        payer=DeliveryPayer.UNKNOWN if payer is None else PAYER.get(payer, DeliveryPayer.UNKNOWN),
        valuation=VALUATION.get(whole(raw.valuation) or 0, DeliveryValuation.UNKNOWN),
        fees=[_fee(fee) for fee in raw.top_fee or ()],
    )


def flat_rates_from_wire(raw: Sequence[Express]) -> list[FlatRate]:
    """The price of each delivery service."""
    return [
        FlatRate(service=_service(rate.id), price=money(rate.price) or Money(fen=0)) for rate in raw
    ]


def _service(id_: int | str | None) -> DeliveryService:
    number = whole(id_)
    return (
        DeliveryService.UNKNOWN if number is None else SERVICE.get(number, DeliveryService.UNKNOWN)
    )


def _fee(raw: Fee) -> DeliveryFee:
    return DeliveryFee(
        service=_service(raw.type),
        standard=_rule(raw.normal or _NO_RULE),
        regional=[_regional(rule) for rule in raw.custom or ()],
    )


def _regional(raw: RegionalRule) -> RegionalFeeRule:
    return RegionalFeeRule(
        country=raw.dest_country or "",
        province=raw.dest_province or "",
        city=raw.dest_city or "",
        rule=_rule(raw),
    )


def _rule(raw: Rule) -> FeeRule:
    return FeeRule(
        start_units=whole(raw.start_standards) or 0,
        start_fee=money(raw.start_fees) or Money(fen=0),
        additional_units=whole(raw.add_standards) or 0,
        additional_fee=money(raw.add_fees) or Money(fen=0),
    )


SERVICE_IDS: Final = {service: number for number, service in SERVICE.items()}
PAYER_CODES: Final = {payer: number for number, payer in PAYER.items()}
VALUATION_CODES: Final = {valuation: number for number, valuation in VALUATION.items()}


def template_to_wire(template: DeliveryTemplate) -> NewTemplate:
    """A template's whole document; the template has no UNKNOWN values."""
    return NewTemplate(
        name=template.name,
        assumer=PAYER_CODES[template.payer],
        valuation=VALUATION_CODES[template.valuation],
        top_fee=[_fee_to_wire(fee) for fee in template.fees],
    )


def _fee_to_wire(fee: DeliveryFee) -> NewFee:
    return NewFee(
        type=SERVICE_IDS[fee.service],
        normal=_rule_to_wire(fee.standard),
        custom=[_regional_to_wire(rule) for rule in fee.regional],
    )


def _rule_to_wire(rule: FeeRule) -> NewRule:
    return NewRule(
        start_standards=rule.start_units,
        start_fees=rule.start_fee.fen,
        add_standards=rule.additional_units,
        add_fees=rule.additional_fee.fen,
    )


def _regional_to_wire(regional: RegionalFeeRule) -> NewRegionalRule:
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
