"""Rules for delivery templates (manual 3.1, and the list of regions after it)."""

from collections.abc import Sequence
from typing import Final

from gateway.platforms.wechat_store.mapping.regions import PROVINCES
from gateway.platforms.wechat_store.rules.names import check_name
from gateway.ports.writing.inputs import read_fee_rule
from gateway.ports.writing.problems import Problems
from schema.delivery import (
    DeliveryFee,
    DeliveryPayer,
    DeliveryService,
    DeliveryTemplate,
    DeliveryValuation,
    RegionalFeeRule,
)
from schema.errors import ErrorCode
from schema.inputs.delivery import (
    DeliveryFeeInput,
    DeliveryTemplateInput,
    RegionalFeeRuleInput,
)
from schema.key import Key
from schema.shop import Shop

_COUNTRIES: Final = {province.country for province in PROVINCES}
_CITIES: Final = {province.name: frozenset(province.cities) for province in PROVINCES}


def template_from_input(
    given: DeliveryTemplateInput, shop: Shop, platform_id: str = ""
) -> DeliveryTemplate:
    """The template described by the input; a new one has no platform id yet.

    Raises:
        InputRefused: a rule is broken.
    """
    problems = Problems()
    check_name(given.name, problems, "name")
    if given.payer is DeliveryPayer.UNKNOWN:
        problems.add("Say who pays: BUYER or SELLER.", "payer")
    _check_valuation(given.valuation, problems)
    fees = _fees(given.fees, problems)
    problems.stop()
    return DeliveryTemplate(
        key=Key("DeliveryTemplate", shop.key_name, platform_id),
        shop=shop,
        platform_id=platform_id,
        name=given.name,
        payer=given.payer,
        valuation=given.valuation,
        fees=fees,
    )


def check_place(country: str, province: str, city: str, problems: Problems) -> None:
    """Notes the first part of a place that is not in the platform's list of regions."""
    if country not in _COUNTRIES:
        known = ", ".join(sorted(_COUNTRIES))
        problems.add(f"The platform knows no such country: use {known}.", "country")
    elif province not in _CITIES:
        problems.add("The platform knows no such province: see `provinces`.", "province")
    elif city not in _CITIES[province]:
        message = "The platform knows no such city in this province: see `provinces`."
        problems.add(message, "city")


def _check_valuation(valuation: DeliveryValuation, problems: Problems) -> None:
    if valuation is DeliveryValuation.UNKNOWN:
        problems.add("Say what is counted: BY_PIECE.", "valuation")
    elif valuation is not DeliveryValuation.BY_PIECE:
        problems.add(
            "The platform takes BY_PIECE only.",
            "valuation",
            code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
        )


def _fees(given: Sequence[DeliveryFeeInput], problems: Problems) -> list[DeliveryFee]:
    if not given:
        problems.add("At least one delivery service is needed.", "fees")
    told: set[DeliveryService] = set()
    fees = []
    for place, one in enumerate(given):
        inner = problems.below("fees", place)
        check_service(one.service, inner)
        if one.service in told:
            inner.add("This service is listed twice.", "service")
        told.add(one.service)
        fees.append(_fee(one, inner))
    return fees


def check_service(service: DeliveryService, problems: Problems) -> None:
    """Notes an invalid delivery service."""
    if service is DeliveryService.UNKNOWN:
        problems.add("Say which service: SURFACE_MAIL, EXPRESS or EMS.", "service")


def _fee(given: DeliveryFeeInput, problems: Problems) -> DeliveryFee:
    told: set[tuple[str, str]] = set()
    regional = []
    for place, one in enumerate(given.regional or ()):
        inner = problems.below("regional", place)
        check_place(one.country, one.province, one.city, inner)
        if one.district:
            inner.add("The platform has fees of cities, not of districts.", "district")
        if (one.province, one.city) in told:
            inner.add("This city is listed twice.", "city")
        told.add((one.province, one.city))
        regional.append(_regional(one, inner))
    standard = read_fee_rule(given.standard, problems.below("standard"))
    return DeliveryFee(service=given.service, standard=standard, regional=regional)


def _regional(given: RegionalFeeRuleInput, problems: Problems) -> RegionalFeeRule:
    return RegionalFeeRule(
        country=given.country,
        province=given.province,
        city=given.city,
        rule=read_fee_rule(given.rule, problems.below("rule")),
    )
